import {
  isPlinthError,
  type PolicyCheck,
  type PolicySays,
  type PolicySignal,
  type PolicyStatement,
} from "@plinth/client";
import type { CodeFinding } from "@plinth/react/code-editor";

/** A statement in the form; the key stays while its fields change. */
export interface StatementDraft {
  key: number;
  statement: PolicyStatement;
}

let lastKey = 0;

export function draftOf(statement: PolicyStatement): StatementDraft {
  lastKey += 1;
  return { key: lastKey, statement };
}

export const NEW_STATEMENT: PolicyStatement = {
  effect: "permit",
  subject: { group: "" },
  actions: ["resources:view"],
};

export const NEW_TEXT = `permit (
  principal in Group::"contractors",
  action in [Action::"resources:view"],
  resource
)
when { resource.properties has environment && resource.properties.environment == "development" };
`;

/** What is still to be filled in. */
export function gapsOf({ subject, when = [] }: PolicyStatement): string[] {
  return [
    ...(subject && subject !== "everybody" && isEmpty(Object.values(subject)[0])
      ? ["Say for whom it is."]
      : []),
    ...(when.some((signal) => isEmpty(Object.values(signal)[0])) ? ["Fill in every circumstance."] : []),
  ];
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** What the form says, when it is complete. */
export function saysOf(drafts: StatementDraft[]): PolicySays | null {
  const statements = drafts.map((draft) => draft.statement);
  if (statements.length === 0 || statements.some((statement) => gapsOf(statement).length > 0)) return null;
  return { statements: statements.map(saidOf) };
}

/** What is left open in the form is left out: the server takes nothing that is empty. */
function saidOf({ effect, subject, actions, resource, when }: PolicyStatement): PolicyStatement {
  const { properties, ...rest } = resource ?? {};
  const target = { ...rest, ...(isEmpty(properties) ? {} : { properties }) };
  return {
    effect,
    subject: subject ?? "everybody",
    ...(isEmpty(actions) ? {} : { actions }),
    ...(isEmpty(target) ? {} : { resource: target }),
    ...(isEmpty(when) ? {} : { when }),
  };
}

export type Finding = Omit<CodeFinding, "line" | "column"> & { line?: number; column?: number };

/** What there is to say about a draft: why it cannot be kept, or what its author should look at. */
export function findingsOf(check: PolicyCheck | undefined, error: unknown): Finding[] {
  if (isPlinthError(error)) {
    return error.fieldErrors
      .filter(({ pointer }) => isOfWording(pointer))
      .map(({ pointer, line, column, message, hint }) => ({
        severity: "error",
        line,
        column,
        message: withHint(`${fieldOf(pointer)}${message}`, hint),
      }));
  }
  const warnings = check?.warnings ?? [];
  return warnings.map(({ line, column, message, hint }) => ({
    severity: "warning",
    line,
    column,
    message: withHint(message, hint),
  }));
}

function withHint(message: string, hint: string | null | undefined): string {
  return hint ? `${message}; ${hint}` : message;
}

/** Errors of these members are findings. */
export function isOfWording(pointer: string): boolean {
  return /^\/(text|statements)(\/|$)/.test(pointer);
}

/** "/statements/0/when/1/until_hour" as a reader of the form knows it: "Statement 1, until an hour". */
function fieldOf(pointer: string): string {
  const [, top, index, field, , inner] = pointer.split("/");
  if (top !== "statements" || index === undefined) return "";
  const signal = SIGNALS.find((each) => each.name === inner)?.label.replace(/ \(.*\)/, "");
  const named = field === "when" ? signal : FIELDS[field ?? ""];
  return `Statement ${Number(index) + 1}${named ? `, ${named.toLowerCase()}` : ""}: `;
}

const FIELDS: Record<string, string> = {
  effect: "Effect",
  subject: "For whom",
  actions: "Actions",
  resource: "On what",
};

export const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/** Circumstances that the form knows, each with what it begins with. */
export const SIGNALS: { name: string; label: string; start: PolicySignal[string] }[] = [
  { name: "within_networks", label: "From these networks", start: [] },
  { name: "outside_networks", label: "From anywhere but these networks", start: [] },
  { name: "within_countries", label: "From these countries", start: [] },
  { name: "outside_countries", label: "From anywhere but these countries", start: [] },
  { name: "before", label: "Before a moment", start: "" },
  { name: "since", label: "Since a moment", start: "" },
  { name: "weekdays", label: "On these weekdays", start: WEEKDAYS.slice(0, 5) },
  { name: "from_hour", label: "From an hour on (the organization's clock)", start: 8 },
  { name: "until_hour", label: "Until an hour (the organization's clock)", start: 18 },
  { name: "authenticated_within_secs", label: "Logged in at most so many seconds ago", start: 3600 },
  { name: "authenticated_over_secs", label: "Logged in longer ago, in seconds", start: 3600 },
  { name: "strength_at_least", label: "Strength of the login at least", start: 2 },
  { name: "strength_below", label: "Strength of the login below", start: 2 },
  { name: "risk_at_least", label: "Risk at least, of 100", start: 70 },
  { name: "risk_below", label: "Risk below, of 100", start: 70 },
];

export function signalName(signal: PolicySignal): string {
  return Object.keys(signal)[0] ?? "";
}
