import {
  formatBytes,
  formatCompact,
  formatCount,
  Progress,
  RelativeTime,
  StatusBadge,
  Table,
} from "@plinth/react";
import { type TableStatus, tableProgress } from "./model";

export function TableProgress({ tables }: { tables: TableStatus[] }) {
  return (
    <Table
      bare
      label="Progress of each table"
      rows={tables}
      rowKey={(table) => table.name}
      columns={[
        {
          id: "name",
          header: "Table",
          value: (table) => table.name,
          cell: (table) => <span className="font-mono text-xs">{table.name}</span>,
        },
        {
          id: "state",
          header: "State",
          value: (table) => table.state,
          cell: (table) => <StatusBadge state={table.state} />,
        },
        {
          id: "progress",
          header: "Progress",
          from: "sm",
          className: "w-48",
          cell: (table) => <Share table={table} />,
        },
        {
          id: "rows",
          header: "Rows",
          align: "right",
          value: (table) => table.rows,
          cell: (table) => <span title={formatCount(table.rows)}>{formatCompact(table.rows)}</span>,
        },
        {
          id: "bytes",
          header: "Data",
          align: "right",
          from: "md",
          value: (table) => table.bytes,
          cell: (table) => formatBytes(table.bytes),
        },
        {
          id: "cursor",
          header: "Position",
          from: "xl",
          cell: (table) => (
            <span className="block max-w-44 truncate font-mono text-faint text-xs">
              {table.cursor ?? "–"}
            </span>
          ),
        },
        {
          id: "last",
          header: "Last read",
          align: "right",
          from: "lg",
          value: (table) => table.last_read_at,
          cell: (table) => <RelativeTime at={table.last_read_at} className="text-muted" />,
        },
      ]}
    />
  );
}

function Share({ table }: { table: TableStatus }) {
  const share = tableProgress(table);
  const tone =
    table.state === "failed"
      ? "bad"
      : table.state === "completed"
        ? "good"
        : table.state === "paused"
          ? "idle"
          : "accent";
  return (
    <span className="flex items-center gap-2">
      <Progress label={`${table.name} progress`} value={share} tone={tone} />
      <span className="num w-9 shrink-0 text-right text-faint text-xs">
        {share === null ? "" : `${Math.floor(share * 100)} %`}
      </span>
    </span>
  );
}
