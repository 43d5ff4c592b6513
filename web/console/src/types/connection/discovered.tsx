import type { DiscoveredTable } from "@plinth/client";
import { formatCompact, Table } from "@plinth/react";

export function DiscoveredTables({ tables }: { tables: DiscoveredTable[] }) {
  return (
    <Table
      bare
      label="Tables"
      rows={tables}
      rowKey={(table) => table.name}
      initialSort={{ id: "name", desc: false }}
      columns={[
        {
          id: "name",
          header: "Table",
          value: (table) => table.name,
          cell: (table) => <span className="font-mono text-xs">{table.name}</span>,
        },
        {
          id: "columns",
          header: "Columns",
          from: "sm",
          className: "w-full max-w-0",
          cell: (table) => (
            <span
              className="block truncate text-muted text-xs"
              title={table.columns?.map((column) => `${column.name} ${column.type}`).join(", ")}
            >
              {table.columns?.map((column) => column.name).join(", ")}
            </span>
          ),
        },
        {
          id: "rows",
          header: "Rows, about",
          align: "right",
          className: "whitespace-nowrap",
          value: (table) => table.rows_estimate ?? -1,
          cell: (table) => formatCompact(table.rows_estimate),
        },
      ]}
    />
  );
}
