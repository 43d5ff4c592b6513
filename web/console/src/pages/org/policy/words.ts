import type { Literal, PolicySignal, PolicyStatement, PolicySubject, PolicyTarget } from "@plinth/client";
import { type ActionKind, formatDateTime, formatDuration } from "@plinth/react";
import { ROLES } from "../role-picker";

/** What ids and names of kinds are called on the page. */
export interface Names {
  people: Map<string, string>;
  kinds: ActionKind[];
}

/** For whom: "Group contractors". */
export function subjectText(subject: PolicySubject | undefined, names: Names): string {
  if (subject === undefined || subject === "everybody") return "Everybody";
  if ("user" in subject) return names.people.get(subject.user) ?? subject.user;
  if ("service_account" in subject)
    return names.people.get(subject.service_account) ?? subject.service_account;
  if ("group" in subject) return `Group ${subject.group}`;
  if ("role" in subject)
    return `Role ${ROLES.find((role) => role.value === subject.role)?.label ?? subject.role}`;
  return `Whoever has ${pairs(subject.attributes)}`;
}

/** On what: "pipelines with environment = development". */
export function targetText(target: PolicyTarget | undefined, names: Names): string {
  const kind = names.kinds.find((each) => each.type === target?.type)?.title.toLowerCase() ?? target?.type;
  const what = kind ?? "everything";
  const one = target?.id ? `${what} ${target.id}` : what;
  const properties = Object.entries(target?.properties ?? {});
  return properties.length > 0 ? `${one} with ${pairs(Object.fromEntries(properties))}` : one;
}

/** A statement in a sentence. */
export function statementText(statement: PolicyStatement, names: Names): string {
  const may = statement.effect === "permit" ? "may" : "may not";
  const what = statement.actions?.length ? `do ${quoted(statement.actions)}` : "do anything";
  const parts = [
    `${subjectText(statement.subject, names)} ${may} ${what} to ${targetText(statement.resource, names)}`,
    ...whenTexts(statement.when ?? []),
  ];
  return `${parts.join(", ")}.`;
}

/** Hours of which the end is before the beginning are one circumstance. */
function whenTexts(when: PolicySignal[]): string[] {
  const hour = (name: string) => when.map((signal) => signal[name]).find((each) => typeof each === "number");
  const [from, until] = [hour("from_hour"), hour("until_hour")];
  if (typeof from !== "number" || typeof until !== "number" || from < until) return when.map(signalText);
  const others = when.filter((signal) => !("from_hour" in signal || "until_hour" in signal));
  return [...others.map(signalText), `from ${from}:00 over midnight until ${until}:00`];
}

export function signalText(signal: PolicySignal): string {
  const [[name, value] = ["", ""]] = Object.entries(signal);
  const list = Array.isArray(value) ? quoted(value) : `\`${String(value)}\``;
  switch (name) {
    case "within_networks":
    case "within_countries":
      return `from ${list}`;
    case "outside_networks":
    case "outside_countries":
      return `from anywhere but ${list}`;
    case "before":
      return `before ${formatDateTime(String(value))}`;
    case "since":
      return `since ${formatDateTime(String(value))}`;
    case "weekdays":
      return `on ${Array.isArray(value) ? value.join(", ") : value}`;
    case "from_hour":
      return `from ${value}:00 on`;
    case "until_hour":
      return `until ${value}:00`;
    case "authenticated_within_secs":
      return `logged in at most ${formatDuration(Number(value))} ago`;
    case "authenticated_over_secs":
      return `logged in more than ${formatDuration(Number(value))} ago`;
    case "risk_at_least":
      return `at a risk of ${value} or more`;
    case "risk_below":
      return `at a risk below ${value}`;
    default:
      return `${name.replaceAll("_", " ")} ${list}`;
  }
}

function pairs(labels: Record<string, Literal | { principal: string }>): string {
  return Object.entries(labels)
    .map(([name, value]) =>
      typeof value === "object"
        ? `\`${name}\` = their own \`${value.principal}\``
        : `\`${name}\` = \`${String(value)}\``,
    )
    .join(" and ");
}

function quoted(texts: string[]): string {
  return texts.map((text) => `\`${text}\``).join(", ");
}
