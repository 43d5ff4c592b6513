import type { ComponentProps } from "react";
import { cn } from "../lib/cn";

export const controlClass = cn(
  "w-full rounded-sm border border-line bg-surface px-2.5 text-sm text-text shadow-card",
  "transition-colors hover:border-line-strong/60 focus-visible:border-accent focus-visible:outline-offset-0",
  "disabled:cursor-not-allowed disabled:bg-sunken disabled:text-muted [&[readonly]]:bg-sunken aria-invalid:border-bad",
);

export function Input({ className, ...props }: ComponentProps<"input">) {
  return <input className={cn(controlClass, "h-8 pointer-coarse:h-10", className)} {...props} />;
}

export function Textarea({ className, ...props }: ComponentProps<"textarea">) {
  return <textarea className={cn(controlClass, "min-h-20 py-1.5", className)} {...props} />;
}
