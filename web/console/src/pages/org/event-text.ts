import type { PlinthEvent } from "@plinth/client";
import { at, type Tone, toneOf } from "@plinth/react";

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

export function verbOf(event: PlinthEvent): string {
  const { operation, kind } = event.data;
  if (operation === "create" && kind === "member") return "joined";
  if (operation === "create" && kind === "invitation") return "invited";
  if (operation === "delete" && kind === "member") return "removed";
  if (kind === "token" && operation === "update" && event.data.after?.revoked_at) return "revoked";
  if (kind === "invitation" && operation === "update" && event.data.after?.accepted_at) return "accepted";
  if (operation === "delete" && kind === "token") return "revoked";
  if (operation === "status") {
    const before = at(event.data.before, "status.state");
    const after = at(event.data.after, "status.state");
    return before !== after && typeof after === "string" ? `is ${after}` : "reported progress";
  }
  return VERBS[operation] ?? operation;
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

export function actorName(event: PlinthEvent): string {
  const { actor } = event.data;
  if (actor.name) return actor.name;
  const names: Record<string, string> = { worker: "Worker", system: "System", sql: "SQL client" };
  return names[actor.type] ?? actor.id ?? actor.type;
}

/** Bookkeeping that changes with every write and says nothing. */
export const QUIET_PATHS = ["version", "updated_at", "status.observed_at", "generation"];
