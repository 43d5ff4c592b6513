import { Progress as Radix } from "radix-ui";
import { cn } from "../lib/cn";

export interface ProgressProps {
  label: string;
  /** 0 to 1; `null` when the end is not known. */
  value: number | null;
  tone?: "accent" | "good" | "bad" | "idle";
  className?: string;
}

const FILL = { accent: "bg-accent", good: "bg-good", bad: "bg-bad", idle: "bg-idle" };

export function Progress({ label, value, tone = "accent", className }: ProgressProps) {
  const share = value === null ? null : Math.min(1, Math.max(0, value));
  return (
    <Radix.Root
      aria-label={label}
      value={share === null ? null : Math.round(share * 100)}
      className={cn("h-1.5 w-full overflow-hidden rounded-full bg-idle-soft", className)}
    >
      <Radix.Indicator
        className={cn(
          "block h-full rounded-full transition-[width] duration-500 ease-out",
          share === null && "w-2/5 motion-safe:animate-shimmer",
          FILL[tone],
        )}
        style={share === null ? undefined : { width: `${share * 100}%` }}
      />
    </Radix.Root>
  );
}

export function Skeleton({ className }: { className?: string }) {
  return (
    <div className={cn("h-4 rounded-sm bg-idle-soft motion-safe:animate-shimmer", className)} aria-hidden />
  );
}
