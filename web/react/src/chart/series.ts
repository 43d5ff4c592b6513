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
 * next one and `null` breaks it. A rate holds for its bucket: the line ends with the last bucket before a gap. A total
 * holds until the next report, and there is no gap in it.
 */
export function align(
  series: ChartSeries[],
  window: { from: number; to: number; bucketSecs: number; total: boolean },
): AlignedData {
  const runs = series.map((each) => runsOf(pointsWithin(each, window), window));
  const times = new Set(runs.flat().flatMap((run) => [...run.keys()]));
  // Between two runs there is a place at which all lines are broken.
  for (const own of runs) for (const run of own.slice(0, -1)) times.add(endOf(run) + window.bucketSecs / 2);
  const axis = [...times].sort((a, b) => a - b);
  if (runs.length === 0) return [axis, []];
  return [axis, ...runs.map((own) => axis.map((at) => valueAt(own, at)))] as AlignedData;
}

type Window = Parameters<typeof align>[1];
/** Values by their times, in order, that one line goes through. */
type Run = Map<number, number>;

function pointsWithin(series: ChartSeries, { from, to, bucketSecs }: Window): [number, number][] {
  return series.points
    .flatMap(({ at, value }): [number, number][] => (value === null ? [] : [[Date.parse(at) / 1000, value]]))
    .filter(([at]) => at >= from - bucketSecs && at <= to);
}

function runsOf(points: [number, number][], { to, bucketSecs, total }: Window): Run[] {
  const reach = total ? Number.POSITIVE_INFINITY : JOINED_BUCKETS * bucketSecs;
  const runs: Run[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const [at, value] of points) {
    if (at - last > reach || runs.length === 0) runs.push(new Map());
    runs.at(-1)?.set(at, value);
    last = at;
  }
  for (const run of runs) {
    const at = endOf(run);
    const held = total ? to : at + bucketSecs;
    if (held > at) run.set(held, run.get(at) as number);
  }
  return runs;
}

function endOf(run: Run): number {
  return [...run.keys()].at(-1) as number;
}

function valueAt(runs: Run[], at: number): number | null | undefined {
  const run = runs.find((each) => at <= endOf(each));
  const begin = run?.keys().next().value;
  if (!run || begin === undefined || at < begin) return null;
  return run.get(at);
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
