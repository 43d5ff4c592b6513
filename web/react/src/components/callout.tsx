import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "../lib/cn";

const STYLE = {
  info: { icon: Info, box: "border-busy/25 bg-busy-soft/60", text: "text-busy" },
  good: { icon: CircleCheck, box: "border-good/25 bg-good-soft/60", text: "text-good" },
  warn: { icon: TriangleAlert, box: "border-warn/30 bg-warn-soft/70", text: "text-warn" },
  bad: { icon: CircleAlert, box: "border-bad/30 bg-bad-soft/60", text: "text-bad" },
};

/** A message that stays in the page, in place of a passing toast. */
export function Callout(props: {
  tone: keyof typeof STYLE;
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
}) {
  const style = STYLE[props.tone];
  const Icon = style.icon;
  return (
    <div
      role={props.tone === "bad" ? "alert" : "status"}
      className={cn("flex items-start gap-3 rounded-md border px-3.5 py-3", style.box, props.className)}
    >
      <Icon className={cn("mt-0.5 size-4 shrink-0", style.text)} aria-hidden />
      <div className="min-w-0 grow">
        <p className="break-words font-medium text-sm text-text">{props.title}</p>
        {props.children ? (
          <div className="mt-0.5 break-words text-muted text-sm">{props.children}</div>
        ) : null}
      </div>
      {props.action}
    </div>
  );
}
