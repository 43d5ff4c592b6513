import { expect, test } from "vitest";
import { align, beginOf, type ChartPoint, currentValue, summaryOf, topSeries } from "./series";

const BASE = Date.parse("2026-11-23T00:00:00Z") / 1000;
const point = (at: number, value: number | null): ChartPoint => ({
  at: new Date((BASE + at) * 1000).toISOString(),
  value,
});
const of = (...points: [number, number][]) => points.map(([at, value]) => point(at, value));

function aligned(total: boolean, ...series: ChartPoint[][]) {
  const named = series.map((points, index) => ({ label: `${index}`, points }));
  const [times, ...values] = align(named, { from: BASE, to: BASE + 100, bucketSecs: 10, total });
  return { times: [...times].map((at) => at - BASE), values: values.map((each) => [...each]) };
}

test("a rate holds for its bucket, and over one bucket without a point", () => {
  expect(aligned(false, of([0, 1], [10, 2], [30, 3]))).toEqual({
    times: [0, 10, 30, 40],
    values: [[1, 2, 3, 3]],
  });
});

test("a line breaks where nothing was measured for more than two buckets", () => {
  expect(aligned(false, of([0, 1], [10, 2], [50, 3]))).toEqual({
    times: [0, 10, 20, 25, 50, 60],
    values: [[1, 2, 2, null, 3, 3]],
  });
});

test("a single point is as long as its bucket", () => {
  expect(aligned(false, of([30, 7]))).toEqual({ times: [30, 40], values: [[7, 7]] });
});

test("a series goes on across the points that only others have, and breaks at its own gaps", () => {
  const { times, values } = aligned(false, of([0, 1], [20, 2]), of([0, 5], [10, 6], [50, 7]));
  expect(times).toEqual([0, 10, 20, 25, 30, 50, 60]);
  expect(values).toEqual([
    [1, undefined, 2, undefined, 2, null, null],
    [5, 6, 6, null, null, 7, 7],
  ]);
});

test("a total stays what it was until the next report, and until now", () => {
  expect(aligned(true, of([0, 1], [70, 2]))).toEqual({ times: [0, 70, 100], values: [[1, 2, 2]] });
  expect(aligned(true, of([100, 2]))).toEqual({ times: [100], values: [[2]] });
});

test("a measured null is a point without a value", () => {
  const points = [point(0, 1), point(10, null), point(20, 3)];
  expect(aligned(false, points)).toEqual({ times: [0, 20, 30], values: [[1, 3, 3]] });
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
