import type { ReactNode } from "react";
import { cn } from "../lib/cn";
import type { Tone } from "./status";
import { RelativeTime } from "./time";

export interface TimelineItem {
  key: string;
  at: string;
  title: ReactNode;
  detail?: ReactNode;
  tone?: Tone;
}

const DOT: Record<Tone, string> = {
  live: "border-live bg-live",
  good: "border-good bg-good",
  busy: "border-busy bg-surface",
  warn: "border-warn bg-warn",
  bad: "border-bad bg-bad",
  idle: "border-line-strong bg-surface",
};

/** What happened, newest first. */
export function Timeline({ items, label }: { items: TimelineItem[]; label: string }) {
  return (
    <ol aria-label={label} className="relative">
      {items.map((item, index) => (
        <li key={item.key} className="relative flex gap-3 pb-4 last:pb-0">
          {index < items.length - 1 ? (
            <span className="absolute top-4 bottom-0 left-[3.5px] w-px bg-line" aria-hidden />
          ) : null}
          <span
            className={cn(
              "relative mt-1.5 size-2 shrink-0 rounded-full border-[1.5px]",
              DOT[item.tone ?? "idle"],
            )}
            aria-hidden
          />
          <div className="min-w-0 grow">
            <div className="flex items-baseline justify-between gap-3">
              <div className="min-w-0 break-words text-sm text-text">{item.title}</div>
              <RelativeTime at={item.at} className="num shrink-0 text-faint text-xs" />
            </div>
            {item.detail ? <div className="mt-0.5 break-words text-muted text-xs">{item.detail}</div> : null}
          </div>
        </li>
      ))}
    </ol>
  );
}
