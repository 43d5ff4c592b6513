import type { JsonSchema } from "@plinth/client";
import { isObject } from "../lib/json";
import { narrow } from "./annotations";

/**
 * A form fills in the defaults of its schema, so that they are seen. What is saved has them only where they were there
 * before: an edit of one field is an edit of one field.
 */
export function withoutAddedDefaults(schema: JsonSchema, before: unknown, after: unknown): unknown {
  if (!isObject(after)) return after;
  const { properties } = narrow(schema, after);
  const had = isObject(before) ? before : {};
  const kept = Object.entries(after).flatMap(([name, value]) => {
    const field = isObject(properties) ? properties[name] : undefined;
    if (!isObject(field)) return [[name, value]];
    const own = withoutAddedDefaults(field, had[name], value);
    const added = had[name] === undefined && (isDefault(field, own) || isEmptied(own, value));
    return added ? [] : [[name, own]];
  });
  return Object.fromEntries(kept);
}

function isDefault(field: JsonSchema, value: unknown): boolean {
  return field.default !== undefined && JSON.stringify(field.default) === JSON.stringify(value);
}

/** Nothing but defaults was in it. */
function isEmptied(own: unknown, value: unknown): boolean {
  return isObject(own) && Object.keys(own).length === 0 && isObject(value) && Object.keys(value).length > 0;
}
