import type { PlinthEvent, ResourceType } from "@plinth/client";
import { expect, test } from "vitest";
import { foldReports, kindTitle, verbOf, withStateChanges } from "./event-text";

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

test("another owner is told, and one that is not shown is not", () => {
  const of = (owner: string | null) => ({ ...spec({ interval_secs: 1 }), owner });
  expect(edit(of("user_1"), of(null))).toBe("changed the owner");
  expect(edit(of(null), { ...of("sa_1"), spec: { interval_secs: 2 } })).toBe(
    "changed the owner and edited interval",
  );
  expect(edit(spec({ interval_secs: 1 }), of(null))).toBe("changed");
});

test("an org is called an organization", () => {
  expect(kindTitle("org", [PIPELINE])).toBe("Organization");
  expect(kindTitle("pipeline", [PIPELINE])).toBe("Pipeline");
  expect(kindTitle("service_account", [])).toBe("Service account");
});

test("of the reports those stand among the decisions that changed the state", () => {
  const report = (seq: number, before: string, after: string) => {
    const data = {
      operation: "status",
      before: { status: { state: before } },
      after: { status: { state: after } },
    };
    return { seq, subject: "a", data } as unknown as PlinthEvent;
  };
  const decision = (seq: number) =>
    ({ seq, subject: "a", data: { operation: "update" } }) as unknown as PlinthEvent;
  const reports = [
    report(7, "streaming", "streaming"),
    report(6, "paused", "streaming"),
    report(3, "streaming", "paused"),
  ];
  const shown = withStateChanges([decision(5), decision(2), decision(1)], reports);
  expect(shown.map(({ seq }) => seq)).toEqual([6, 5, 3, 2, 1]);
});

test("reports of progress in a row are one, with what was before the first of them", () => {
  const report = (seq: number, rows: number, state = "streaming", subject = "a") => {
    const status = (rows: number, state: string) => ({ status: { state, rows } });
    const data = { operation: "status", before: status(rows - 1, "streaming"), after: status(rows, state) };
    return { seq, subject, data } as unknown as PlinthEvent;
  };
  const edit = { seq: 6, subject: "a", data: { operation: "update" } } as unknown as PlinthEvent;
  const other = report(5, 1, "streaming", "b");
  const runs = foldReports([
    report(9, 9),
    report(8, 8),
    report(7, 7),
    edit,
    other,
    report(4, 4),
    report(3, 3, "paused"),
  ]);
  expect(runs.map(({ event, oldest, count }) => [event.seq, oldest, count])).toEqual([
    [9, 7, 3],
    [6, 6, 1],
    [5, 5, 1],
    [4, 4, 1],
    [3, 3, 1],
  ]);
  expect(runs[0]?.before).toEqual({ status: { state: "streaming", rows: 6 } });
});
