import type { PlinthEvent, Product, Resource } from "@plinth/client";
import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keys } from "./keys";
import { CachePatcher } from "./live";
import type { ResourcePages } from "./resources";

const product = { types: [{ name: "pipeline", plural: "pipelines" }] } as unknown as Product;

function resource(part: Partial<Resource> = {}): Resource {
  return {
    id: "pipeline_1",
    org: "org_1",
    type: "pipeline",
    name: "nightly",
    properties: {},
    owner: null,
    spec: { paused: false },
    status: { state: "pending" },
    secrets_set: [],
    generation: 1,
    observed_generation: 1,
    version: 1,
    created_at: "2026-11-22T00:00:00Z",
    updated_at: "2026-11-22T00:00:00Z",
    deleted_at: null,
    finalized_at: null,
    created_by: { type: "user", id: "user_1", name: "Mara" },
    ...part,
  };
}

function event(operation: string, after: object | null, before: object | null = {}, seq = 1): PlinthEvent {
  const subject = "pipeline_1";
  const data = {
    kind: "pipeline",
    operation,
    name: "nightly",
    actor: { type: "worker", id: "w", name: "" },
    before,
    after,
  };
  return { seq, subject, data } as unknown as PlinthEvent;
}

const list = (items: Resource[]): ResourcePages => ({
  pages: [{ items, next: null }],
  pageParams: [undefined],
});

let queries: QueryClient;
let patcher: CachePatcher;

beforeEach(() => {
  vi.useFakeTimers();
  queries = new QueryClient();
  patcher = new CachePatcher(queries, "acme", () => product);
});

afterEach(() => {
  patcher.close();
  queries.clear();
  vi.useRealTimers();
});

test("a status event reaches the detail by name, the detail by id, and the row", () => {
  const rows = keys.resourceList("acme", "pipelines", {});
  queries.setQueryData(keys.resource("acme", "pipelines", "nightly"), resource());
  queries.setQueryData(keys.resource("acme", "pipelines", "pipeline_1"), resource());
  queries.setQueryData(rows, list([resource()]));
  patcher.apply(event("status", { id: "raw-uuid", status: { state: "streaming" }, created_by: "raw" }));
  const states = [
    queries.getQueryData<Resource>(keys.resource("acme", "pipelines", "nightly")),
    queries.getQueryData<Resource>(keys.resource("acme", "pipelines", "pipeline_1")),
    queries.getQueryData<ResourcePages>(rows)?.pages[0]?.items[0],
  ];
  for (const state of states) {
    expect(state?.status).toEqual({ state: "streaming" });
    expect(state?.created_by?.name).toBe("Mara");
    expect(state?.id).toBe("pipeline_1");
  }
});

test("other organizations are left alone", () => {
  const other = keys.resource("northwind", "pipelines", "nightly");
  queries.setQueryData(other, resource());
  patcher.apply(event("status", { status: { state: "failed" } }));
  expect(queries.getQueryData<Resource>(other)?.status).toEqual({ state: "pending" });
});

test("a deleted resource leaves the list, and stays where deleted ones are shown", () => {
  const plain = keys.resourceList("acme", "pipelines", {});
  const withDeleted = keys.resourceList("acme", "pipelines", { deleted: true });
  queries.setQueryData(plain, list([resource()]));
  queries.setQueryData(withDeleted, list([resource()]));
  patcher.apply(event("delete", { deleted_at: "2026-11-22T01:00:00Z" }));
  expect(queries.getQueryData<ResourcePages>(plain)?.pages[0]?.items).toEqual([]);
  expect(queries.getQueryData<ResourcePages>(withDeleted)?.pages[0]?.items[0]?.deleted_at).not.toBeNull();
  patcher.apply(event("purge", null, {}, 2));
  expect(queries.getQueryData<ResourcePages>(withDeleted)?.pages[0]?.items).toEqual([]);
});

test("a burst of new resources costs one re-read of the list", () => {
  const rows = keys.resourceList("acme", "pipelines", {});
  queries.setQueryData(rows, list([]));
  const invalidate = vi.spyOn(queries, "invalidateQueries");
  for (let seq = 1; seq <= 20; seq += 1) patcher.apply(event("create", { status: {} }, null, seq));
  vi.advanceTimersByTime(1000);
  const lists = invalidate.mock.calls.filter(([filter]) => filter?.queryKey?.[2] === "list");
  expect(lists).toHaveLength(1);
  expect(queries.getQueryState(rows)?.isInvalidated).toBe(true);
});

