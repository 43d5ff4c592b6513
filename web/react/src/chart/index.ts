export { Chart, type ChartProps } from "./chart";
export { DashboardView, type DashboardViewProps, MetricChart, type MetricChartProps } from "./dashboard";
export type { ChartSeries } from "./series";
