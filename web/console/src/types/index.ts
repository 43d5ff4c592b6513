import { connectionColumns } from "./connection/columns";
import { PipelineActions } from "./pipeline/actions";
import { pipelineColumns } from "./pipeline/columns";
import { editVerb, offeredVerbs, PIPELINE_STATES, shownState } from "./pipeline/model";
import { PipelineStats } from "./pipeline/stats";
import { PipelineSummary } from "./pipeline/summary";
import { lazy, registerType } from "./registry";

registerType("pipeline", {
  columns: pipelineColumns,
  states: PIPELINE_STATES,
  state: shownState,
  verbs: offeredVerbs,
  editVerb,
  Summary: PipelineSummary,
  Stats: PipelineStats,
  Actions: PipelineActions,
  New: lazy(() => import("./pipeline/wizard").then((module) => ({ default: module.PipelineWizard }))),
  Overview: lazy(() =>
    import("./pipeline/overview").then((module) => ({ default: module.PipelineOverview })),
  ),
});

registerType("connection", {
  columns: connectionColumns,
  Summary: lazy(() =>
    import("./connection/summary").then((module) => ({ default: module.ConnectionSummary })),
  ),
});

export { extensionOf } from "./registry";
