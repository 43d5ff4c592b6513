import type { ResourceType } from "@plinth/client";
import { isObject } from "@plinth/react";

/** Actions that a type declares, by name. */
export function actionsOf(type: ResourceType): string[] {
  if (!Array.isArray(type.actions)) return [];
  return type.actions.flatMap((action: unknown) => {
    if (typeof action === "string") return [action];
    return isObject(action) && typeof action.name === "string" ? [action.name] : [];
  });
}
