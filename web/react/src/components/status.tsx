import type { ReactNode } from "react";
import { cn } from "../lib/cn";
import { humanize } from "../lib/format";

export type Tone = "live" | "good" | "busy" | "warn" | "bad" | "idle";

const BADGE: Record<Tone, string> = {
  live: "bg-live-soft text-live",
  good: "bg-good-soft text-good",
  busy: "bg-busy-soft text-busy",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
  idle: "bg-idle-soft text-idle",
};

const DOT: Record<Tone, string> = {
  live: "bg-live",
  good: "bg-good",
  busy: "bg-busy",
  warn: "bg-warn",
  bad: "bg-bad",
  idle: "bg-idle",
};

/** States that products commonly report; anything else is shown as it is, in a quiet tone. */
const TONES: Record<string, Tone> = {
  streaming: "live",
  running: "live",
  ready: "live",
  active: "live",
  available: "live",
  completed: "good",
  succeeded: "good",
  done: "good",
  pending: "busy",
  queued: "busy",
  connecting: "busy",
  creating: "busy",
  starting: "busy",
  provisioning: "busy",
  snapshotting: "busy",
  updating: "busy",
  pausing: "busy",
  resuming: "busy",
  deleting: "warn",
  retrying: "warn",
  degraded: "warn",
  failed: "bad",
  error: "bad",
  paused: "idle",
  stopped: "idle",
  deleted: "idle",
};

export function toneOf(state: string): Tone {
  return TONES[state] ?? "idle";
}

export function StatusDot({ tone, className }: { tone: Tone; className?: string }) {
  const moving = tone === "live" || tone === "busy";
  return (
    <span className={cn("relative inline-flex size-1.5 shrink-0", className)} aria-hidden>
      {moving ? (
        <span className={cn("absolute inset-0 rounded-full motion-safe:animate-live", DOT[tone])} />
      ) : null}
      <span className={cn("relative size-full rounded-full", DOT[tone])} />
    </span>
  );
}

export function StatusBadge({ state, label, tone }: { state: string; label?: string; tone?: Tone }) {
  const shown = tone ?? toneOf(state);
  return (
    <span
      data-state={state}
      className={cn(
        "inline-flex h-5.5 items-center gap-1.5 whitespace-nowrap rounded-full pr-2.5 pl-2 font-medium text-xs",
        BADGE[shown],
      )}
    >
      <StatusDot tone={shown} />
      {label ?? humanize(state)}
    </span>
  );
}

/** A small neutral label: a role, a kind, a plan. */
export function Tag({ children, tone, className }: { children: ReactNode; tone?: Tone; className?: string }) {
  return (
    <span
      className={cn(
        "inline-flex h-5 items-center gap-1 whitespace-nowrap rounded-xs px-1.5 font-medium text-xs",
        tone ? BADGE[tone] : "bg-idle-soft text-muted",
        className,
      )}
    >
      {children}
    </span>
  );
}
