import type { Dashboard, Resource, ResourceType } from "@plinth/client";
import {
  at,
  Button,
  Callout,
  Can,
  Card,
  CopyText,
  Details,
  describeError,
  ErrorState,
  formatDateTime,
  IconButton,
  JsonView,
  Menu,
  PageHeader,
  RelativeTime,
  Segmented,
  Skeleton,
  StatusBadge,
  Switch,
  Tabs,
  Tag,
  useCan,
  useEvents,
  useOrg,
  useProduct,
  useResource,
  useResourceMutations,
  useResourceType,
  useToast,
} from "@plinth/react";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { ArchiveRestore, Ellipsis, Pencil, Trash2 } from "lucide-react";
import { lazy, Suspense, useId, useState } from "react";
import { actionsOf } from "../../lib/actions";
import { useTitle } from "../../shell/root-layout";
import { NotFoundPage } from "../../shell/route-states";
import { extensionOf } from "../../types";
import { ActionItem } from "./action-item";
import { DeleteDialog } from "./delete-dialog";
import { EventList } from "./event-table";
import { DECISIONS, withStateChanges } from "./event-text";
import { useOwnerName } from "./owner";
import { TestButton } from "./test-button";

const DashboardView = lazy(() =>
  import("@plinth/react/chart").then((module) => ({ default: module.DashboardView })),
);
const route = getRouteApi("/user/orgs/$org/$plural/$name");

export function ResourceDetailPage() {
  const { plural, name } = route.useParams();
  const type = useResourceType(plural);
  const query = useResource(plural, name, { enabled: type !== undefined });
  useTitle(query.data?.name ?? name, type?.title_plural);
  if (!type || type.plural !== plural) return <NotFoundPage />;
  if (query.error && !query.data)
    return <Missing type={type} error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton className="h-64 w-full" />;
  return <Detail type={type} resource={query.data} />;
}

function Missing({ type, error, retry }: { type: ResourceType; error: unknown; retry: () => void }) {
  const { slug } = useOrg();
  return (
    <ErrorState
      error={error}
      retry={retry}
      action={
        <Button asChild size="sm" variant="ghost">
          <Link to="/orgs/$org/$plural" params={{ org: slug, plural: type.plural }} search={{}}>
            All {type.title_plural.toLowerCase()}
          </Link>
        </Button>
      }
    />
  );
}

function Detail({ type, resource }: { type: ResourceType; resource: Resource }) {
  const { Stats } = extensionOf(type.name);
  const { slug } = useOrg();
  const owner = useOwnerName(resource);
  return (
    <>
      <nav aria-label="Breadcrumb" className="mb-1 text-sm">
        <Link
          to="/orgs/$org/$plural"
          params={{ org: slug, plural: type.plural }}
          search={{}}
          className="text-faint hover:text-text"
        >
          {type.title_plural}
        </Link>
      </nav>
      <PageHeader
        title={resource.name}
        badge={<HeadBadges type={type} resource={resource} />}
        detail={
          <span className="flex flex-wrap items-center gap-x-3 text-faint text-xs">
            <CopyText text={resource.id} label="id" />
            <span>
              created <RelativeTime at={resource.created_at} />
              {resource.created_by?.name ? ` by ${resource.created_by.name}` : ""}
            </span>
            {owner ? <span>owned by {owner}</span> : null}
          </span>
        }
        actions={<HeadActions type={type} resource={resource} />}
      />
      {resource.deleted_at ? (
        <Callout tone="warn" title={`This ${type.title.toLowerCase()} is deleted`} className="mb-4">
          Deleted <RelativeTime at={resource.deleted_at} />. What it has reported stays readable until it is
          purged.
        </Callout>
      ) : null}
      {Stats ? (
        <div className="mb-5">
          <Suspense fallback={<Skeleton className="h-22 w-full" />}>
            <Stats resource={resource} />
          </Suspense>
        </div>
      ) : null}
      <DetailTabs type={type} resource={resource} />
    </>
  );
}