test("an answer that was under way when the event came does not undo it", async () => {
  const key = keys.resource("acme", "pipelines", "nightly");
  const answers = [resource({ status: { state: "pending" } }), resource({ status: { state: "completed" } })];
  const held: (() => void)[] = [];
  const read = vi.fn(() => {
    const answer = answers[read.mock.calls.length - 1] as Resource;
    return new Promise<Resource>((resolve) => held.push(() => resolve(answer)));
  });
  const observer = new QueryObserver(queries, { queryKey: key, queryFn: read });
  const forget = observer.subscribe(() => undefined);
  patcher.apply(event("status", { status: { state: "completed" } }));
  await vi.advanceTimersByTimeAsync(2000);
  expect(read, "a read is not broken off").toHaveBeenCalledTimes(1);
  held[0]?.();
  await vi.advanceTimersByTimeAsync(2000);
  expect(read).toHaveBeenCalledTimes(2);
  held[1]?.();
  await vi.advanceTimersByTimeAsync(2000);
  expect(queries.getQueryData<Resource>(key)?.status).toEqual({ state: "completed" });
  expect(read).toHaveBeenCalledTimes(2);
  forget();
});

test("what comes before the product is known is not lost", () => {
  const early = new CachePatcher(queries, "acme", () => undefined);
  const key = keys.resource("acme", "pipelines", "nightly");
  queries.setQueryData(key, resource());
  early.apply(event("status", { status: { state: "completed" } }));
  vi.advanceTimersByTime(1000);
  expect(queries.getQueryState(key)?.isInvalidated).toBe(true);
  early.close();
});

test("progress reports refresh numbers without events of their own, at most every five seconds", () => {
  const invalidate = vi.spyOn(queries, "invalidateQueries");
  queries.setQueryData(keys.resource("acme", "pipelines", "nightly"), resource());
  for (let second = 0; second < 12; second += 1) {
    patcher.apply(event("status", { status: { state: "streaming", rows: second } }, {}, second + 1));
    vi.advanceTimersByTime(1000);
  }
  const names = invalidate.mock.calls.map(([filter]) => filter?.queryKey?.[2]);
  expect(names.filter((name) => name === "bill")).toHaveLength(2);
  expect(names.filter((name) => name === "metrics")).toHaveLength(2);
  expect(names).not.toContain("list");
});

test("new events go on top of the logs whose filters they match, once", () => {
  const all = keys.eventList("acme", {});
  const users = keys.eventList("acme", { kind: "member" });
  for (const key of [all, users])
    queries.setQueryData(key, { pages: [{ items: [], next: null }], pageParams: [undefined] });
  patcher.apply(event("update", { spec: {} }, {}, 3));
  patcher.apply(event("update", { spec: {} }, {}, 3));
  const items = (key: readonly unknown[]) =>
    queries.getQueryData<{ pages: { items: PlinthEvent[] }[] }>(key)?.pages[0]?.items;
  expect(items(all)?.map((each) => each.seq)).toEqual([3]);
  expect(items(users)).toEqual([]);
});

const noun = (kind: string, subject: string): PlinthEvent =>
  ({
    seq: 1,
    subject,
    data: {
      kind,
      operation: "update",
      name: "",
      actor: { type: "user", id: "u", name: "" },
      before: {},
      after: {},
    },
  }) as unknown as PlinthEvent;

test("a changed policy makes all of the organization stale, and nothing of others", () => {
  const shown = [keys.permissions("acme"), keys.policies("acme"), keys.resourceList("acme", "pipelines", {})];
  const others = keys.permissions("northwind");
  for (const key of [...shown, others]) queries.setQueryData(key, []);
  patcher.apply(noun("policy", "policy_1"));
  vi.advanceTimersByTime(1000);
  for (const key of shown) expect(queries.getQueryState(key)?.isInvalidated).toBe(true);
  expect(queries.getQueryState(others)?.isInvalidated).toBe(false);
});

test("answers are old when anybody's roles or groups change, and lists when it is the reader", () => {
  const question = { action: "pipelines:pause", resource: "nightly" };
  const answers = [keys.answer("acme", undefined, question), keys.answer("acme", "sa_1", question)];
  const rows = keys.resourceList("acme", "pipelines", {});
  queries.setQueryData(keys.me, { user: { id: "user_1" } });
  for (const key of [...answers, rows]) queries.setQueryData(key, []);
  patcher.apply(noun("service_account", "sa_1"));
  patcher.apply(noun("member", "user_2"));
  vi.advanceTimersByTime(1000);
  for (const key of answers) expect(queries.getQueryState(key)?.isInvalidated).toBe(true);
  expect(queries.getQueryState(rows)?.isInvalidated).toBe(false);
  patcher.apply(noun("member", "user_1"));
  vi.advanceTimersByTime(1000);
  expect(queries.getQueryState(rows)?.isInvalidated).toBe(true);
});

test("what may be done to a resource is asked again when it is edited, and not when it reports", () => {
  const key = keys.resource("acme", "pipelines", "nightly");
  queries.setQueryData(key, resource({ _actions: ["view", "pause"] }));
  patcher.apply(event("status", { status: { state: "streaming" } }));
  vi.advanceTimersByTime(1000);
  expect(queries.getQueryState(key)?.isInvalidated).toBe(false);
  patcher.apply(event("update", { properties: { environment: "production" } }, {}, 2));
  vi.advanceTimersByTime(1000);
  expect(queries.getQueryState(key)?.isInvalidated).toBe(true);
});
