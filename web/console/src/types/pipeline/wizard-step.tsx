import { cn } from "@plinth/react";
import { Check } from "lucide-react";
import type { ReactNode } from "react";

/** One step on the wizard's rail. Steps that have no answer yet stay in view, quietly. */
export function Step(props: {
  number: number;
  title: string;
  detail: string;
  done: boolean;
  idle?: boolean;
  last?: boolean;
  children: ReactNode;
}) {
  return (
    <li className={cn("relative flex gap-4", props.last ? "pb-2" : "pb-8")}>
      {props.last ? null : (
        <span className="absolute top-7 bottom-0 left-3 w-px bg-line max-sm:hidden" aria-hidden />
      )}
      <span
        aria-hidden
        className={cn(
          "num relative flex size-6 shrink-0 items-center justify-center rounded-full border font-medium text-xs max-sm:hidden",
          props.done
            ? "border-accent bg-accent text-on-accent"
            : "border-line-strong/60 bg-surface text-muted",
        )}
      >
        {props.done ? <Check className="size-3.5" strokeWidth={2.5} /> : props.number}
      </span>
      <section aria-label={props.title} className="min-w-0 grow">
        <h2 className="flex items-baseline gap-2.5 leading-6">
          <span className="font-semibold text-base text-ink">{props.title}</span>
          <span className="text-faint text-sm">{props.detail}</span>
        </h2>
        {props.idle ? null : <div className="mt-3 animate-fade">{props.children}</div>}
      </section>
    </li>
  );
}
