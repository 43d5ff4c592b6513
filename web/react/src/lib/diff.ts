export interface Change {
  path: string;
  kind: "added" | "removed" | "changed";
  before?: unknown;
  after?: unknown;
}

/** Leaf by leaf difference of two JSON values; arrays of scalars count as one leaf. Paths in `ignore` are skipped. */
export function changesBetween(before: unknown, after: unknown, ignore: string[] = []): Change[] {
  const old = leaves(before);
  const now = leaves(after);
  const changes: Change[] = [];
  for (const [path, value] of now) {
    const was = old.get(path);
    if (!old.has(path)) changes.push({ path, kind: "added", after: value });
    else if (JSON.stringify(was) !== JSON.stringify(value)) {
      changes.push({ path, kind: "changed", before: was, after: value });
    }
  }
  for (const [path, value] of old) {
    if (!now.has(path)) changes.push({ path, kind: "removed", before: value });
  }
  const skipped = new Set(ignore);
  return changes.filter((change) => !skipped.has(change.path)).sort((a, b) => (a.path < b.path ? -1 : 1));
}

function leaves(value: unknown, path = "", into = new Map<string, unknown>()): Map<string, unknown> {
  if (value === null || value === undefined) {
    if (path !== "" && value === null) into.set(path, null);
    return into;
  }
  if (Array.isArray(value) && value.some((item) => typeof item === "object" && item !== null)) {
    value.forEach((item, index) => {
      leaves(item, `${path}[${itemName(item) ?? index}]`, into);
    });
  } else if (typeof value === "object" && !Array.isArray(value)) {
    for (const [key, item] of Object.entries(value)) leaves(item, path === "" ? key : `${path}.${key}`, into);
  } else into.set(path, value);
  return into;
}

/** Items that carry a name are compared by it, so that an insertion does not shift every later item. */
function itemName(item: unknown): string | undefined {
  const name = (item as { name?: unknown } | null)?.name;
  return typeof name === "string" ? name : undefined;
}
