import { useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import { formatTick, formatTime, formatValue } from "../lib/format";
import { useNow } from "../lib/now";
import { useTheme } from "../theme";
import { align, type ChartSeries, currentValue, MAX_SERIES, summaryOf, topSeries } from "./series";

export interface ChartProps {
  /** Says what is drawn, for those who do not see it. */
  label: string;
  series: ChartSeries[];
  unit?: string;
  /** Range of the time axis in seconds since 1970. */
  from: number;
  to: number;
  /** How far apart the points are that belong together. */
  bucketSecs: number;
  /** The values stay true until the next one is measured: a level or a total, and not a rate. */
  total?: boolean;
  height?: number;
}

const SYNC_KEY = "plinth-charts";

/** A time chart. Charts on one page share the cursor; values under it stand in the legend. */
export function Chart({
  label,
  series,
  unit,
  from,
  to,
  bucketSecs,
  total = false,
  height = 180,
}: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [index, setIndex] = useState<number | null>(null);
  const { theme } = useTheme();
  const now = useNow() / 1000;
  const shown = useMemo(() => topSeries(series), [series]);
  const data = useMemo(
    () => align(shown, { from, to, bucketSecs, total }),
    [shown, from, to, bucketSecs, total],
  );
  const current = shown.map((each) => ({ ...each, now: currentValue(each.points, now, bucketSecs, total) }));
  const names = shown.map((each) => each.label).join("\n");
  const latest = useRef({ data, from, to });
  latest.current = { data, from, to };

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme or new series names need new colours; data goes in by `setData`.
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const palette = readPalette(element);
    const created = new uPlot(
      {
        width: Math.max(element.clientWidth, 40),
        height,
        // At the right there is room for half of the last label of the time axis.
        padding: [8, 18, 0, 0],
        legend: { show: false },
        cursor: { sync: { key: SYNC_KEY }, drag: { x: false, y: false }, points: { size: 7 } },
        scales: {
          x: { time: true, range: () => [latest.current.from, latest.current.to] },
          y: { range: (_u, _min, max) => [0, max > 0 ? max * 1.12 : 1] },
        },
        axes: axes(palette, unit),
        series: [
          {},
          ...names.split("\n").map((_, at) => lineOf(palette, at, { fill: shown.length === 1, total })),
        ],
        hooks: { setCursor: [(u) => setIndex(u.cursor.idx ?? null)] },
      },
      latest.current.data,
      element,
    );
    plot.current = created;
    const observer = new ResizeObserver(() => {
      created.setSize({ width: Math.max(element.clientWidth, 40), height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      created.destroy();
      plot.current = null;
    };
  }, [names, theme, height, unit, total]);

  useEffect(() => {
    plot.current?.setData(data);
  }, [data]);

  const values = current.map((each, at) => (index === null ? each.now : valueUnder(data[at + 1], index)));
  return (
    <figure className="min-w-0" aria-label={label}>
      <Legend
        names={shown.map((each) => each.label)}
        values={values}
        at={index === null ? undefined : data[0]?.[index]}
        unit={unit}
      />
      <div
        ref={host}
        role="img"
        aria-label={summaryOf(label, current, unit)}
        className="min-w-0"
        style={{ height }}
      />
    </figure>
  );
}

/** What the line shows there: a series goes on across the points that only others have. */
function valueUnder(values: ArrayLike<number | null | undefined> | undefined, index: number): number | null {
  let at = index;
  while (at > 0 && values?.[at] === undefined) at -= 1;
  return values?.[at] ?? null;
}

function Legend(props: {
  names: string[];
  values: (number | null)[];
  /** The moment under the cursor, in seconds since 1970; without it the values are those of now. */
  at: number | undefined;
  unit: string | undefined;
}) {
  return (
    <div className="num mb-1 flex min-h-5 flex-wrap items-center gap-x-4 gap-y-0.5 text-xs">
      {props.names.map((name, index) => (
        <span key={name} className="inline-flex min-w-0 items-center gap-1.5">
          <span
            className="h-0.5 w-3 shrink-0 rounded-full"
            style={{ background: `var(--color-series-${(index % MAX_SERIES) + 1})` }}
            aria-hidden
          />
          <span className="truncate text-muted">{name}</span>
          <span className="font-medium text-text">{formatValue(props.values[index], props.unit)}</span>
        </span>
      ))}
      {props.at !== undefined ? (
        <span className="ml-auto text-faint">{formatTime(props.at * 1000)}</span>
      ) : null}
    </div>
  );
}

interface Palette {
  lines: string[];
  fills: string[];
  grid: string;
  text: string;
  font: string;
}

/** Canvas knows no CSS variables: the computed colours are read from a probe inside the chart. */
function readPalette(element: HTMLElement): Palette {
  const probe = document.createElement("span");
  // A colour in transition would be read as the one before.
  probe.style.setProperty("transition", "none", "important");
  element.append(probe);
  const read = (color: string) => {
    probe.style.color = color;
    return getComputedStyle(probe).color;
  };
  const indexes = Array.from({ length: MAX_SERIES }, (_, index) => index + 1);
  const palette = {
    lines: indexes.map((index) => read(`var(--color-series-${index})`)),
    fills: indexes.map((index) => read(`color-mix(in oklab, var(--color-series-${index}) 13%, transparent)`)),
    grid: read("var(--color-line)"),
    text: read("var(--color-faint)"),
    font: `11px ${getComputedStyle(element).fontFamily}`,
  };
  probe.remove();
  return palette;
}

/** Steps and straight lines: a curve through two points claims more than was measured, and overshoots. */
function lineOf(palette: Palette, index: number, style: { fill: boolean; total: boolean }): uPlot.Series {
  const at = index % MAX_SERIES;
  return {
    stroke: palette.lines[at],
    width: 1.75,
    fill: style.fill ? palette.fills[at] : undefined,
    points: { show: false },
    spanGaps: false,
    paths: style.total ? uPlot.paths.linear?.() : uPlot.paths.stepped?.({ align: 1 }),
  };
}

function axes(palette: Palette, unit: string | undefined): uPlot.Axis[] {
  const shared = { stroke: palette.text, font: palette.font, ticks: { show: false }, gap: 6 };
  return [
    {
      ...shared,
      grid: { show: false },
      size: 26,
      space: 76,
      values: (_u, ticks, _axis, _space, stepSecs) => ticks.map((tick) => formatTick(tick * 1000, stepSecs)),
    },
    {
      ...shared,
      grid: { stroke: palette.grid, width: 1, dash: [2, 3] },
      size: (_u, values) => Math.max(34, ...(values ?? []).map((value) => value.length * 6.4 + 12)),
      space: 30,
      values: (_u, ticks) => ticks.map((tick) => axisText(tick, unit)),
    },
  ];
}

function axisText(value: number, unit: string | undefined): string {
  if (unit && /^bytes?/.test(unit)) return formatValue(value, "bytes");
  if (unit && /^(s|secs?|seconds?)$/.test(unit)) return formatValue(value, unit);
  return formatValue(value);
}
