import { diffLines } from "diff";
import { useMemo } from "react";
import { cn } from "../lib/cn";

const LOOK = {
  added: { mark: "+", row: "bg-good-soft", text: "text-good", word: "added" },
  removed: { mark: "−", row: "bg-bad-soft", text: "text-bad", word: "removed" },
  same: { mark: "", row: undefined, text: "text-muted", word: undefined },
};

/** What changed from one text to the next, line by line. */
export function TextDiff({ label, before, after }: { label: string; before: string; after: string }) {
  const lines = useMemo(() => linesOf(before, after), [before, after]);
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
      tabIndex={0}
      className="max-h-120 overflow-auto rounded-md border border-line bg-sunken py-2"
    >
      <ol className="w-max min-w-full font-mono text-xs leading-5">
        {lines.map(({ kind, text, key }) => {
          const look = LOOK[kind];
          return (
            <li key={key} className={cn("flex gap-2 px-3", look.row)}>
              <span className={cn("w-3 shrink-0 select-none font-semibold", look.text)} aria-hidden>
                {look.mark}
              </span>
              {look.word ? <span className="sr-only">{look.word} </span> : null}
              <code className={cn("whitespace-pre", look.text)}>{text || " "}</code>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

interface Line {
  key: number;
  kind: keyof typeof LOOK;
  text: string;
}

function linesOf(before: string, after: string): Line[] {
  const changes = diffLines(ended(before), ended(after)).flatMap((change) => {
    const kind = change.added ? "added" : change.removed ? "removed" : "same";
    const lines = change.value.replace(/\n$/, "").split("\n");
    return lines.map((text) => ({ kind, text }) as const);
  });
  return changes.map((line, key) => ({ ...line, key }));
}

/** A last line without its end is not another line. */
function ended(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
