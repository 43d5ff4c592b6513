import { expect, test } from "vitest";
import { align, beginOf, type ChartPoint, currentValue, lonely, summaryOf, topSeries } from "./series";

const BASE = Date.parse("2026-11-23T00:00:00Z") / 1000;
const point = (at: number, value: number | null): ChartPoint => ({
  at: new Date((BASE + at) * 1000).toISOString(),
  value,
});
const of = (...points: [number, number][]) => points.map(([at, value]) => point(at, value));

function aligned(...series: ChartPoint[][]) {
  const named = series.map((points, index) => ({ label: `${index}`, points }));
  const [times, ...values] = align(named, BASE, BASE + 100, 10);
  return { times: [...times].map((at) => at - BASE), values: values.map((each) => [...each]) };
}

test("neighbours are joined, also over one bucket without a point", () => {
  expect(aligned(of([0, 1], [10, 2], [30, 3]))).toEqual({ times: [0, 10, 30], values: [[1, 2, 3]] });
});

test("a line breaks where nothing was measured for more than two buckets", () => {
  expect(aligned(of([0, 1], [10, 2], [50, 3]))).toEqual({
    times: [0, 10, 20, 50],
    values: [[1, 2, null, 3]],
  });
});

test("a series goes on across the points that only others have, and breaks at its own gaps", () => {
  const { times, values } = aligned(of([0, 1], [20, 2]), of([0, 5], [10, 6], [20, 7], [30, 8], [40, 9]));
  expect(times).toEqual([0, 10, 20, 30, 40]);
  expect(values).toEqual([
    [1, undefined, 2, null, null],
    [5, 6, 7, 8, 9],
  ]);
});

test("a measured null is a point without a value", () => {
  expect(aligned([point(0, 1), point(10, null), point(20, 3)])).toEqual({ times: [0, 20], values: [[1, 3]] });
});

test("a point that no line reaches is a dot of its own", () => {
  expect(lonely([1, null, 2, 3, null, 4, undefined, 5, null, 6])).toEqual([0, 9]);
  expect(lonely([undefined, 7, undefined])).toEqual([1]);
});

test("a rate of long ago is not the rate of now, a total still is", () => {
  const points = of([0, 5], [10, 7]);
  expect(currentValue(points, BASE + 40, 10, false)).toBe(7);
  expect(currentValue(points, BASE + 90, 10, false)).toBe(null);
  expect(currentValue(points, BASE + 900, 10, true)).toBe(7);
  expect(currentValue([], BASE, 10, true)).toBe(null);
});

test("what is young does not show the time before it, and at least a minute", () => {
  const begin = (since: number | undefined, ...points: ChartPoint[]) => {
    const at = since === undefined ? undefined : point(since, null).at;
    return beginOf(BASE - 900, BASE, at, [{ label: "a", points }]) - BASE;
  };
  expect(begin(-5000)).toBe(-900);
  expect(begin(-200)).toBe(-200);
  expect(begin(-3)).toBe(-60);
  expect(begin(undefined)).toBe(-900);
  expect(begin(-200, ...of([-300, 1], [-100, 2]))).toBe(-300);
});

test("the words say what is now and what was highest", () => {
  const points = of([0, 40], [10, 7]);
  expect(summaryOf("Speed", [{ label: "a", points, now: 7 }], "rows/s")).toBe(
    "Speed. a: now 7 rows/s, highest 40 rows/s",
  );
  expect(summaryOf("Speed", [{ label: "a", points, now: null }], "rows/s")).toBe(
    "Speed. a: nothing now, highest 40 rows/s",
  );
  expect(summaryOf("Speed", [], undefined)).toBe("Speed. No data");
});

test("of many series the largest are drawn", () => {
  const many = Array.from({ length: 8 }, (_, index) => ({ label: `${index}`, points: of([0, index]) }));
  expect(topSeries(many).map((each) => each.label)).toEqual(["7", "6", "5", "4", "3", "2"]);
});
