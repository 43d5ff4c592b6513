import { cn, PlinthMark, useProduct } from "@plinth/react";

/** The product's own logo, as an image: markup from the product folder is never run in this page. */
export function ProductLogo({ className }: { className?: string }) {
  const { logo_svg: svg } = useProduct();
  if (!svg) return <PlinthMark className={className} />;
  return (
    <img alt="" src={`data:image/svg+xml,${encodeURIComponent(svg)}`} className={cn("size-5", className)} />
  );
}
