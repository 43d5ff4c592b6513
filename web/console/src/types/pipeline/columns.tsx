import type { Resource } from "@plinth/client";
import {
  type Column,
  formatBytes,
  formatCompact,
  Progress,
  RelativeTime,
  StatusBadge,
  useNow,
} from "@plinth/react";
import { ArrowRight } from "lucide-react";
import { isUntaken, pipelineSpec, pipelineStatus, progressOf, shownState } from "./model";

export function PipelineState({ resource }: { resource: Resource }) {
  const untaken = isUntaken(resource, useNow());
  return (
    <span className="inline-flex items-center gap-2">
      <StatusBadge {...shownState(resource)} />
      {untaken ? (
        <span className="text-warn text-xs max-sm:hidden" title={UNTAKEN_HINT.replaceAll("`", "")}>
          no worker yet
        </span>
      ) : null}
    </span>
  );
}

export const UNTAKEN_HINT =
  "It starts as soon as a worker has a free place. Whoever runs this installation should check that `plinth worker` " +
  "is running, and whether all of its places are taken.";

export function Route({ resource }: { resource: Resource }) {
  const { source, destination } = pipelineSpec(resource);
  return (
    <span className="inline-flex max-w-80 items-center gap-1.5 text-muted">
      <span className="truncate">{source?.connection}</span>
      <ArrowRight className="size-3 shrink-0 text-faint" aria-label="to" />
      <span className="truncate">{destination?.connection}</span>
    </span>
  );
}

export const pipelineColumns: Column<Resource>[] = [
  { id: "state", header: "State", cell: (resource) => <StateCell resource={resource} /> },
  { id: "route", header: "Route", from: "md", cell: (resource) => <Route resource={resource} /> },
  {
    id: "rows",
    header: "Rows",
    align: "right",
    cell: (resource) => formatCompact(pipelineStatus(resource).rows ?? 0),
  },
  {
    id: "rate",
    header: "Rows/s",
    align: "right",
    from: "sm",
    cell: (resource) => {
      const rate = pipelineStatus(resource).rows_per_second;
      return rate ? formatCompact(Math.round(rate)) : <span className="text-faint">–</span>;
    },
  },
  {
    id: "bytes",
    header: "Data",
    align: "right",
    from: "lg",
    cell: (resource) => formatBytes(pipelineStatus(resource).bytes ?? 0),
  },
  {
    id: "last_read",
    header: "Last read",
    align: "right",
    from: "lg",
    cell: (resource) => <RelativeTime at={pipelineStatus(resource).last_read_at} className="text-muted" />,
  },
  {
    id: "created_at",
    header: "Created",
    align: "right",
    from: "xl",
    sortable: true,
    cell: (resource) => <RelativeTime at={resource.created_at} className="text-muted" />,
  },
];

function StateCell({ resource }: { resource: Resource }) {
  const status = pipelineStatus(resource);
  const share = status.state === "snapshotting" ? progressOf(status) : null;
  return (
    <span className="inline-flex items-center gap-2.5">
      <PipelineState resource={resource} />
      {share !== null ? (
        <span className="inline-flex items-center gap-2 max-sm:hidden">
          <Progress label={`${resource.name} progress`} value={share} className="w-16" />
          <span className="num text-faint text-xs">{Math.floor(share * 100)} %</span>
        </span>
      ) : null}
    </span>
  );
}
