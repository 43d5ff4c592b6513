import type { PlinthEvent, ResourceType } from "@plinth/client";
import { expect, test } from "vitest";
import { kindTitle, verbOf } from "./event-text";

const PIPELINE = {
  name: "pipeline",
  title: "Pipeline",
  spec_schema: {
    properties: {
      interval_secs: { title: "Interval" },
      source: { title: "Source" },
      paused: { title: "Paused" },
    },
  },
} as unknown as ResourceType;
const CONNECTION = {
  name: "connection",
  title: "Connection",
  spec_schema: { oneOf: [{ properties: { directory: {} } }, { properties: { tls: { title: "TLS mode" } } }] },
} as unknown as ResourceType;

function edit(before: object, after: object, type = PIPELINE) {
  const data = { operation: "update", kind: type.name, before, after, actor: { type: "user" } };
  return verbOf({ data } as unknown as PlinthEvent, type);
}
const spec = (spec: object) => ({ name: "a", properties: {}, spec });

test("pausing and resuming are called so", () => {
  expect(edit(spec({ paused: false }), spec({ paused: true }))).toBe("paused");
  expect(edit(spec({ paused: true }), spec({ paused: false }))).toBe("resumed");
  expect(edit(spec({}), spec({ paused: true }))).toBe("paused");
});

test("an edit names its fields by their titles, and counts them when they are many", () => {
  expect(edit(spec({ interval_secs: 10 }), spec({ interval_secs: 3 }))).toBe("edited interval");
  expect(
    edit(
      spec({ interval_secs: 10, source: { connection: "a", tables: [{ name: "x" }] } }),
      spec({ interval_secs: 3, source: { connection: "b", tables: [{ name: "y" }] } }),
    ),
  ).toBe("edited interval and source");
  expect(edit(spec({ batch_rows: 1, parallelism: 1, mode: "a" }), spec({}))).toBe("edited 3 fields");
  expect(edit(spec({ batch_rows: 1 }), spec({ batch_rows: 2 }))).toBe("edited batch rows");
  expect(edit(spec({ tls: "off" }), spec({ tls: "on" }), CONNECTION)).toBe("edited TLS mode");
});

test("what else an edit did is told too", () => {
  const before = { name: "a", properties: {}, spec: { paused: false, interval_secs: 1 } };
  const after = { name: "b", properties: { team: "data" }, spec: { paused: true, interval_secs: 2 } };
  expect(edit(before, after)).toBe("renamed, paused and edited interval and properties");
  expect(edit(spec({ a: 1 }), { ...spec({ a: 1 }), version: 2 })).toBe("changed");
});

test("an org is called an organization", () => {
  expect(kindTitle("org", [PIPELINE])).toBe("Organization");
  expect(kindTitle("pipeline", [PIPELINE])).toBe("Pipeline");
  expect(kindTitle("service_account", [])).toBe("Service account");
});
