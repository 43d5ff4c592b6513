import type { EventListParams, PlinthEvent } from "@plinth/client";

/** Whether an event belongs to a list with these filters; the same rules as the server's. */
export function eventMatches(event: PlinthEvent, params: EventListParams): boolean {
  if (params.order === "asc" || params.cursor) return false;
  if (params.kind && event.data.kind !== params.kind) return false;
  if (params.subject && event.subject !== params.subject) return false;
  if (params.operation && event.data.operation !== params.operation) return false;
  if (params.actor && event.data.actor.id !== params.actor) return false;
  if (params.property) return hasProperty(event, params.property);
  return true;
}

function hasProperty(event: PlinthEvent, property: string): boolean {
  const colon = property.indexOf(":");
  const name = property.slice(0, colon);
  const value = property.slice(colon + 1);
  const state = event.data.after ?? event.data.before;
  const properties = state?.properties as Record<string, unknown> | undefined;
  return String(properties?.[name]) === value;
}
