import type { AuthorizeAnswer, AuthorizeQuestion, Resource } from "@plinth/client";
import { cloneElement, isValidElement, type ReactElement, type ReactNode } from "react";
import { useCan } from "../data/account";
import { useAuthorize } from "../data/authorize";
import { sentence } from "../lib/format";
import { InlineCode } from "./inline-code";
import { Popover } from "./popover";
import { Skeleton } from "./progress";

/** A `Button`, also one that is a link. */
export type Control = ReactElement<{
  asChild?: boolean;
  children?: ReactNode;
  onClick?: unknown;
  type?: unknown;
  form?: unknown;
  pending?: unknown;
  "aria-disabled"?: boolean;
}>;

export interface CanProps {
  /** Such as `pipelines:pause`. */
  action: string;
  /** What it would be done to: one that was read with `_actions` needs no question, another by name or id. */
  resource?: Resource | string;
  /** What it would be done to when that does not exist yet. */
  draft?: AuthorizeQuestion["draft"];
  /** Stands in the place of the control that is refused. */
  fallback?: ReactNode;
  /** One control. */
  children: Control;
}

/**
 * A control that is there for those who may use it. What no policy could ever permit the caller is not offered; what is
 * refused for this one thing is shown and tells why.
 */
export function Can({ action, resource, draft, fallback, children }: CanProps) {
  const can = useCan();
  const known = typeof resource === "object" ? resource._actions : undefined;
  const question = questionOf(action, resource, draft);
  const { answers, error } = useAuthorize([question], { enabled: can(action) && known === undefined });
  // Where it cannot be asked, the server says it when it is tried.
  const allowed = known
    ? known.includes(verbOf(action))
    : (answers[0]?.allowed ?? (error ? true : undefined));
  if (!can(action)) return fallback ?? null;
  if (allowed) return children;
  if (fallback !== undefined) return fallback;
  const refused = refusedControl(children);
  if (allowed === undefined) return refused;
  return (
    <Popover label="Why can't I?" trigger={refused}>
      <Why question={question} />
    </Popover>
  );
}

/** Why the caller may not, which permission is missing, and who can give it. Asks when it is shown. */
export function Why({ question }: { question: AuthorizeQuestion }) {
  const { answers, error } = useAuthorize([question]);
  const [answer] = answers;
  return (
    <div className="flex flex-col gap-2 text-sm">
      <p className="font-semibold text-ink">Why can't I?</p>
      {answer ? <Reason answer={answer} /> : error ? null : <Skeleton className="w-56" />}
      <Missing action={question.action} />
    </div>
  );
}

/** Which permission is missing, and who can give it. */
export function Missing({ action }: { action: string }) {
  return (
    <p className="text-muted">
      The permission <InlineCode text={`\`${action}\``} /> is missing here. Owners and admins of the
      organization can grant it.
    </p>
  );
}

/** An answer in words, with the statements that decided, for those who may see them. */
export function Reason({ answer }: { answer: AuthorizeAnswer }) {
  return (
    <>
      <p className="break-words text-text">
        <InlineCode text={sentence(answer.reason)} />
      </p>
      {answer.statements.length > 0 ? (
        <ul className="flex max-h-48 flex-col gap-1.5 overflow-y-auto text-muted text-xs">
          {answer.statements.map((statement) => (
            <li key={`${statement.id.policy} ${statement.line}`}>
              <b className="font-medium text-text">{statement.id.policy}</b>:{" "}
              <InlineCode text={statement.says} />
              {Object.entries(statement.attributes).map(([name, value]) => (
                <code key={name} className="mt-0.5 block break-words font-mono">
                  {name}: {JSON.stringify(value)}
                </code>
              ))}
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
}

function questionOf(
  action: string,
  resource: CanProps["resource"],
  draft: CanProps["draft"],
): AuthorizeQuestion {
  if (resource !== undefined)
    return { action, resource: typeof resource === "string" ? resource : resource.id };
  return draft ? { action, draft } : { action };
}

function verbOf(action: string): string {
  return action.slice(action.indexOf(":") + 1);
}

/** The control as it looks, but it does nothing and leads nowhere. It stays in reach, so that it can be asked why. */
export function refusedControl(control: Control): Control {
  const { asChild, children } = control.props;
  const link = asChild && isValidElement<{ children?: ReactNode }>(children) ? children : undefined;
  return cloneElement(control, {
    asChild: undefined,
    onClick: undefined,
    type: "button",
    form: undefined,
    pending: false,
    "aria-disabled": true,
    children: link ? link.props.children : children,
  });
}
