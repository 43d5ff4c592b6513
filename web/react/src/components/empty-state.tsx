import type { ReactNode } from "react";
import { cn } from "../lib/cn";
import { Strata } from "./brand";

export interface EmptyStateProps {
  title: string;
  children?: ReactNode;
  icon?: ReactNode;
  action?: ReactNode;
  className?: string;
}

/** Says what would be here, why it is worth having, and what to do next. */
export function EmptyState({ title, children, icon, action, className }: EmptyStateProps) {
  return (
    <div
      className={cn(
        "relative isolate flex flex-col items-start gap-3 overflow-hidden rounded-lg border border-line bg-surface p-6 sm:p-8",
        className,
      )}
    >
      <Strata className="absolute inset-y-0 right-0 -z-10 hidden h-full w-2/5 text-accent opacity-40 sm:block" />
      {icon ? (
        <div className="flex size-9 items-center justify-center rounded-md bg-accent-soft text-accent [&_svg]:size-4.5">
          {icon}
        </div>
      ) : null}
      <h2 className="font-semibold text-ink text-lg tracking-[-0.01em]">{title}</h2>
      {children ? <div className="max-w-xl text-base text-muted">{children}</div> : null}
      {action ? <div className="mt-2 flex flex-wrap gap-2">{action}</div> : null}
    </div>
  );
}
