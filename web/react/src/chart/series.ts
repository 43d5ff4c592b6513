/** What is drawn of the measured points: pure, so that it can be tested without a canvas. */

import type { AlignedData } from "uplot";
import { formatValue } from "../lib/format";

export interface ChartPoint {
  at: string;
  value: number | null;
}

export interface ChartSeries {
  label: string;
  points: ChartPoint[];
}

export const MAX_SERIES = 6;
/** Points further apart than so many buckets are not joined: nobody knows what was between them. */
const JOINED_BUCKETS = 2;
/** After so long without news a rate is no longer the one of now. */
const STALE_SECS = 60;

/** More lines than colours cannot be told apart: the largest are drawn. */
export function topSeries(series: ChartSeries[]): ChartSeries[] {
  if (series.length <= MAX_SERIES) return series;
  const peak = (each: ChartSeries) => Math.max(0, ...each.points.map((point) => point.value ?? 0));
  return [...series].sort((a, b) => peak(b) - peak(a)).slice(0, MAX_SERIES);
}

/**
 * One time axis for all series, as uPlot wants it. Where a series has no point, `undefined` lets the line go on to the
 * next one and `null` breaks it.
 */
export function align(series: ChartSeries[], from: number, to: number, bucketSecs: number): AlignedData {
  const maps = series.map(
    (each) =>
      new Map(
        each.points.flatMap((point) =>
          point.value === null ? [] : [[Date.parse(point.at) / 1000, point.value]],
        ),
      ),
  );
  const times = new Set<number>();
  for (const map of maps) for (const at of map.keys()) if (at >= from - bucketSecs && at <= to) times.add(at);
  const reach = JOINED_BUCKETS * bucketSecs;
  const axis = withBreaks(
    [...times].sort((a, b) => a - b),
    bucketSecs,
    reach,
  );
  if (maps.length === 0) return [axis, []];
  return [axis, ...maps.map((map) => joined(axis, map, reach))] as AlignedData;
}

/** A gap that all series share needs a place on the axis, or there would be nothing to break the lines at. */
function withBreaks(times: number[], bucketSecs: number, reach: number): number[] {
  return times.flatMap((at, index) => {
    const next = times[index + 1];
    return next !== undefined && next - at > reach ? [at, at + bucketSecs] : [at];
  });
}

function joined(axis: number[], points: Map<number, number>, reach: number): (number | null | undefined)[] {
  let last = Number.NEGATIVE_INFINITY;
  const before = axis.map((at) => {
    if (points.has(at)) last = at;
    return last;
  });
  let next = Number.POSITIVE_INFINITY;
  const after = axis
    .map((_, index) => {
      const at = axis[axis.length - 1 - index] as number;
      if (points.has(at)) next = at;
      return next;
    })
    .reverse();
  return axis.map(
    (at, index) =>
      points.get(at) ?? ((after[index] as number) - (before[index] as number) <= reach ? undefined : null),
  );
}

/** Points without a neighbour to be joined to: drawn as dots, for a line of one point is not seen. */
export function lonely(values: ArrayLike<number | null | undefined>): number[] {
  const indexes: number[] = [];
  for (let at = 0; at < values.length; at += 1) {
    if (values[at] != null && !reaches(values, at, -1) && !reaches(values, at, 1)) indexes.push(at);
  }
  return indexes;
}

function reaches(values: ArrayLike<number | null | undefined>, from: number, step: 1 | -1): boolean {
  let at = from + step;
  while (at >= 0 && at < values.length && values[at] === undefined) at += step;
  return at >= 0 && at < values.length && values[at] !== null;
}

/** The value at this moment: of a total that stays until the next report the newest, of a rate none when it is old. */
export function currentValue(
  points: ChartPoint[],
  now: number,
  bucketSecs: number,
  total: boolean,
): number | null {
  const last = points.findLast((point) => point.value !== null);
  if (!last) return null;
  const age = now - (Date.parse(last.at) / 1000 + bucketSecs);
  return total || age <= Math.max(STALE_SECS, JOINED_BUCKETS * bucketSecs) ? last.value : null;
}

/**
 * Where the time axis begins: what is young does not show the time before it. Points are never cut off (they may be of
 * something older that is deleted), and a minute is the least.
 */
export function beginOf(from: number, to: number, since: string | undefined, series: ChartSeries[]): number {
  if (since === undefined) return from;
  const firsts = series.flatMap((each) => each.points.slice(0, 1)).map((point) => point.at);
  const times = [since, ...firsts].map((at) => Date.parse(at) / 1000);
  return Math.max(from, Math.min(...times, to - 60));
}

/** The chart in words, for those who do not see it. */
export function summaryOf(
  label: string,
  series: { label: string; points: ChartPoint[]; now: number | null }[],
  unit: string | undefined,
): string {
  const parts = series.map((each) => {
    const values = each.points.flatMap((point) => (point.value === null ? [] : [point.value]));
    if (values.length === 0) return `${each.label}: no data`;
    const now = each.now === null ? "nothing now" : `now ${formatValue(each.now, unit)}`;
    return `${each.label}: ${now}, highest ${formatValue(Math.max(...values), unit)}`;
  });
  return `${label}. ${parts.join("; ") || "No data"}`;
}

/** About 120 points across whatever time is shown, on round steps. */
export function bucketFor(spanSecs: number): number {
  const steps = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400];
  return steps.find((step) => spanSecs / step <= 130) ?? 86_400;
}
