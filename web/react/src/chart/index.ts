export { Chart, type ChartProps, type ChartSeries } from "./chart";
export { DashboardView, MetricChart } from "./dashboard";
