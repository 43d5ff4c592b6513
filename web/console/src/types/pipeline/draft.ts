import { type DiscoveredTable, type JsonObject, type Resource, randomKey } from "@plinth/client";
import { slugify } from "../../lib/form-errors";
import { type PipelineSpec, pipelineSpec } from "./model";

/** What the wizard has gathered so far. Names that are `null` follow from the rest until the user types one. */
export interface Draft {
  source: string | null;
  destination: string | null;
  /** Names of the chosen tables; `null` for all. */
  tables: string[] | null;
  cursors: Record<string, string>;
  mode: PipelineSpec["mode"] | null;
  name: string | null;
  schema: string | null;
  intervalSecs: number;
  properties: JsonObject;
  /** Makes the suggested schema one that nobody has used: tables of an earlier pipeline are never written into. */
  suffix: string;
}

/** A draft as the wizard begins. */
export function newDraft(): Draft {
  return { ...EMPTY_DRAFT, suffix: randomKey().slice(0, 4) };
}

export const EMPTY_DRAFT: Draft = {
  source: null,
  destination: null,
  tables: null,
  cursors: {},
  mode: null,
  name: null,
  schema: null,
  intervalSecs: 10,
  properties: {},
  suffix: "",
};

/**
 * The destination to suggest for a source: the one that this source's last pipeline used, else any pipeline's, else a
 * connection that says so by its property `sample` or `role`, else the only other one.
 */
export function suggestDestination(
  source: string,
  connections: Resource[],
  pipelines: Resource[],
): string | null {
  const live = new Set(connections.map((each) => each.name));
  const usable = (name: string) => name !== source && live.has(name);
  const specs = pipelines.map(pipelineSpec);
  const used = specs.find((spec) => spec.source.connection === source && usable(spec.destination.connection));
  const any = used ?? specs.find((spec) => usable(spec.destination.connection));
  if (any) return any.destination.connection;
  const others = connections.filter((each) => each.name !== source);
  const marked = others.find((each) => isMarked(each, "destination"));
  return (marked ?? (others.length === 1 ? others[0] : undefined))?.name ?? null;
}

function isMarked(connection: Resource, end: "source" | "destination"): boolean {
  return connection.properties.sample === end || connection.properties.role === end;
}

/** Sources first that are known to be one: marked, or read from before. */
export function orderSources(connections: Resource[], pipelines: Resource[]): Resource[] {
  const sources = new Set(pipelines.map((each) => pipelineSpec(each).source.connection));
  const destinations = new Set(pipelines.map((each) => pipelineSpec(each).destination.connection));
  const rank = (each: Resource) => {
    if (isMarked(each, "source")) return 0;
    if (sources.has(each.name)) return 1;
    return isMarked(each, "destination") || destinations.has(each.name) ? 3 : 2;
  };
  return [...connections].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

export function suggestName(draft: Draft, pipelines: Resource[]): string {
  if (!draft.source) return "";
  const base = slugify(draft.destination ? `${draft.source}-to-${draft.destination}` : draft.source).slice(
    0,
    58,
  );
  const taken = new Set(pipelines.map((each) => each.name));
  let name = base;
  for (let count = 2; taken.has(name); count += 1) name = `${base}-${count}`;
  return name;
}

/** A schema of its own keeps copies apart from what is in the destination already. */
export function suggestSchema(draft: Draft): string {
  if (!draft.source) return "";
  const name = [draft.source.replace(/-/g, "_").slice(0, 58), draft.suffix].filter(Boolean).join("_");
  return /^[a-z_]/.test(name) ? name : `_${name}`;
}

/** Following changes needs a column to follow by: it is the suggestion when every table has one. */
export function suggestMode(tables: DiscoveredTable[] | undefined): PipelineSpec["mode"] {
  if (!tables || tables.length === 0) return "snapshot";
  return tables.every((table) => (table.cursor_candidates?.length ?? 0) > 0) ? "incremental" : "snapshot";
}

export function chosenTables(draft: Draft, tables: DiscoveredTable[] | undefined): DiscoveredTable[] {
  const all = tables ?? [];
  if (draft.tables === null) return all;
  const chosen = new Set(draft.tables);
  return all.filter((table) => chosen.has(table.name));
}

export function cursorOf(draft: Draft, table: DiscoveredTable): string | undefined {
  return draft.cursors[table.name] ?? table.cursor_candidates?.[0];
}

export interface Derived {
  name: string;
  schema: string;
  mode: PipelineSpec["mode"];
  chosen: DiscoveredTable[];
}

export function derive(draft: Draft, tables: DiscoveredTable[] | undefined, pipelines: Resource[]): Derived {
  return {
    name: draft.name ?? suggestName(draft, pipelines),
    schema: draft.schema ?? suggestSchema(draft),
    mode: draft.mode ?? suggestMode(tables),
    chosen: chosenTables(draft, tables),
  };
}

/** The spec to create. All tables are left out of it, except where each needs its cursor. */
export function specOf(draft: Draft, derived: Derived): PipelineSpec {
  const incremental = derived.mode === "incremental";
  const explicit = derived.chosen.length > 0 && (draft.tables !== null || incremental);
  const tables = derived.chosen.map((table) => {
    const cursor = incremental ? cursorOf(draft, table) : undefined;
    return cursor ? { name: table.name, cursor } : { name: table.name };
  });
  return {
    source: { connection: draft.source ?? "", ...(explicit ? { tables } : {}) },
    destination: {
      connection: draft.destination ?? "",
      ...(derived.schema ? { schema: derived.schema } : {}),
    },
    mode: derived.mode,
    ...(incremental ? { interval_secs: draft.intervalSecs } : {}),
    paused: false,
  };
}
