import type { ResourceType } from "@plinth/client";
import { humanize, isObject } from "@plinth/react";

/** Actions that a type declares, by name. */
export function actionsOf(type: ResourceType): string[] {
  if (!Array.isArray(type.actions)) return [];
  return type.actions.flatMap((action: unknown) => {
    if (typeof action === "string") return [action];
    return isObject(action) && typeof action.name === "string" ? [action.name] : [];
  });
}

/** Verbs that a type declares: each is an action of its own on a resource. */
export function verbsOf(type: ResourceType): { name: string; title: string }[] {
  return type.verbs.flatMap((verb: unknown) => {
    if (!isObject(verb) || typeof verb.name !== "string") return [];
    return [{ name: verb.name, title: typeof verb.title === "string" ? verb.title : humanize(verb.name) }];
  });
}
