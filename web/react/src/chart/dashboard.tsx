import type { Dashboard, DashboardChart, MetricSeries } from "@plinth/client";
import { useMemo } from "react";
import { ErrorState } from "../components/error-state";
import { Card } from "../components/layout";
import { Skeleton } from "../components/progress";
import { useMetric } from "../data/queries";
import { useNow } from "../lib/now";
import { Chart } from "./chart";
import { beginOf, bucketFor, type ChartSeries } from "./series";

export interface DashboardViewProps {
  dashboard: Dashboard;
  /** Id of the resource that the dashboard is about; without it, of all that the caller may see. */
  resource?: string;
  /** When that began: a younger one does not fill its charts with the time before it. */
  since?: string;
  spanSecs: number;
}

/** The charts that a product declares for one of its types. */
export function DashboardView({ dashboard, resource, since, spanSecs }: DashboardViewProps) {
  return (
    <div className="grid gap-4 lg:grid-cols-2 lg:[&>*:last-child:nth-child(odd)]:col-span-2">
      {dashboard.charts.map((chart) => (
        <Card key={chart.title} title={chart.title}>
          <MetricChart chart={chart} resource={resource} since={since} spanSecs={spanSecs} />
        </Card>
      ))}
    </div>
  );
}

export interface MetricChartProps {
  chart: DashboardChart;
  resource?: string;
  since?: string;
  spanSecs: number;
  height?: number;
  /** Names a series from its group; the default joins the group's values. Keep it the same function. */
  nameSeries?: (group: Record<string, string>) => string;
}

const LEAST_SPAN_SECS = 300;

export function MetricChart({ chart, resource, since, spanSecs, height, nameSeries }: MetricChartProps) {
  const now = useNow() / 1000;
  const age = since === undefined ? spanSecs : Math.max(now - Date.parse(since) / 1000, LEAST_SPAN_SECS);
  const bucketSecs = Math.max(chart.bucket_secs ?? 0, bucketFor(Math.min(spanSecs, age)));
  const query = useMetric(
    {
      name: chart.metric,
      aggregate: chart.aggregate,
      group_by: chart.group_by,
      bucket_secs: bucketSecs,
      resource,
    },
    spanSecs,
  );
  const measured = query.data?.series;
  const series = useMemo(
    () => measured?.map((each) => named(each, chart, nameSeries)) ?? [],
    [measured, chart, nameSeries],
  );
  if (query.error) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton className="h-45 w-full" />;
  if (series.every((each) => each.points.length === 0)) {
    return (
      <p
        className="flex items-center justify-center text-faint text-sm"
        style={{ height: (height ?? 180) + 24 }}
      >
        Nothing measured in this time
      </p>
    );
  }
  // The window moves on while nothing is reported, a bucket at a time.
  const to = Math.max(query.data.to, Math.floor(now / bucketSecs) * bucketSecs);
  return (
    <Chart
      label={chart.title}
      series={series}
      unit={chart.unit}
      from={beginOf(to - spanSecs, to, since, series)}
      to={to}
      bucketSecs={bucketSecs}
      total={chart.aggregate === "last"}
      height={height}
    />
  );
}

function named(
  series: MetricSeries,
  chart: DashboardChart,
  nameSeries: MetricChartProps["nameSeries"],
): ChartSeries {
  const group = Object.values(series.group ?? {});
  const label = group.length === 0 ? chart.title : (nameSeries?.(series.group) ?? group.join(" · "));
  return { label, points: series.points };
}
