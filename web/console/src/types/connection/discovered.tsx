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
          cell: (table) => (
            <span className="line-clamp-1 max-w-100 text-muted text-xs">
              {table.columns?.map((column) => column.name).join(", ")}
            </span>
          ),
        },
        {
          id: "rows",
          header: "Rows, about",
          align: "right",
          value: (table) => table.rows_estimate ?? -1,
          cell: (table) => formatCompact(table.rows_estimate),
        },
      ]}
    />
  );
}
