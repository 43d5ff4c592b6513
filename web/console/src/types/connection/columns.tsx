import type { Resource } from "@plinth/client";
import { type Column, RelativeTime, Tag } from "@plinth/react";
import { addressOf, connectionSpec, kindLabel } from "./model";

export const connectionColumns: Column<Resource>[] = [
  { id: "kind", header: "Kind", cell: (resource) => <Tag>{kindLabel(connectionSpec(resource))}</Tag> },
  {
    id: "address",
    header: "Address",
    from: "md",
    cell: (resource) => (
      <span className="block max-w-90 truncate font-mono text-muted text-xs">
        {addressOf(connectionSpec(resource))}
      </span>
    ),
  },
  {
    id: "created_at",
    header: "Created",
    sortable: true,
    align: "right",
    from: "sm",
    cell: (resource) => <RelativeTime at={resource.created_at} className="text-muted" />,
  },
];
