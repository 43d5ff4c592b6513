import { Check, Copy, TriangleAlert } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { cn } from "../lib/cn";
import { Button } from "./button";

/** Copies text; true for a moment afterwards, so that the control can say so. */
export function useCopy(): { copied: boolean; copy: (text: string) => Promise<void> } {
  const [copied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async (text: string) => {
    await writeClipboard(text);
    setCopied(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setCopied(false), 1600);
  };
  return { copied, copy };
}

/** The clipboard API exists only in secure contexts; a selection and `copy` works on plain HTTP too. */
async function writeClipboard(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

export function CopyButton({
  text,
  label = "Copy",
  className,
}: {
  text: string;
  label?: string;
  className?: string;
}) {
  const { copied, copy } = useCopy();
  return (
    <Button size="sm" className={className} onClick={() => void copy(text)}>
      {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
      <span aria-live="polite">{copied ? "Copied" : label}</span>
    </Button>
  );
}

/** Text that is copied by a click on it: ids, request ids. */
export function CopyText({ text, className, label }: { text: string; className?: string; label?: string }) {
  const { copied, copy } = useCopy();
  return (
    <button
      type="button"
      title="Copy"
      aria-label={`Copy ${label ?? text}`}
      onClick={() => void copy(text)}
      className={cn(
        "group inline-flex min-w-0 max-w-full items-center gap-1.5 rounded-xs font-mono text-muted text-xs hover:text-text",
        className,
      )}
    >
      <span className="truncate">{text}</span>
      {copied ? (
        <Check className="size-3 shrink-0 text-good" aria-hidden />
      ) : (
        <Copy
          className="size-3 shrink-0 opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100"
          aria-hidden
        />
      )}
    </button>
  );
}

/** A secret that the server tells once: it says so, and hides nothing that would force a second try. */
export function CopyOnce({ label, secret, note }: { label: string; secret: string; note?: ReactNode }) {
  return (
    <div className="rounded-md border border-warn/40 bg-warn-soft p-3.5">
      <p className="flex items-center gap-2 font-medium text-sm text-warn">
        <TriangleAlert className="size-4 shrink-0" aria-hidden />
        Copy it now: it is not shown again
      </p>
      <div className="mt-2.5 flex items-center gap-2">
        <input
          readOnly
          aria-label={label}
          value={secret}
          onFocus={(event) => event.target.select()}
          className="h-8 min-w-0 grow rounded-sm border border-line bg-surface px-2.5 font-mono text-text text-xs"
        />
        <CopyButton text={secret} className="h-8" />
      </div>
      {note ? <div className="mt-2.5 text-muted text-sm">{note}</div> : null}
    </div>
  );
}

export function CodeBlock({
  code,
  label = "Code",
  className,
}: {
  code: string;
  label?: string;
  className?: string;
}) {
  return (
    <div
      className={cn(
        "flex items-start rounded-md border border-line bg-sunken max-sm:flex-col-reverse",
        className,
      )}
    >
      <section
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
        tabIndex={0}
        className="max-h-120 min-w-0 grow overflow-auto px-3.5 py-3 max-sm:w-full max-sm:pt-1"
      >
        <pre className="font-mono text-text text-xs leading-5">
          <code>{code}</code>
        </pre>
      </section>
      <CopyButton text={code} className="m-2 shrink-0 max-sm:mb-0 max-sm:self-end" />
    </div>
  );
}
