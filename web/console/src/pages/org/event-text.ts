import type { PlinthEvent, ResourceType } from "@plinth/client";
import { at, changesBetween, formatUnits, humanize, isObject, type Tone, toneOf } from "@plinth/react";
import { extensionOf } from "../../types";

/** What an event is called in a sentence. */
const VERBS: Record<string, string> = {
  create: "created",
  update: "changed",
  status: "reported",
  delete: "deleted",
  undelete: "undeleted",
  finalize: "wound up",
  purge: "purged",
};

export const OPERATIONS = Object.keys(VERBS);

/** All but status reports, of which a busy pipeline makes one every second. */
export const DECISIONS = OPERATIONS.filter((operation) => operation !== "status");

/** `type` is the resource type that the event is of, if it is of any: it knows the fields by their titles. */
export function verbOf(event: PlinthEvent, type?: ResourceType): string {
  const { operation, kind } = event.data;
  if (operation === "create" && kind === "member") return "joined";
  if (operation === "create" && kind === "invitation") return "invited";
  if (operation === "delete" && kind === "member") return "removed";
  if ((kind === "token" || kind === "sql_login") && operation === "update" && event.data.after?.revoked_at)
    return "revoked";
  if (kind === "invitation" && operation === "update" && event.data.after?.accepted_at)
    return "accepted the invitation";
  if (operation === "delete" && kind === "token") return "revoked";
  if (operation === "status") {
    const before = at(event.data.before, "status.state");
    const after = at(event.data.after, "status.state");
    return before !== after && typeof after === "string" ? `is ${after}` : "reported progress";
  }
  if (operation === "update" && type) return editOf(event, type) ?? "changed";
  return VERBS[operation] ?? operation;
}

/** What an edit was about: "paused", "changed the owner", "edited 3 fields and the properties". */
function editOf(event: PlinthEvent, type: ResourceType): string | undefined {
  const { before, after } = event.data;
  const fields = changedMembers(before?.spec, after?.spec);
  const own = extensionOf(type.name).editVerb?.(fields, after?.spec);
  const edited = fields.filter((field) => !own?.fields.includes(field));
  const objects = [
    ...(edited.length > 2
      ? [formatUnits(edited.length, "field")]
      : edited.map((field) => titleOf(type.spec_schema, field))),
    ...(changedMembers(before?.properties, after?.properties).length > 0 ? ["properties"] : []),
  ];
  const verbs = [
    ...(before?.name !== after?.name ? ["renamed"] : []),
    ...(own ? [own.verb] : []),
    ...(before && after && (before.owner ?? null) !== (after.owner ?? null) ? ["changed the owner"] : []),
    ...(objects.length > 0 ? [`edited ${listed(objects)}`] : []),
  ];
  return verbs.length > 0 ? listed(verbs) : undefined;
}

function changedMembers(before: unknown, after: unknown): string[] {
  const names = changesBetween(before, after).map(
    (change) => /^[^.[]+/.exec(change.path)?.[0] ?? change.path,
  );
  return [...new Set(names)];
}

/** The title of a member in a sentence. A schema of several branches has the member in one of them. */
function titleOf(schema: unknown, member: string): string {
  const branches = isObject(schema) ? ["oneOf", "anyOf", "allOf"].flatMap((key) => schema[key] ?? []) : [];
  const title = [schema, ...branches]
    .map((branch) => isObject(branch) && isObject(branch.properties) && branch.properties[member])
    .map((found) => isObject(found) && found.title)
    .find((found) => typeof found === "string" && found !== "");
  const text = typeof title === "string" ? title : humanize(member);
  // "TLS mode" keeps its capitals.
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

function listed(parts: string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

/** What an event is about, as the page calls it. */
export function kindTitle(kind: string, types: ResourceType[]): string {
  if (kind === "org") return "Organization";
  if (kind === "sql_login") return "SQL login";
  return types.find((type) => type.name === kind)?.title ?? humanize(kind);
}

export function toneOfEvent(event: PlinthEvent): Tone {
  switch (event.data.operation) {
    case "create":
    case "undelete":
      return "good";
    case "delete":
    case "purge":
    case "finalize":
      return "bad";
    case "status":
      return toneOf(String(at(event.data.after, "status.state")));
    default:
      return "busy";
  }
}

export function nameOf(event: PlinthEvent): string {
  const state = event.data.after ?? event.data.before;
  const name = event.data.name ?? state?.name ?? state?.email ?? state?.slug;
  return typeof name === "string" ? name : event.subject;
}

/** Who did it, as people tell them apart. Workers come and go with names that say nothing. */
export function actorName(event: PlinthEvent): string {
  const { actor } = event.data;
  if (actor.name && actor.type !== "worker") return actor.name;
  const names: Record<string, string> = { worker: "a worker", system: "the system", sql: "an SQL client" };
  return names[actor.type] ?? actor.id ?? actor.type;
}

export interface EventRun {
  /** The newest of them. */
  event: PlinthEvent;
  /** What was before the oldest. */
  before: PlinthEvent["data"]["before"];
  oldest: number;
  count: number;
}

/** Reports of progress that follow one another are one: what they changed together. Everything else stands by itself. */
export function foldReports(events: PlinthEvent[]): EventRun[] {
  const runs: EventRun[] = [];
  for (const event of events) {
    const last = runs.at(-1);
    const { before } = event.data;
    if (last && isProgress(event) && isProgress(last.event) && last.event.subject === event.subject)
      Object.assign(last, { before, oldest: event.seq, count: last.count + 1 });
    else runs.push({ event, before, oldest: event.seq, count: 1 });
  }
  return runs;
}

/** What people did, and how the state went: of the reports only those that changed it. */
export function withStateChanges(decisions: PlinthEvent[], reports: PlinthEvent[]): PlinthEvent[] {
  const changes = reports.filter((report) => !isProgress(report));
  return [...decisions, ...changes].sort((a, b) => b.seq - a.seq);
}

function isProgress(event: PlinthEvent): boolean {
  const { operation, before, after } = event.data;
  return operation === "status" && at(before, "status.state") === at(after, "status.state");
}

/** Bookkeeping that changes with every write and says nothing. */
export const QUIET_PATHS = ["version", "updated_at", "status.observed_at", "generation"];
