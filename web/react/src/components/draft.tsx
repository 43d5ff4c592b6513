import type { AuthorizeAnswer, JsonObject } from "@plinth/client";
import type { ReactNode } from "react";
import { isMet, requirementText, unmetOf, valuesText } from "../lib/requirements";
import { Callout } from "./callout";
import { type Control, Missing, Reason, refusedControl } from "./can";
import { InlineCode } from "./inline-code";
import { Popover } from "./popover";

/** What the server says of a draft that is typed. */
export interface DraftVerdict {
  /** Such as `pipelines:create`. */
  action: string;
  properties: JsonObject;
  /** Of the draft as it rested last; `undefined` as long as nothing is known. */
  answer: AuthorizeAnswer | undefined;
}

/** Whether the draft is known to be refused. Where it cannot be asked, the server says it when it is sent. */
export function isRefused({ answer }: DraftVerdict): boolean {
  return answer?.allowed === false;
}

/** The control that sends a draft: while the draft would be refused it does nothing, and tells why. */
export function CanSend({ verdict, children }: { verdict: DraftVerdict; children: Control }) {
  if (!isRefused(verdict)) return children;
  return (
    <Popover label="Why can't I?" trigger={refusedControl(children)}>
      <div className="flex flex-col gap-2 text-sm">
        <p className="font-semibold text-ink">Why can't I?</p>
        <WhyRefused verdict={verdict} />
      </div>
    </Popover>
  );
}

/** Says before it is sent that a draft would be refused, and what it would need. */
export function DraftCallout({ verdict, className }: { verdict: DraftVerdict; className?: string }) {
  if (!isRefused(verdict)) return null;
  return (
    <Callout tone="warn" title="As it stands, this would be refused" className={className}>
      <div className="flex flex-col gap-1.5">
        <WhyRefused verdict={verdict} />
      </div>
    </Callout>
  );
}

function WhyRefused({ verdict: { action, properties, answer } }: { verdict: DraftVerdict }) {
  if (!answer) return null;
  const { requires } = answer;
  if (isMet(requires, properties)) {
    return (
      <>
        <Reason answer={answer} />
        <Missing action={action} />
      </>
    );
  }
  const [only, ...others] = requires;
  if (only && others.length === 0) {
    const unmet = unmetOf(only, properties);
    return (
      <>
        {unmet.map((name) => (
          <Words key={name} text={`The property \`${name}\` has to be ${valuesText(only[name] ?? [])}.`} />
        ))}
        <Otherwise action={action} />
      </>
    );
  }
  return (
    <>
      <p className="text-text">One of these has to hold:</p>
      <ul className="list-disc pl-4.5">
        {requires.map((each) => (
          <li key={requirementText(each)}>
            <InlineCode text={requirementText(each)} />
          </li>
        ))}
      </ul>
      <Otherwise action={action} />
    </>
  );
}

/** What can be mended here needs nobody else. */
function Otherwise({ action }: { action: string }) {
  return (
    <p className="text-muted">
      <InlineCode text={`Otherwise policies do not let you do \`${action}\`.`} /> Owners and admins of the
      organization can change that.
    </p>
  );
}

function Words({ text }: { text: string }): ReactNode {
  return (
    <p className="break-words text-text">
      <InlineCode text={text} />
    </p>
  );
}
