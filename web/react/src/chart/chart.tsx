import { useEffect, useId, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import { formatValue } from "../lib/format";
import { useTheme } from "../theme";

export interface ChartSeries {
  label: string;
  points: { at: string; value: number | null }[];
}

export interface ChartProps {
  /** Says what is drawn, for those who do not see it. */
  label: string;
  series: ChartSeries[];
  unit?: string;
  /** Range of the time axis in seconds since 1970. */
  from: number;
  to: number;
  height?: number;
  /** A sparkline: no axes, no legend. */
  bare?: boolean;
}

const MAX_SERIES = 6;
const SYNC_KEY = "plinth-charts";

/** A time chart. Charts on one page share the cursor; values under it stand in the legend. */
export function Chart({ label, series, unit, from, to, height = 180, bare = false }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [index, setIndex] = useState<number | null>(null);
  const legendId = useId();
  const { theme } = useTheme();
  const shown = useMemo(() => topSeries(series), [series]);
  const data = useMemo(() => align(shown, from, to), [shown, from, to]);
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
        padding: bare ? [2, 0, 2, 0] : [8, 6, 0, 0],
        legend: { show: false },
        cursor: bare
          ? { show: false }
          : { sync: { key: SYNC_KEY }, drag: { x: false, y: false }, points: { size: 7 } },
        scales: {
          x: { time: true, range: () => [latest.current.from, latest.current.to] },
          y: { range: (_u, _min, max) => [0, max > 0 ? max * 1.12 : 1] },
        },
        axes: bare ? [{ show: false }, { show: false }] : axes(palette, unit),
        series: [{}, ...names.split("\n").map((_, at) => lineOf(palette, at, shown.length === 1))],
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
  }, [names, theme, height, unit, bare]);

  useEffect(() => {
    plot.current?.setData(data);
  }, [data]);

  return (
    <figure className="min-w-0" aria-label={label}>
      {bare ? null : <Legend id={legendId} series={shown} data={data} index={index} unit={unit} />}
      <div
        ref={host}
        role="img"
        aria-label={summary(label, shown, unit)}
        className="min-w-0"
        style={{ height }}
      />
    </figure>
  );
}

function Legend(props: {
  id: string;
  series: ChartSeries[];
  data: uPlot.AlignedData;
  index: number | null;
  unit: string | undefined;
}) {
  const at = props.index !== null ? props.data[0]?.[props.index] : undefined;
  return (
    <div className="num mb-1 flex min-h-5 flex-wrap items-center gap-x-4 gap-y-0.5 text-xs">
      {props.series.map((each, index) => (
        <span key={each.label} className="inline-flex min-w-0 items-center gap-1.5">
          <span
            className="h-0.5 w-3 shrink-0 rounded-full"
            style={{ background: `var(--color-series-${(index % MAX_SERIES) + 1})` }}
            aria-hidden
          />
          <span className="truncate text-muted">{each.label}</span>
          <span className="font-medium text-text">
            {formatValue(valueAt(props.data, index, props.index), props.unit)}
          </span>
        </span>
      ))}
      {at !== undefined ? (
        <span className="ml-auto text-faint">{new Date(at * 1000).toLocaleTimeString()}</span>
      ) : null}
    </div>
  );
}

function valueAt(data: uPlot.AlignedData, series: number, index: number | null): number | null {
  const values = data[series + 1];
  if (!values) return null;
  if (index !== null) return values[index] ?? null;
  for (let at = values.length - 1; at >= 0; at -= 1) {
    const value = values[at];
    if (value != null) return value;
  }
  return null;
}

/** More lines than colours cannot be told apart: the largest are drawn. */
function topSeries(series: ChartSeries[]): ChartSeries[] {
  if (series.length <= MAX_SERIES) return series;
  const peak = (each: ChartSeries) => Math.max(0, ...each.points.map((point) => point.value ?? 0));
  return [...series].sort((a, b) => peak(b) - peak(a)).slice(0, MAX_SERIES);
}

/** uPlot wants one time axis for all series; points that a series lacks become gaps. */
function align(series: ChartSeries[], from: number, to: number): uPlot.AlignedData {
  const maps = series.map(
    (each) => new Map(each.points.map((point) => [Date.parse(point.at) / 1000, point.value])),
  );
  const times = new Set<number>();
  for (const map of maps) for (const at of map.keys()) if (at >= from - 1 && at <= to + 1) times.add(at);
  const axis = [...times].sort((a, b) => a - b);
  if (maps.length === 0) return [axis, []];
  return [axis, ...maps.map((map) => axis.map((at) => map.get(at) ?? null))];
}

function summary(label: string, series: ChartSeries[], unit: string | undefined): string {
  const parts = series.map((each) => {
    const values = each.points.flatMap((point) => (point.value === null ? [] : [point.value]));
    const last = values.at(-1);
    if (last === undefined) return `${each.label}: no data`;
    return `${each.label}: now ${formatValue(last, unit)}, highest ${formatValue(Math.max(...values), unit)}`;
  });
  return `${label}. ${parts.join("; ") || "No data"}`;
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

function lineOf(palette: Palette, index: number, fill: boolean): uPlot.Series {
  const at = index % MAX_SERIES;
  return {
    stroke: palette.lines[at],
    width: 1.75,
    fill: fill ? palette.fills[at] : undefined,
    points: { show: (u) => (u.data[0]?.length ?? 0) < 3, size: 5 },
    spanGaps: true,
    paths: uPlot.paths.spline?.(),
  };
}

function axes(palette: Palette, unit: string | undefined): uPlot.Axis[] {
  const shared = { stroke: palette.text, font: palette.font, ticks: { show: false }, gap: 6 };
  return [
    { ...shared, grid: { show: false }, size: 26, space: 70, values: (_u, ticks) => ticks.map(clock) },
    {
      ...shared,
      grid: { stroke: palette.grid, width: 1, dash: [2, 3] },
      size: (_u, values) => Math.max(34, ...(values ?? []).map((value) => value.length * 6.4 + 12)),
      space: 38,
      values: (_u, ticks) => ticks.map((tick) => axisText(tick, unit)),
    },
  ];
}

function axisText(value: number, unit: string | undefined): string {
  if (unit && /^bytes?/.test(unit)) return formatValue(value, "bytes");
  if (unit && /^(s|secs?|seconds?)$/.test(unit)) return formatValue(value, unit);
  return formatValue(value);
}

function clock(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString([], {
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
  });
}
