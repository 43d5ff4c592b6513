import type { ReactNode } from "react";
import { cn } from "../lib/cn";

/** The head of a page: title, what it is about, and its main actions. */
export function PageHeader(props: {
  title: ReactNode;
  detail?: ReactNode;
  actions?: ReactNode;
  badge?: ReactNode;
}) {
  return (
    <header className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <div className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="break-words font-semibold text-ink text-xl tracking-[-0.018em]">{props.title}</h1>
          {props.badge}
        </div>
        {props.detail ? <div className="mt-0.5 max-w-2xl text-muted text-sm">{props.detail}</div> : null}
      </div>
      {props.actions ? (
        <div className="flex min-h-8 flex-wrap items-center gap-2">{props.actions}</div>
      ) : null}
    </header>
  );
}

export function Card(props: {
  title?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
  flush?: boolean;
}) {
  return (
    <section className={cn("min-w-0 rounded-lg border border-line bg-surface shadow-card", props.className)}>
      {props.title ? (
        <header className="flex min-h-11 items-center justify-between gap-3 border-line border-b px-4 py-1.5">
          <h2 className="font-semibold text-ink text-sm">{props.title}</h2>
          {props.actions}
        </header>
      ) : null}
      <div className={props.flush ? undefined : "p-4"}>{props.children}</div>
    </section>
  );
}

/** One number that matters, with what it means. */
export function Stat(props: { label: string; value: ReactNode; detail?: ReactNode; className?: string }) {
  return (
    <div className={cn("min-w-0 px-4 py-3.5", props.className)}>
      <dt className="truncate text-muted text-xs">{props.label}</dt>
      <dd className="num mt-1 truncate font-semibold text-ink text-xl tracking-[-0.02em]">{props.value}</dd>
      {props.detail ? <dd className="num mt-0.5 truncate text-faint text-xs">{props.detail}</dd> : null}
    </div>
  );
}

/** A row of `Stat`s in one frame, split by hairlines. */
export function StatGroup({ children, label }: { children: ReactNode; label: string }) {
  return (
    <dl
      aria-label={label}
      className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line shadow-card lg:grid-flow-col lg:auto-cols-fr lg:grid-cols-none [&>*]:bg-surface max-lg:[&>*:last-child:nth-child(odd)]:col-span-2"
    >
      {children}
    </dl>
  );
}

/** Term and value pairs, for details. */
export function Details({ items }: { items: { label: string; value: ReactNode }[] }) {
  return (
    <dl className="grid grid-cols-[minmax(7rem,auto)_1fr] gap-x-6 gap-y-2.5 text-sm">
      {items.map((item) => (
        <div key={item.label} className="contents">
          <dt className="text-muted">{item.label}</dt>
          <dd className="min-w-0 break-words text-text">{item.value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Avatar({ text, className }: { text: string; className?: string }) {
  return (
    <span
      aria-hidden
      className={cn(
        "inline-flex size-6 shrink-0 items-center justify-center rounded-full bg-accent-soft font-semibold text-2xs text-accent-strong",
        className,
      )}
    >
      {text}
    </span>
  );
}
