import { connectionColumns } from "./connection/columns";
import { pipelineColumns } from "./pipeline/columns";
import { PIPELINE_STATES } from "./pipeline/model";
import { lazy, registerType } from "./registry";

registerType("pipeline", {
  columns: pipelineColumns,
  states: PIPELINE_STATES,
  Summary: lazy(() => import("./pipeline/summary").then((module) => ({ default: module.PipelineSummary }))),
  Stats: lazy(() => import("./pipeline/stats").then((module) => ({ default: module.PipelineStats }))),
  Actions: lazy(() => import("./pipeline/actions").then((module) => ({ default: module.PipelineActions }))),
  New: lazy(() => import("./pipeline/wizard").then((module) => ({ default: module.PipelineWizard }))),
  Overview: lazy(() => import("./pipeline/overview").then((module) => ({ default: module.PipelineOverview }))),
});

registerType("connection", {
  columns: connectionColumns,
  Summary: lazy(() => import("./connection/summary").then((module) => ({ default: module.ConnectionSummary }))),
});

export { extensionOf } from "./registry";
