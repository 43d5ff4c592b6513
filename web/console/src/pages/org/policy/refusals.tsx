import type { RefusedRequest } from "@plinth/client";
import {
  Button,
  type Column,
  EmptyState,
  formatCount,
  RelativeTime,
  Table,
  useOrg,
  useRefusals,
} from "@plinth/react";
import { Link } from "@tanstack/react-router";
import { RotateCw, ShieldCheck } from "lucide-react";
import { Subject } from "./impact";

/** Who was refused what in the last days, how often, and when last. */
export function Refusals() {
  const refusals = useRefusals();
  const { slug } = useOrg();
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="max-w-160 text-muted text-sm">
          What policies have refused in the last 7 days, newest first. A name leads to all that this member or
          service account may do.
        </p>
        <Button
          size="sm"
          pending={refusals.isFetching && !refusals.more.loading}
          onClick={() => void refusals.refetch()}
        >
          {refusals.isFetching ? null : <RotateCw aria-hidden />}
          Refresh
        </Button>
      </div>
      <Table
        label="Refused requests"
        rows={refusals.items}
        rowKey={(row) => `${row.actor.id} ${row.action} ${row.subject?.id ?? ""} ${row.last_at}`}
        error={refusals.error}
        onRetry={() => void refusals.refetch()}
        more={refusals.more}
        columns={columnsOf(slug)}
        empty={
          <EmptyState title="Nothing was refused" icon={<ShieldCheck aria-hidden />}>
            Requests that policies refuse are kept for 7 days. None of them was about something that you may
            see.
          </EmptyState>
        }
      />
    </div>
  );
}

function columnsOf(slug: string): Column<RefusedRequest>[] {
  return [
    {
      id: "actor",
      header: "Who",
      cell: ({ actor }) => (
        <Link
          to="/orgs/$org/policies"
          params={{ org: slug }}
          search={{ tab: "people", principal: actor.id }}
          className="font-medium text-accent hover:underline"
        >
          {actor.name}
        </Link>
      ),
    },
    {
      id: "action",
      header: "Action",
      cell: ({ action, subject }) => (
        <>
          <code className="wrap-anywhere font-mono text-text text-xs">{action}</code>
          {subject ? (
            <span className="block text-muted text-xs">
              on <Subject subject={subject} />
            </span>
          ) : null}
        </>
      ),
    },
    {
      id: "count",
      header: "Times",
      align: "right",
      cell: ({ count }) => formatCount(count),
    },
    {
      id: "last_at",
      header: "Last",
      align: "right",
      cell: ({ last_at }) => <RelativeTime at={last_at} className="text-muted" />,
    },
  ];
}