function HeadBadges({ type, resource }: { type: ResourceType; resource: Resource }) {
  const state = extensionOf(type.name).state?.(resource) ?? {
    state: String(at(resource.status, "state") ?? "pending"),
  };
  return (
    <>
      {type.reconciled ? <StatusBadge {...state} /> : null}
      {Object.entries(resource.properties).map(([name, value]) => (
        <Tag key={name}>
          {name}: {String(value)}
        </Tag>
      ))}
    </>
  );
}

function HeadActions({ type, resource }: { type: ResourceType; resource: Resource }) {
  const can = useCan();
  const { slug } = useOrg();
  const navigate = useNavigate();
  const toast = useToast();
  const [deleting, setDeleting] = useState(false);
  const { undelete } = useResourceMutations(type.plural);
  const { Actions } = extensionOf(type.name);
  const params = { org: slug, plural: type.plural, name: resource.name };
  if (resource.deleted_at) {
    // What is torn down does not come back.
    if (resource.finalized_at) return null;
    return (
      <Can action={`${type.plural}:undelete`} resource={resource}>
        <Button
          pending={undelete.isPending}
          onClick={() =>
            undelete.mutate(resource, {
              onSuccess: () => toast({ tone: "good", title: `${resource.name} is back` }),
              onError: (error) =>
                toast({ tone: "bad", ...describeError(error), title: "Could not be undeleted" }),
            })
          }
        >
          {undelete.isPending ? null : <ArchiveRestore aria-hidden />}
          Undelete
        </Button>
      </Can>
    );
  }
  return (
    <>
      {actionsOf(type).includes("check") && can(`${type.plural}:view`) ? (
        <TestButton plural={type.plural} name={resource.name} />
      ) : null}
      {Actions ? (
        <Suspense fallback={null}>
          <Actions resource={resource} />
        </Suspense>
      ) : null}
      <Can action={`${type.plural}:update`} resource={resource}>
        <Button asChild>
          <Link to="/orgs/$org/$plural/$name/edit" params={params}>
            <Pencil aria-hidden />
            Edit
          </Link>
        </Button>
      </Can>
      {can(`${type.plural}:delete`) ? (
        <Menu
          trigger={
            <IconButton label="More actions" variant="secondary">
              <Ellipsis aria-hidden />
            </IconButton>
          }
        >
          <ActionItem
            type={type}
            resource={resource}
            action="delete"
            danger
            icon={<Trash2 aria-hidden />}
            onSelect={() => setDeleting(true)}
          >
            Delete {type.title.toLowerCase()}
          </ActionItem>
        </Menu>
      ) : null}
      {deleting ? (
        <DeleteDialog
          type={type}
          resource={resource}
          onClose={() => setDeleting(false)}
          onDeleted={() => void navigate({ to: "/orgs/$org/$plural", params, search: {} })}
        />
      ) : null}
    </>
  );
}

function DetailTabs({ type, resource }: { type: ResourceType; resource: Resource }) {
  const { tab } = route.useSearch();
  const navigate = useNavigate();
  const product = useProduct();
  const can = useCan();
  const dashboards = product.dashboards.filter((each) => each.type === type.name);
  const tabs = [
    { value: "overview", label: "Overview", content: <Overview type={type} resource={resource} /> },
    ...(can("metrics:view")
      ? dashboards.map((dashboard, index) => ({
          value: index === 0 ? "metrics" : dashboard.name,
          label: index === 0 ? "Metrics" : dashboard.title,
          content: <Dashboards dashboard={dashboard} resource={resource} />,
        }))
      : []),
    ...(can("events:view")
      ? [
          {
            value: "events",
            label: "Events",
            content: <Events type={type} resource={resource} />,
          },
        ]
      : []),
    { value: "configuration", label: "Configuration", content: <Configuration resource={resource} /> },
  ];
  return (
    <Tabs
      label={`About ${resource.name}`}
      value={tab && tabs.some((each) => each.value === tab) ? tab : "overview"}
      onChange={(next) =>
        void navigate({
          from: "/orgs/$org/$plural/$name",
          search: { tab: next === "overview" ? undefined : next },
          replace: true,
        })
      }
      tabs={tabs}
    />
  );
}

/**
 * What people did, and how the state went as far as the newest reports tell; a busy resource reports every second, and
 * all of that is shown on request.
 */
