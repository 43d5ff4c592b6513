import type { Resource } from "@plinth/client";
import {
  formatBytes,
  formatCompact,
  formatCount,
  formatDuration,
  formatMoney,
  formatUnits,
  RelativeTime,
  Stat,
  StatGroup,
  useBill,
  useCan,
} from "@plinth/react";
import { isMoving, pipelineStatus } from "./model";

/** The numbers of a pipeline, live; the cost follows them within seconds. */
export function PipelineStats({ resource }: { resource: Resource }) {
  const can = useCan();
  const status = pipelineStatus(resource);
  const bill = useBill({ resource: resource.id }, can("bill:view"));
  const moving = isMoving(status.state);
  return (
    <StatGroup label="Live numbers">
      <Stat
        label="Rows copied"
        value={<span title={formatCount(status.rows)}>{formatCompact(status.rows ?? 0)}</span>}
        detail={formatBytes(status.bytes ?? 0)}
      />
      <Stat
        label="Throughput"
        value={moving ? `${formatCompact(Math.round(status.rows_per_second ?? 0))}/s` : "–"}
        detail={moving ? `${formatBytes(status.bytes_per_second ?? 0)}/s` : "not copying"}
      />
      <Stat
        label="Lag"
        value={status.lag_secs === undefined ? "–" : formatDuration(status.lag_secs)}
        detail={status.lag_secs === undefined ? "known once it streams" : "behind the source"}
      />
      <Stat
        label="Last read"
        value={<RelativeTime at={status.last_read_at} />}
        detail={
          status.completed_at
            ? "completed"
            : status.restarts
              ? formatUnits(status.restarts, "restart")
              : "no restarts"
        }
      />
      {can("bill:view") ? (
        <Stat
          label="Cost this period"
          value={bill.data ? formatMoney(bill.data.total, bill.data.currency) : "–"}
          detail="so far, of this pipeline"
        />
      ) : null}
    </StatGroup>
  );
}
