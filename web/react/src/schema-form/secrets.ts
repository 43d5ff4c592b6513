import type { JsonSchema } from "@plinth/client";
import { isObject } from "../lib/json";
import { narrow } from "./annotations";

/** The value without the fields that its schema marks as secret: for questions, which policies answer without them. */
export function withoutSecrets(schema: JsonSchema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return isObject(items) ? value.map((each) => withoutSecrets(items, each)) : value;
  }
  if (!isObject(value)) return value;
  const { properties } = narrow(schema, value);
  const kept = Object.entries(value).flatMap(([name, inner]) => {
    const field = isObject(properties) ? properties[name] : undefined;
    if (!isObject(field)) return [[name, inner]];
    return field["x-plinth-secret"] === true ? [] : [[name, withoutSecrets(field, inner)]];
  });
  return Object.fromEntries(kept);
}
