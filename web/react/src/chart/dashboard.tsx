import type { Dashboard, DashboardChart, MetricSeries } from "@plinth/client";
import { ErrorState } from "../components/error-state";
import { Card } from "../components/layout";
import { Skeleton } from "../components/progress";
import { useMetric } from "../data/queries";
import { Chart, type ChartSeries } from "./chart";

export interface DashboardViewProps {
  dashboard: Dashboard;
  /** Id of the resource that the dashboard is about; without it, of all that the caller may see. */
  resource?: string;
  spanSecs: number;
}

/** The charts that a product declares for one of its types. */
export function DashboardView({ dashboard, resource, spanSecs }: DashboardViewProps) {
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      {dashboard.charts.map((chart) => (
        <Card key={chart.title} title={chart.title}>
          <MetricChart chart={chart} resource={resource} spanSecs={spanSecs} />
        </Card>
      ))}
    </div>
  );
}

export interface MetricChartProps {
  chart: DashboardChart;
  resource?: string;
  spanSecs: number;
  height?: number;
  /** Names a series from its group; the default joins the group's values. */
  nameSeries?: (group: Record<string, string>) => string;
}

export function MetricChart({ chart, resource, spanSecs, height, nameSeries }: MetricChartProps) {
  const query = useMetric(
    {
      name: chart.metric,
      aggregate: chart.aggregate,
      group_by: chart.group_by,
      bucket_secs: Math.max(chart.bucket_secs ?? 0, bucketFor(spanSecs)),
      resource,
    },
    spanSecs,
  );
  if (query.error) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton className="h-45 w-full" />;
  const series = query.data.series.map((each) => named(each, chart, nameSeries));
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
  const { from, to } = query.data;
  return <Chart label={chart.title} series={series} unit={chart.unit} from={from} to={to} height={height} />;
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

/** About 120 points across whatever time is shown, on round steps. */
export function bucketFor(spanSecs: number): number {
  const steps = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400];
  return steps.find((step) => spanSecs / step <= 130) ?? 86_400;
}
