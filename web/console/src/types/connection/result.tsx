import type { ActionResult } from "@plinth/client";
import { Callout, capitalize, ErrorState, InlineCode } from "@plinth/react";

/** The answer of *test connection* or of a look inside: what was reached, or what to do about it. */
export function ResultCallout(props: {
  result: ActionResult | undefined;
  error?: unknown;
  okTitle?: string;
}) {
  const { result, error } = props;
  if (error) return <ErrorState error={error} title="The connection could not be tested" />;
  if (!result) return null;
  if (result.ok) {
    return (
      <Callout tone="good" title={props.okTitle ?? "Connected"}>
        {[result.server, result.message].filter(Boolean).join(" · ") || null}
      </Callout>
    );
  }
  return (
    <Callout tone="bad" title={<InlineCode text={capitalize(result.message ?? "Not reached")} />}>
      {result.hint ? <InlineCode text={capitalize(result.hint)} /> : null}
    </Callout>
  );
}
