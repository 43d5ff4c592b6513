import type { Resource } from "@plinth/client";
import type { Tone } from "@plinth/react";

export interface PipelineTable {
  name: string;
  cursor?: string;
}

export interface PipelineSpec {
  source: { connection: string; tables?: PipelineTable[] };
  destination: { connection: string; schema?: string; format?: string };
  mode: "snapshot" | "incremental";
  interval_secs?: number;
  paused?: boolean;
  parallelism?: number;
  batch_rows?: number;
}

export interface TableStatus {
  name: string;
  state: string;
  rows_total?: number;
  rows: number;
  bytes: number;
  last_read_at?: string;
  cursor?: string;
}

export interface PipelineStatus {
  state: string;
  message?: string;
  hint?: string;
  source?: { connected: boolean; server?: string };
  destination?: { connected: boolean; server?: string };
  tables?: TableStatus[];
  rows?: number;
  bytes?: number;
  rows_per_second?: number;
  bytes_per_second?: number;
  last_read_at?: string;
  lag_secs?: number;
  started_at?: string;
  completed_at?: string;
  restarts?: number;
  observed_at?: string;
}

export const PIPELINE_STATES = [
  "pending",
  "connecting",
  "snapshotting",
  "streaming",
  "paused",
  "completed",
  "failed",
  "deleting",
];

export function pipelineSpec(resource: Resource): PipelineSpec {
  return resource.spec as unknown as PipelineSpec;
}

export function pipelineStatus(resource: Resource): PipelineStatus {
  const status = (resource.status ?? {}) as unknown as Partial<PipelineStatus>;
  return { ...status, state: status.state ?? "pending" };
}

/** It can be paused unless it is, or has come to its end. */
export function offeredVerbs(resource: Resource): string[] {
  if (pipelineStatus(resource).state === "completed") return [];
  return [pipelineSpec(resource).paused === true ? "resume" : "pause"];
}

export interface ShownState {
  state: string;
  label?: string;
  tone?: Tone;
}

/**
 * What to call the pipeline's state. The wish (`spec`) and the fact (`status`) are different things: between a click
 * on *pause* and the worker's report the pipeline is "Pausing", and nothing claims more.
 */
export function shownState(resource: Resource): ShownState {
  const spec = pipelineSpec(resource);
  const { state } = pipelineStatus(resource);
  if (resource.deleted_at) return { state: resource.finalized_at ? "deleted" : "deleting" };
  const final = state === "completed" || state === "failed" || state === "deleting";
  if (spec.paused && state !== "paused" && !final)
    return { state: "pausing", label: "Pausing", tone: "busy" };
  if (!spec.paused && state === "paused") return { state: "resuming", label: "Resuming", tone: "busy" };
  return { state };
}

/** A worker with a free place takes what is new within a second. */
const TAKEN_WITHIN_MS = 5_000;

/** Whether no worker has looked at what the pipeline should do by now, although one could. */
export function isUntaken(resource: Resource, now: number): boolean {
  const { state } = shownState(resource);
  if (state !== "pending" && state !== "resuming") return false;
  const unseen = resource.observed_generation < resource.generation;
  return unseen && now - Date.parse(resource.updated_at) >= TAKEN_WITHIN_MS;
}

/** Pausing and resuming are edits of the spec; people know them by these words. */
export function editVerb(changed: string[], spec: unknown) {
  if (!changed.includes("paused")) return undefined;
  return { verb: (spec as PipelineSpec | null)?.paused ? "paused" : "resumed", fields: ["paused"] };
}

export function isMoving(state: string): boolean {
  return state === "snapshotting" || state === "streaming";
}

/** Share of the rows that are copied, when every table says how many it has. */
export function progressOf(status: PipelineStatus): number | null {
  const tables = status.tables ?? [];
  if (
    tables.length === 0 ||
    tables.some((table) => table.rows_total === undefined && table.state !== "completed")
  ) {
    return null;
  }
  const total = tables.reduce((sum, table) => sum + Math.max(table.rows_total ?? table.rows, table.rows), 0);
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return total === 0 ? 1 : rows / total;
}

/** Share of one table: its total is an estimate, so a table that is not done never shows 100 %. */
export function tableProgress(table: TableStatus): number | null {
  if (table.state === "completed" || table.state === "streaming") return 1;
  if (!table.rows_total) return table.rows > 0 ? null : 0;
  return Math.min(table.rows / table.rows_total, 0.99);
}
