import type { UsageRecord } from "@plinth/client";
import {
  CopyText,
  EmptyState,
  formatDate,
  formatDateTime,
  formatDecimal,
  PageHeader,
  pluralOf,
  Select,
  Table,
  useCan,
  useOrg,
  useProduct,
  useResource,
  useUsage,
} from "@plinth/react";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { X } from "lucide-react";
import { useTitle } from "../../shell/root-layout";

const route = getRouteApi("/user/orgs/$org/usage");
const ANY = "any";

/** The records behind a bill: what was counted, when, by whom, once. */
export function UsagePage() {
  useTitle("Usage records");
  const search = route.useSearch();
  const product = useProduct();
  const navigate = useNavigate();
  const { slug } = useOrg();
  const can = useCan();
  const usage = useUsage({ limit: 100, ...search });
  const meter = product.meters.find((each) => each.name === search.meter);
  const unitOf = (record: UsageRecord) => {
    const unit = product.meters.find((each) => each.name === record.meter)?.unit;
    return unit === undefined ? "" : pluralOf(unit, record.quantity);
  };
  const set = (part: Partial<typeof search>) =>
    void navigate({
      from: "/orgs/$org/usage",
      search: (previous) => ({ ...previous, ...part }),
      replace: true,
    });
  return (
    <>
      {can("bill:view") ? (
        <nav aria-label="Breadcrumb" className="mb-1 text-sm">
          <Link
            to="/orgs/$org/bill"
            params={{ org: slug }}
            search={{}}
            className="text-faint hover:text-text"
          >
            Usage and bill
          </Link>
        </nav>
      ) : null}
      <PageHeader
        title="Usage records"
        detail={
          search.from && search.to
            ? `${meter?.title ?? "All meters"}, ${formatDate(search.from)} to ${formatDate(search.to)}. Each record is counted once.`
            : "Each record is counted once, by its source and id."
        }
      />
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <Select
          aria-label="Meter"
          className="w-52"
          value={search.meter ?? ANY}
          onChange={(next) => set({ meter: next === ANY ? undefined : next })}
          options={[
            { value: ANY, label: "Any meter" },
            ...product.meters.map((each) => ({ value: each.name, label: each.title })),
          ]}
        />
        {search.resource ? (
          <ResourceChip id={search.resource} onRemove={() => set({ resource: undefined })} />
        ) : null}
      </div>
      <Table
        label="Usage records"
        rows={usage.items}
        rowKey={(record) => `${record.source} ${record.id}`}
        error={usage.error}
        onRetry={() => void usage.refetch()}
        more={usage.more}
        empty={
          <EmptyState title="No usage records">
            Nothing was metered with these filters. Reconcilers report usage in small batches as they work.
          </EmptyState>
        }
        columns={[
          {
            id: "at",
            header: "At",
            cell: (record) => <span className="num whitespace-nowrap">{formatDateTime(record.at)}</span>,
          },
          {
            id: "meter",
            header: "Meter",
            from: "sm",
            cell: (record) => (
              <span className="whitespace-nowrap">
                {product.meters.find((each) => each.name === record.meter)?.title ?? record.meter}
              </span>
            ),
          },
          {
            id: "quantity",
            header: "Quantity",
            align: "right",
            cell: (record) => (
              <span className="whitespace-nowrap">
                {formatDecimal(record.quantity)} <span className="text-faint text-xs">{unitOf(record)}</span>
              </span>
            ),
          },
          {
            id: "resource",
            header: "Resource",
            from: "sm",
            cell: (record) => (record.resource ? <ResourceName id={record.resource} /> : "–"),
          },
          {
            id: "id",
            header: "Record",
            from: "lg",
            // The cell takes what the other columns leave, and the text in it is cut to that.
            className: "w-full max-w-0",
            cell: (record) => (
              <span title={`Counted by ${record.source}`} className="flex min-w-0">
                <CopyText text={record.id} />
              </span>
            ),
          },
        ]}
      />
    </>
  );
}

/** A resource by its id alone: its type is the id's prefix, its name is known to those who may read it. */
function useNamed(id: string) {
  const product = useProduct();
  const can = useCan();
  const type = product.types.find((each) => id.startsWith(`${each.name}_`));
  const readable = type !== undefined && can(`${type.plural}:view`);
  const resource = useResource(type?.plural ?? "", id, { enabled: readable });
  return { type, resource };
}

/** Rows of one resource share its reading. */
function ResourceName({ id }: { id: string }) {
  const { slug } = useOrg();
  const { type, resource } = useNamed(id);
  if (!type || !resource.data) return <CopyText text={id} label="id" className="max-w-50" />;
  return (
    <Link
      to="/orgs/$org/$plural/$name"
      params={{ org: slug, plural: type.plural, name: id }}
      search={{}}
      className="whitespace-nowrap font-medium text-ink hover:underline"
    >
      {resource.data.name}
    </Link>
  );
}

function ResourceChip({ id, onRemove }: { id: string; onRemove: () => void }) {
  const { type, resource } = useNamed(id);
  return (
    <button
      type="button"
      onClick={onRemove}
      className="inline-flex h-8 items-center gap-2 rounded-sm border border-line bg-surface px-2.5 text-sm shadow-card hover:bg-hover"
      aria-label={`Show all resources, not only ${resource.data?.name ?? id}`}
    >
      <span className="text-faint">{type?.title ?? "Resource"}</span>
      <span className="max-w-60 truncate font-medium">{resource.data?.name ?? id}</span>
      <X className="size-3.5 text-faint" aria-hidden />
    </button>
  );
}
