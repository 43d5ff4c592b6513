import { cn } from "../lib/cn";
import { changesBetween } from "../lib/diff";
import { CodeBlock } from "./code";

export function JsonView({ value, label }: { value: unknown; label: string }) {
  return <CodeBlock label={label} code={JSON.stringify(value, null, 2)} />;
}

const MARK = { added: "+", removed: "−", changed: "~" };
const COLOR = { added: "text-good", removed: "text-bad", changed: "text-warn" };

/** What changed from one version to the next, field by field. */
export function DiffView({ before, after, ignore }: { before: unknown; after: unknown; ignore?: string[] }) {
  const changes = changesBetween(before, after, ignore);
  if (changes.length === 0)
    return <p className="text-muted text-sm">Nothing that you may read has changed.</p>;
  return (
    <ul className="flex flex-col divide-y divide-line overflow-hidden rounded-md border border-line bg-sunken font-mono text-xs">
      {changes.map((change) => (
        <li key={change.path} className="grid grid-cols-[1.25rem_minmax(0,1fr)] gap-y-0.5 px-3 py-2">
          <span className={cn("select-none font-semibold", COLOR[change.kind])} aria-hidden>
            {MARK[change.kind]}
          </span>
          <span className="break-all text-muted">
            <span className="sr-only">{change.kind} </span>
            {change.path}
          </span>
          <span className="col-start-2 break-words">
            {change.kind !== "added" ? (
              <del className="mr-2 text-bad decoration-bad/60">{show(change.before)}</del>
            ) : null}
            {change.kind !== "removed" ? (
              <ins className="text-good no-underline">{show(change.after)}</ins>
            ) : null}
          </span>
        </li>
      ))}
    </ul>
  );
}

function show(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
