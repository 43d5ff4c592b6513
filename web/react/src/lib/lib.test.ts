import { expect, test } from "vitest";
import { changesBetween } from "./diff";
import {
  formatBytes,
  formatDateTime,
  formatDecimal,
  formatDuration,
  formatMoney,
  formatQuantity,
  formatRelative,
  formatTick,
  formatUnits,
  formatValue,
} from "./format";
import { mergePatch, pointerSegments } from "./json";

test("a merge patch holds only what differs, and null for what is gone", () => {
  const before = { host: "a", port: 5432, tls: "prefer", nested: { keep: 1, drop: 2 }, list: [1, 2] };
  const after = { host: "b", port: 5432, nested: { keep: 1 }, list: [1, 3], password: "new" };
  expect(mergePatch(before, after)).toEqual({
    host: "b",
    tls: null,
    nested: { drop: null },
    list: [1, 3],
    password: "new",
  });
});

test("a merge patch of equal values is empty, also with undefined members", () => {
  expect(mergePatch({ a: 1, b: { c: [] } }, { a: 1, b: { c: [] }, password: undefined })).toEqual({});
});

test("pointers are unescaped as rfc 6901 says", () => {
  expect(pointerSegments("/a~1b/m~0n/0")).toEqual(["a/b", "m~n", "0"]);
  expect(pointerSegments("")).toEqual([]);
});

test("a difference names each leaf and follows list items by their names", () => {
  const before = { spec: { paused: false }, status: { tables: [{ name: "a", rows: 1 }] } };
  const after = {
    spec: { paused: true },
    status: {
      tables: [
        { name: "b", rows: 5 },
        { name: "a", rows: 2 },
      ],
    },
  };
  expect(changesBetween(before, after).map((change) => [change.kind, change.path])).toEqual([
    ["changed", "spec.paused"],
    ["changed", "status.tables[a].rows"],
    ["added", "status.tables[b].name"],
    ["added", "status.tables[b].rows"],
  ]);
  expect(changesBetween({ version: 1 }, { version: 2 }, ["version"])).toEqual([]);
  expect(changesBetween(null, { a: 1 })).toEqual([{ path: "a", kind: "added", after: 1 }]);
});

test("decimal text keeps every digit that a float would lose", () => {
  expect(formatDecimal("12345678901234567890.123456789")).toBe("12,345,678,901,234,567,890.123456789");
  expect(formatMoney("9007199254740993.10", "USD")).toBe("$9,007,199,254,740,993.10");
  expect(formatMoney("0.0000015", "USD", "price")).toBe("$0.0000015");
  expect(formatMoney("0.5", "USD", "price")).toBe("$0.50");
});

test("measured values are short and carry their unit", () => {
  expect(formatBytes(0)).toBe("0 B");
  expect(formatBytes(5_400_000)).toBe("5.4 MB");
  expect(formatValue(1_234_567, "rows/s")).toBe("1.23M rows/s");
  expect(formatValue(2048, "bytes/s")).toBe("2.05 kB/s");
  expect(formatValue(null, "s")).toBe("–");
  expect(formatDuration(0.4)).toBe("400 ms");
  expect(formatDuration(125)).toBe("2 min 5 s");
});

test("units stand in the number of what they count", () => {
  expect(formatUnits("1", "row")).toBe("1 row");
  expect(formatUnits("1.0", "hour")).toBe("1 hour");
  expect(formatUnits("0", "row")).toBe("0 rows");
  expect(formatUnits("12345678901234567890.5", "byte")).toBe("12,345,678,901,234,567,890.5 bytes");
  expect(formatUnits(2, "entry")).toBe("2 entries");
  expect(formatUnits(3, "batch")).toBe("3 batches");
});

test("metered quantities are short where the exact number says less", () => {
  expect(formatQuantity("113414028", "byte")).toBe("113.4 MB");
  expect(formatQuantity("512", "byte")).toBe("512 B");
  expect(formatQuantity("0.031586", "hour")).toBe("1 min 54 s");
  expect(formatQuantity("72.5", "hour")).toBe("3 days 0 h");
  expect(formatQuantity("1280703", "row")).toBe("1,280,703 rows");
  expect(formatDuration(59.97)).toBe("1 min 0 s");
});

test("all clocks have 24 hours, and marks as much of the time as tells them apart", () => {
  const at = new Date(2026, 10, 23, 13, 4, 5);
  expect(formatDateTime(at.toISOString())).toContain("13:04:05");
  expect(formatTick(at, 15)).toBe("13:04:05");
  expect(formatTick(at, 60)).toBe("13:04");
  expect(formatTick(at, 86_400)).toBe("Nov 23");
});

test("relative times look both ways", () => {
  const now = Date.parse("2026-11-23T00:00:00Z");
  expect(formatRelative("2026-11-22T23:59:48Z", now)).toBe("12 s ago");
  expect(formatRelative("2026-11-26T00:00:00Z", now)).toBe("in 3 days");
  expect(formatRelative("2026-11-22T23:59:59Z", now)).toBe("just now");
});
