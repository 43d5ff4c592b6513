import type { EventListParams, PlinthEvent } from "@plinth/client";

/** Whether an event belongs to a list with these filters; the same rules as the server's. */
export function eventMatches(event: PlinthEvent, params: EventListParams): boolean {
  if (params.order === "asc" || params.cursor) return false;
  if (params.kind && !listOf(params.kind).includes(event.data.kind)) return false;
  if (params.subject && event.subject !== params.subject) return false;
  if (params.operation && !listOf(params.operation).includes(event.data.operation)) return false;
  if (params.actor && event.data.actor.id !== params.actor) return false;
  return listOf(params.property).every((property) => hasProperty(event, property));
}

function listOf(value: string | string[] | undefined): string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function hasProperty(event: PlinthEvent, property: string): boolean {
  const colon = property.indexOf(":");
  const name = property.slice(0, colon);
  const value = property.slice(colon + 1);
  const state = event.data.after ?? event.data.before;
  const properties = state?.properties as Record<string, unknown> | undefined;
  return String(properties?.[name]) === value;
}
