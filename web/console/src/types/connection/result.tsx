import type { ActionResult } from "@plinth/client";
import { Callout, capitalize, ErrorState, InlineCode, sentence } from "@plinth/react";
import { useEffect, useRef } from "react";

interface ResultProps {
  result: ActionResult | undefined;
  error?: unknown;
}

/**
 * The answer of *test connection* or of a look inside: what was reached, or what to do about it. It comes some time
 * after the click, perhaps below the edge of the screen: then it is moved into sight.
 */
export function ResultCallout({ result, error }: ResultProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (result || error) box.current?.scrollIntoView?.({ block: "nearest" });
  }, [result, error]);
  if (!result && !error) return null;
  return (
    // The margin keeps the buttons below it in sight as well.
    <div ref={box} className="scroll-mb-20">
      <Answer result={result} error={error} />
    </div>
  );
}

function Answer({ result, error }: ResultProps) {
  if (error) return <ErrorState error={error} title="The connection could not be tested" />;
  if (!result) return null;
  if (result.ok) {
    return (
      <Callout tone="good" title="Connected">
        {[result.server, result.message].filter(Boolean).join(" · ") || null}
      </Callout>
    );
  }
  return (
    <Callout tone="bad" title={<InlineCode text={capitalize(result.message ?? "Not reached")} />}>
      {result.hint ? <InlineCode text={sentence(result.hint)} /> : null}
    </Callout>
  );
}
