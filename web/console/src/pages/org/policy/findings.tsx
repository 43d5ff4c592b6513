import { capitalize, cn, InlineCode } from "@plinth/react";
import { CircleAlert, TriangleAlert } from "lucide-react";
import type { Finding } from "./draft";

/** What was found in a draft, each with its line and column where the reader sees lines. */
export function Findings(props: { id?: string; findings: Finding[]; withLines: boolean }) {
  if (props.findings.length === 0) return null;
  return (
    <ul id={props.id} aria-label="Findings" className="flex flex-col gap-1.5 text-sm">
      {props.findings.map((finding) => {
        const error = finding.severity === "error";
        const Icon = error ? CircleAlert : TriangleAlert;
        return (
          <li key={`${finding.line} ${finding.column} ${finding.message}`} className="flex items-start gap-2">
            <Icon className={cn("mt-0.5 size-4 shrink-0", error ? "text-bad" : "text-warn")} aria-hidden />
            <span className="min-w-0 break-words text-text">
              {props.withLines && finding.line ? (
                <b className="mr-1.5 font-medium tabular-nums">
                  {finding.line}:{finding.column ?? 1}
                </b>
              ) : null}
              <InlineCode text={capitalize(finding.message)} />
            </span>
          </li>
        );
      })}
    </ul>
  );
}
