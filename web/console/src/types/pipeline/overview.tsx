import type { DashboardChart, Resource } from "@plinth/client";
import {
  Button,
  Card,
  EmptyState,
  formatCompact,
  formatCount,
  formatMoney,
  rowLinkClass,
  Segmented,
  Skeleton,
  Stat,
  StatGroup,
  Table,
  useBill,
  useCan,
  useOrg,
  useResources,
} from "@plinth/react";
import { Link } from "@tanstack/react-router";
import { Plus, Workflow } from "lucide-react";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { PipelineState, Route } from "./columns";
import { isMoving, pipelineStatus } from "./model";

const MetricChart = lazy(() =>
  import("@plinth/react/chart").then((module) => ({ default: module.MetricChart })),
);

const SPANS = { "15m": 900, "1h": 3600, "24h": 86_400 };
const RATE: DashboardChart = {
  title: "Rows per second",
  metric: "rows_per_second",
  aggregate: "avg",
  group_by: ["resource"],
  unit: "rows/s",
};

/** What runs, how much it copied, how fast it is, what it costs. */
export function PipelineOverview() {
  const can = useCan();
  const list = useResources("pipelines", { limit: 200, sort: "-updated_at" });
  const bill = useBill({}, can("bill:view"));
  if (list.error && !list.items) return null;
  if (!list.items) return <Skeleton className="h-24 w-full" />;
  if (list.items.length === 0) return <FirstRun />;
  const totals = sum(list.items);
  return (
    <div className="flex flex-col gap-4">
      <StatGroup label="Pipelines at a glance">
        <Stat
          label="Pipelines copying"
          value={
            <>
              {totals.moving}
              <span className="font-normal text-faint text-lg"> of {list.items.length}</span>
            </>
          }
          detail={
            totals.failed > 0 ? <span className="text-bad">{totals.failed} failed</span> : "none failed"
          }
        />
        <Stat
          label="Rows copied"
          value={<span title={formatCount(totals.rows)}>{formatCompact(totals.rows)}</span>}
          detail="all pipelines"
        />
        <Stat
          label="Throughput now"
          value={`${formatCompact(Math.round(totals.rate))}/s`}
          detail="rows per second"
        />
        {can("bill:view") ? (
          <Stat
            label="Cost this period"
            value={bill.data ? formatMoney(bill.data.total, bill.data.currency) : "–"}
            detail={bill.data ? `${bill.data.plan} plan` : "so far"}
          />
        ) : null}
      </StatGroup>
      {can("metrics:view") ? <Throughput pipelines={list.items} /> : null}
      <Recent pipelines={list.items} />
    </div>
  );
}

function sum(pipelines: Resource[]) {
  const totals = { moving: 0, failed: 0, rows: 0, rate: 0 };
  for (const pipeline of pipelines) {
    const status = pipelineStatus(pipeline);
    totals.rows += status.rows ?? 0;
    if (status.state === "failed") totals.failed += 1;
    if (!isMoving(status.state)) continue;
    totals.moving += 1;
    totals.rate += status.rows_per_second ?? 0;
  }
  return totals;
}

function Throughput({ pipelines }: { pipelines: Resource[] }) {
  const [span, setSpan] = useState<keyof typeof SPANS>("15m");
  // By value: the list is a new one with every report, the names are not.
  const named = JSON.stringify(pipelines.map((each) => [each.id, each.name]));
  const names = useMemo(() => new Map(JSON.parse(named) as [string, string][]), [named]);
  const nameSeries = useCallback(
    (group: Record<string, string>) => names.get(group.resource ?? "") ?? "deleted pipeline",
    [names],
  );
  const since = pipelines.map((each) => each.created_at).sort()[0];
  return (
    <Card
      title="Throughput"
      actions={
        <Segmented
          label="Time shown"
          value={span}
          onChange={setSpan}
          options={[
            { value: "15m", label: "15 min" },
            { value: "1h", label: "1 h" },
            { value: "24h", label: "24 h" },
          ]}
        />
      }
    >
      <Suspense fallback={<Skeleton className="h-45 w-full" />}>
        <MetricChart chart={RATE} spanSecs={SPANS[span]} since={since} nameSeries={nameSeries} />
      </Suspense>
    </Card>
  );
}

function Recent({ pipelines }: { pipelines: Resource[] }) {
  const { slug } = useOrg();
  return (
    <Card
      title="Pipelines"
      flush
      actions={
        <Link
          to="/orgs/$org/$plural"
          params={{ org: slug, plural: "pipelines" }}
          search={{}}
          className="font-medium text-accent text-xs hover:underline"
        >
          All pipelines
        </Link>
      }
    >
      <Table
        bare
        label="Pipelines"
        rows={pipelines.slice(0, 6)}
        rowKey={(row) => row.id}
        rowVersion={(row) => pipelineStatus(row).state}
        columns={[
          {
            id: "name",
            header: "Name",
            cell: (row) => (
              <Link
                to="/orgs/$org/$plural/$name"
                params={{ org: slug, plural: "pipelines", name: row.name }}
                search={{}}
                className={rowLinkClass}
              >
                {row.name}
              </Link>
            ),
          },
          { id: "state", header: "State", cell: (row) => <PipelineState resource={row} /> },
          { id: "route", header: "Route", from: "md", cell: (row) => <Route resource={row} /> },
          {
            id: "rows",
            header: "Rows",
            align: "right",
            cell: (row) => formatCompact(pipelineStatus(row).rows ?? 0),
          },
        ]}
      />
    </Card>
  );
}

function FirstRun() {
  const { slug } = useOrg();
  const can = useCan();
  return (
    <EmptyState
      icon={<Workflow aria-hidden />}
      title="Copy your first table"
      action={
        can("pipelines:create") ? (
          <Button asChild variant="primary">
            <Link to="/orgs/$org/$plural/new" params={{ org: slug, plural: "pipelines" }}>
              <Plus aria-hidden />
              New pipeline
            </Link>
          </Button>
        ) : null
      }
    >
      <p>
        A pipeline reads tables from one connection and writes them to another, once or for as long as you
        like. You see every row, its cost, and what went wrong if something did.
      </p>
      <ol className="mt-4 flex flex-col gap-2 text-sm">
        {[
          "Pick a source: a database or a folder of files",
          "Choose the tables, or take all",
          "Pick a destination and go",
        ].map((step, index) => (
          <li key={step} className="flex items-center gap-3">
            <span className="num flex size-5 shrink-0 items-center justify-center rounded-full border border-line bg-surface text-muted text-xs">
              {index + 1}
            </span>
            <span className="text-text">{step}</span>
          </li>
        ))}
      </ol>
    </EmptyState>
  );
}