function Events({ type, resource }: { type: ResourceType; resource: Resource }) {
  const [all, setAll] = useState(false);
  const id = useId();
  const subject = resource.id;
  const whole = useEvents({ subject, limit: 200 }, all);
  const decisions = useEvents({ subject, operation: DECISIONS, limit: 50 }, !all);
  const reports = useEvents({ subject, operation: ["status"], limit: 200 }, !all && type.reconciled);
  const items = decisions.items && withStateChanges(decisions.items, reports.items ?? []);
  return (
    <>
      {type.reconciled ? (
        <label htmlFor={id} className="mb-3 flex items-center justify-end gap-2 text-muted text-xs">
          <Switch id={id} checked={all} onChange={setAll} />
          Progress reports
        </label>
      ) : null}
      <EventList compact key={String(all)} events={all ? whole : { ...decisions, items }} />
    </>
  );
}

function Overview({ type, resource }: { type: ResourceType; resource: Resource }) {
  const { Summary } = extensionOf(type.name);
  if (Summary) {
    return (
      <Suspense fallback={<Skeleton className="h-40 w-full" />}>
        <Summary resource={resource} />
      </Suspense>
    );
  }
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      {type.reconciled ? (
        <Card title="Status">
          <StatusDetails type={type} resource={resource} />
        </Card>
      ) : null}
      <Card title="Specification">
        <JsonView label="Specification" value={resource.spec} />
      </Card>
    </div>
  );
}

/** The flat part of a status as terms and values, with the titles that its schema gives; the rest as JSON. */
function StatusDetails({ type, resource }: { type: ResourceType; resource: Resource }) {
  const status = Object.entries(resource.status ?? {});
  if (status.length === 0) return <p className="text-muted text-sm">Nothing reported yet.</p>;
  const flat = status.filter(([, value]) => typeof value !== "object" || value === null);
  const deep = status.filter(([, value]) => typeof value === "object" && value !== null);
  const title = (name: string) => String(at(type.status_schema, `properties.${name}.title`) ?? name);
  return (
    <div className="flex flex-col gap-4">
      <Details items={flat.map(([name, value]) => ({ label: title(name), value: String(value) }))} />
      {deep.map(([name, value]) => (
        <JsonView key={name} label={title(name)} value={{ [name]: value }} />
      ))}
    </div>
  );
}

const SPANS = { "5m": 300, "15m": 900, "1h": 3600, "6h": 21_600, "24h": 86_400 };

function Dashboards({ dashboard, resource }: { dashboard: Dashboard; resource: Resource }) {
  const [span, setSpan] = useState<keyof typeof SPANS>("15m");
  return (
    <div className="flex flex-col gap-4">
      <Segmented
        label="Time shown"
        className="self-end"
        value={span}
        onChange={setSpan}
        options={[
          { value: "5m", label: "5 min" },
          { value: "15m", label: "15 min" },
          { value: "1h", label: "1 h" },
          { value: "6h", label: "6 h" },
          { value: "24h", label: "24 h" },
        ]}
      />
      <Suspense fallback={<Skeleton className="h-96 w-full" />}>
        <DashboardView
          dashboard={dashboard}
          resource={resource.id}
          since={resource.created_at}
          spanSecs={SPANS[span]}
        />
      </Suspense>
    </div>
  );
}

function Configuration({ resource }: { resource: Resource }) {
  const owner = useOwnerName(resource);
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <Card title="Specification">
        <JsonView label="Specification" value={resource.spec} />
      </Card>
      <Card title="About">
        <Details
          items={[
            { label: "Owner", value: owner ?? "nobody" },
            { label: "Version", value: resource.version },
            { label: "Generation", value: resource.generation },
            { label: "Created", value: formatDateTime(resource.created_at) },
            { label: "Updated", value: formatDateTime(resource.updated_at) },
            {
              label: "Secrets set",
              value:
                resource.secrets_set.length > 0
                  ? resource.secrets_set.map((each) => each.slice(1)).join(", ")
                  : "none",
            },
          ]}
        />
      </Card>
    </div>
  );
}
