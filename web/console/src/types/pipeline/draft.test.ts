import type { DiscoveredTable, Resource } from "@plinth/client";
import { expect, test } from "vitest";
import {
  derive,
  EMPTY_DRAFT,
  orderSources,
  specOf,
  suggestDestination,
  suggestMode,
  suggestName,
} from "./draft";
import { isUntaken, progressOf, shownState, tableProgress } from "./model";

function resource(name: string, part: object = {}): Resource {
  return {
    id: name,
    name,
    properties: {},
    spec: {},
    status: {},
    deleted_at: null,
    ...part,
  } as unknown as Resource;
}

const shop = resource("shop", { properties: { sample: "source" } });
const warehouse = resource("warehouse", { properties: { sample: "destination" } });
const crm = resource("crm");
const copy = (name: string, source: string, destination: string) =>
  resource(name, { spec: { source: { connection: source }, destination: { connection: destination } } });

const TABLES: DiscoveredTable[] = [
  { name: "public.orders", cursor_candidates: ["updated_at", "id"] },
  { name: "public.notes", cursor_candidates: ["id"] },
];

test("the sample destination is suggested for the sample source", () => {
  expect(suggestDestination("shop", [shop, warehouse, crm], [])).toBe("warehouse");
});

test("where this source went last time comes before the sample, and gone connections do not count", () => {
  const lake = resource("lake");
  const past = [copy("b", "crm", "lake"), copy("a", "shop", "deleted-one")];
  expect(suggestDestination("shop", [shop, warehouse, lake], past)).toBe("lake");
  expect(suggestDestination("shop", [shop, warehouse], [copy("a", "shop", "crm")])).toBe("warehouse");
});

test("a source alone has no destination, and is never its own", () => {
  expect(suggestDestination("shop", [shop], [copy("a", "crm", "shop")])).toBeNull();
});

test("known sources come first and destinations last", () => {
  const names = orderSources([warehouse, crm, shop], []).map((each) => each.name);
  expect(names).toEqual(["shop", "crm", "warehouse"]);
});

test("a name is made of both ends and avoids those that are taken", () => {
  const draft = { ...EMPTY_DRAFT, source: "shop", destination: "warehouse" };
  expect(suggestName(draft, [])).toBe("shop-to-warehouse");
  expect(suggestName(draft, [resource("shop-to-warehouse"), resource("shop-to-warehouse-2")])).toBe(
    "shop-to-warehouse-3",
  );
});

test("keeping in step is suggested only when every table can be followed", () => {
  expect(suggestMode(TABLES)).toBe("incremental");
  expect(suggestMode([...TABLES, { name: "public.log", cursor_candidates: [] }])).toBe("snapshot");
  expect(suggestMode(undefined)).toBe("snapshot");
});

test("all tables once are left out of the spec; followed tables are named with their cursors", () => {
  const draft = { ...EMPTY_DRAFT, source: "shop", destination: "warehouse" };
  const followed = specOf(draft, derive(draft, TABLES, []));
  expect(followed).toEqual({
    source: {
      connection: "shop",
      tables: [
        { name: "public.orders", cursor: "updated_at" },
        { name: "public.notes", cursor: "id" },
      ],
    },
    destination: { connection: "warehouse", schema: "shop" },
    mode: "incremental",
    interval_secs: 10,
    paused: false,
  });
  const once = { ...draft, mode: "snapshot" as const };
  expect(specOf(once, derive(once, TABLES, [])).source).toEqual({ connection: "shop" });
  const some = { ...once, tables: ["public.notes"] };
  expect(specOf(some, derive(some, TABLES, [])).source.tables).toEqual([{ name: "public.notes" }]);
});

test("a wish is not told as a fact", () => {
  const pausing = resource("p", { spec: { paused: true }, status: { state: "streaming" } });
  expect(shownState(pausing).label).toBe("Pausing");
  const paused = resource("p", { spec: { paused: true }, status: { state: "paused" } });
  expect(shownState(paused)).toEqual({ state: "paused" });
  const resuming = resource("p", { spec: { paused: false }, status: { state: "paused" } });
  expect(shownState(resuming).label).toBe("Resuming");
  expect(shownState(resource("p")).state).toBe("pending");
});

test("a deleted pipeline is being deleted until it is torn down", () => {
  const gone = { deleted_at: "2026-11-22T12:00:00Z", status: { state: "deleting" } };
  expect(shownState(resource("p", gone)).state).toBe("deleting");
  expect(shownState(resource("p", { ...gone, finalized_at: "2026-11-22T12:00:01Z" })).state).toBe("deleted");
});

test("a pipeline that no worker takes is known after some seconds", () => {
  const at = Date.parse("2026-11-22T12:00:00Z");
  const waiting = { generation: 1, observed_generation: 0, updated_at: "2026-11-22T12:00:00Z" };
  expect(isUntaken(resource("p", waiting), at + 4_000)).toBe(false);
  expect(isUntaken(resource("p", waiting), at + 6_000)).toBe(true);
  expect(isUntaken(resource("p", { ...waiting, observed_generation: 1 }), at + 6_000)).toBe(false);
  expect(isUntaken(resource("p", { ...waiting, status: { state: "connecting" } }), at + 6_000)).toBe(false);
  const resumed = { ...waiting, generation: 3, observed_generation: 2, status: { state: "paused" } };
  expect(isUntaken(resource("p", { ...resumed, spec: { paused: false } }), at + 6_000)).toBe(true);
  expect(isUntaken(resource("p", { ...resumed, spec: { paused: true } }), at + 6_000)).toBe(false);
});

test("progress never claims more than is known", () => {
  const table = { name: "a", state: "snapshotting", rows: 90, rows_total: 80, bytes: 0 };
  expect(tableProgress(table)).toBe(0.99);
  expect(tableProgress({ ...table, rows_total: undefined })).toBeNull();
  expect(progressOf({ state: "snapshotting", tables: [{ ...table, rows_total: undefined }] })).toBeNull();
  expect(progressOf({ state: "snapshotting", tables: [{ ...table, rows: 40, rows_total: 80 }] })).toBe(0.5);
  expect(progressOf({ state: "snapshotting" })).toBeNull();
});
