import type { ActionResult, Resource } from "@plinth/client";
import {
  Button,
  Card,
  EmptyState,
  StatusBadge,
  Table,
  Tag,
  useCan,
  useOrg,
  useResources,
} from "@plinth/react";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { DiscoveredTables } from "./discovered";
import { ResultCallout } from "./result";

/** What is in the connected system, and which pipelines use it. */
export function ConnectionSummary({ resource }: { resource: Resource }) {
  const { client } = useOrg();
  const can = useCan();
  const discover = useMutation({
    mutationFn: (): Promise<ActionResult> => client.resources("connections").act(resource.name, "discover"),
  });
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[1fr_24rem]">
      <Card
        title="Contents"
        flush
        actions={
          can("connections:update") || can("pipelines:create") ? (
            <Button size="sm" pending={discover.isPending} onClick={() => discover.mutate()}>
              {discover.isPending ? null : <Search aria-hidden />}
              {discover.data ? "Look again" : "Look inside"}
            </Button>
          ) : null
        }
      >
        {discover.data?.ok && discover.data.tables ? (
          <DiscoveredTables tables={discover.data.tables} />
        ) : (
          <div className="p-4">
            {discover.data || discover.error ? (
              <ResultCallout result={discover.data} error={discover.error} />
            ) : (
              <p className="text-muted text-sm">
                See which tables this connection can read, with their columns. Nothing is copied.
              </p>
            )}
          </div>
        )}
      </Card>
      <UsedBy name={resource.name} />
    </div>
  );
}

function UsedBy({ name }: { name: string }) {
  const can = useCan();
  const { slug } = useOrg();
  const asSource = useResources(
    "pipelines",
    { filter: [`spec.source.connection=${name}`], limit: 100 },
    { enabled: can("pipelines:view") },
  );
  const asDestination = useResources(
    "pipelines",
    { filter: [`spec.destination.connection=${name}`], limit: 100 },
    { enabled: can("pipelines:view") },
  );
  if (!can("pipelines:view")) return null;
  const sources = new Set(asSource.items?.map((each) => each.id));
  const rows = [
    ...(asSource.items ?? []),
    ...(asDestination.items ?? []).filter((each) => !sources.has(each.id)),
  ];
  return (
    <Card title="Used by" flush>
      <Table
        bare
        label={`Pipelines that use ${name}`}
        rows={asSource.items && asDestination.items ? rows : undefined}
        rowKey={(row) => row.id}
        error={asSource.error ?? asDestination.error}
        empty={
          <EmptyState title="Not in use" className="border-0 shadow-none">
            No pipeline reads from it or writes to it.
          </EmptyState>
        }
        columns={[
          {
            id: "name",
            header: "Pipeline",
            cell: (row) => (
              <Link
                to="/orgs/$org/$plural/$name"
                params={{ org: slug, plural: "pipelines", name: row.name }}
                search={{}}
                className="font-medium text-ink hover:underline"
              >
                {row.name}
              </Link>
            ),
          },
          {
            id: "role",
            header: "As",
            cell: (row) => <Tag>{sources.has(row.id) ? "Source" : "Destination"}</Tag>,
          },
          {
            id: "state",
            header: "State",
            cell: (row) => <StatusBadge state={String(row.status?.state ?? "pending")} />,
          },
        ]}
      />
    </Card>
  );
}
