import type { JsonObject, JsonValue } from "@plinth/client";

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The merge patch (RFC 7396) that leads from one value to the other: only what differs, `null` for what is gone.
 * `undefined` stands for absent. An empty object means that nothing differs.
 */
export function mergePatch(before: unknown, after: unknown): JsonObject {
  const patch: JsonObject = {};
  const old = isObject(before) ? before : {};
  const next = isObject(after) ? after : {};
  for (const [key, value] of Object.entries(next)) {
    if (value === undefined) continue;
    const was = old[key];
    if (isObject(value) && isObject(was)) {
      const inner = mergePatch(was, value);
      if (Object.keys(inner).length > 0) patch[key] = inner;
    } else if (JSON.stringify(was) !== JSON.stringify(value)) patch[key] = value as JsonValue;
  }
  for (const [key, value] of Object.entries(old)) {
    if (value !== undefined && next[key] === undefined) patch[key] = null;
  }
  return patch;
}

/** Reads `status.state` and the like out of JSON. */
export function at(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

/** `/source/connection` -> `["source", "connection"]`, as RFC 6901 says. */
export function pointerSegments(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((segment) => segment.replace(/~1/g, "/").replace(/~0/g, "~"));
}
