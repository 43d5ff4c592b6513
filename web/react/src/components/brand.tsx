import { cn } from "../lib/cn";

/** The mark: three courses of stone, the topmost in patina. */
export function PlinthMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 24 24" className={cn("size-5", className)} aria-hidden fill="none">
      <rect x="7.5" y="3.5" width="9" height="4.5" rx="1" className="fill-accent" />
      <rect x="5" y="9.75" width="14" height="4.5" rx="1" className="fill-ink opacity-80" />
      <rect x="2" y="16" width="20" height="4.5" rx="1" className="fill-ink" />
    </svg>
  );
}

/** A core sample: layered lines, denser below. Decoration only. */
export function Strata({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 400 300" preserveAspectRatio="none" className={className} aria-hidden fill="none">
      <defs>
        <linearGradient id="plinth-strata" x1="0" x2="1">
          <stop offset="0" stopColor="currentColor" stopOpacity="0" />
          <stop offset="1" stopColor="currentColor" stopOpacity="0.7" />
        </linearGradient>
      </defs>
      {LAYERS.map((layer) => (
        <path key={layer.y} d={layer.d} stroke="url(#plinth-strata)" strokeWidth={layer.width} />
      ))}
    </svg>
  );
}

const LAYERS = Array.from({ length: 22 }, (_, index) => {
  const depth = index / 21;
  const y = 14 + 276 * (1 - (1 - depth) ** 1.7);
  const bend = 16 * Math.sin(index * 0.9) * (1 - depth);
  const dip = 10 * Math.cos(index * 0.55);
  return {
    y,
    width: 0.75 + depth * 0.9,
    d: `M0 ${y} C 120 ${y + bend}, 240 ${y - bend - dip}, 400 ${y + dip * 0.5}`,
  };
});
