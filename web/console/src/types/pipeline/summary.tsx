import type { Resource } from "@plinth/client";
import { Callout, Card, capitalize, EmptyState, InlineCode, sentence, useNow } from "@plinth/react";
import { UNTAKEN_HINT } from "./columns";
import { Flow } from "./flow";
import { isUntaken, pipelineStatus } from "./model";
import { TableProgress } from "./table-progress";

/** What the pipeline is doing right now: both ends, what flows between them, and how far each table is. */
export function PipelineSummary({ resource }: { resource: Resource }) {
  const status = pipelineStatus(resource);
  const untaken = isUntaken(resource, useNow());
  return (
    <div className="flex flex-col gap-4">
      {untaken ? (
        <Callout tone="warn" title="No worker has taken this pipeline yet">
          <InlineCode text={UNTAKEN_HINT} />
        </Callout>
      ) : null}
      {status.message ? (
        <Callout
          tone={status.state === "failed" ? "bad" : status.restarts ? "warn" : "info"}
          title={<InlineCode text={capitalize(status.message)} />}
        >
          {status.hint ? <InlineCode text={sentence(status.hint)} /> : null}
        </Callout>
      ) : null}
      <Flow resource={resource} />
      {status.tables && status.tables.length > 0 ? (
        <Card title="Tables" flush>
          <TableProgress tables={status.tables} />
        </Card>
      ) : (
        <EmptyState title="No tables yet">
          They are listed here, each with its progress, as soon as the worker is connected to the source.
        </EmptyState>
      )}
    </div>
  );
}
