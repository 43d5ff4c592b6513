import type { Resource, ResourceType } from "@plinth/client";
import {
  at,
  Button,
  type Column,
  EmptyState,
  Input,
  PageHeader,
  RelativeTime,
  rowLinkClass,
  Select,
  type Sort,
  StatusBadge,
  Switch,
  Table,
  Tag,
  TypeIcon,
  useCan,
  useOrg,
  useResources,
  useResourceType,
} from "@plinth/react";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { Plus, Search } from "lucide-react";
import { useEffect, useState } from "react";
import { useTitle } from "../../shell/root-layout";
import { NotFoundPage } from "../../shell/route-states";
import { extensionOf } from "../../types";
import { RowActions } from "./row-actions";

const route = getRouteApi("/user/orgs/$org/$plural");
const DEFAULT_SORT = "-created_at";

export function ResourceListPage() {
  const { plural } = route.useParams();
  const type = useResourceType(plural);
  if (!type || type.plural !== plural) return <NotFoundPage />;
  return <ResourceList key={plural} type={type} />;
}

function ResourceList({ type }: { type: ResourceType }) {
  useTitle(type.title_plural);
  const search = route.useSearch();
  const can = useCan();
  const { slug } = useOrg();
  const sort = search.sort ?? DEFAULT_SORT;
  const list = useResources(type.plural, {
    limit: 50,
    sort,
    search: search.search,
    filter: search.state ? [`status.state=${search.state}`] : undefined,
    deleted: search.deleted,
    include: "actions",
  });
  const filtered = Boolean(search.search || search.state || search.deleted);
  const create = can(`${type.plural}:create`);
  const untouched = list.items?.length === 0 && !filtered && !list.isPlaceholder;
  return (
    <>
      <PageHeader
        title={type.title_plural}
        detail={untouched ? undefined : firstSentence(type.description)}
        actions={
          create ? (
            <Button asChild variant="primary">
              <Link to="/orgs/$org/$plural/new" params={{ org: slug, plural: type.plural }}>
                <Plus aria-hidden />
                New {type.title.toLowerCase()}
              </Link>
            </Button>
          ) : null
        }
      />
      {untouched && list.items?.length === 0 ? null : <Filters type={type} />}
      <ResourceTable type={type} list={list} sort={sort} filtered={filtered} create={create} />
    </>
  );
}

function ResourceTable(props: {
  type: ResourceType;
  list: ReturnType<typeof useResources>;
  sort: string;
  filtered: boolean;
  create: boolean;
}) {
  const { type, list, sort } = props;
  const { slug } = useOrg();
  const navigate = useNavigate();
  const changeSort = (next: Sort) =>
    void navigate({
      from: "/orgs/$org/$plural",
      search: (previous) => ({ ...previous, sort: `${next.desc ? "-" : ""}${next.id}` }),
      replace: true,
    });
  return (
    <Table
      label={type.title_plural}
      rows={list.items as Resource[] | undefined}
      rowKey={(row) => row.id}
      rowVersion={(row) => `${row.generation} ${String(at(row.status, "state"))}`}
      sort={{ id: sort.replace(/^-/, ""), desc: sort.startsWith("-") }}
      onSortChange={changeSort}
      error={list.error}
      onRetry={() => void list.refetch()}
      more={list.more}
      columns={[
        nameColumn(type, slug),
        ...(extensionOf(type.name).columns ?? genericColumns(type)),
        actionsColumn(type),
      ]}
      empty={props.filtered ? <NothingFound /> : <NothingYet type={type} create={props.create} />}
    />
  );
}

function nameColumn(type: ResourceType, slug: string): Column<Resource> {
  return {
    id: "name",
    header: "Name",
    sortable: true,
    cell: (row) => (
      <span className="flex items-center gap-2">
        <Link
          to="/orgs/$org/$plural/$name"
          params={{ org: slug, plural: type.plural, name: row.deleted_at ? row.id : row.name }}
          search={{}}
          className={rowLinkClass}
        >
          {row.name}
        </Link>
        {row.deleted_at ? <Tag tone="warn">deleted</Tag> : null}
        {typeof row.properties.team === "string" ? (
          <Tag className="max-sm:hidden">{row.properties.team}</Tag>
        ) : null}
      </span>
    ),
  };
}

function actionsColumn(type: ResourceType): Column<Resource> {
  return {
    id: "actions",
    header: <span className="sr-only">Actions</span>,
    align: "right",
    className: "w-12",
    cell: (row) => <RowActions type={type} resource={row} />,
  };
}

function genericColumns(type: ResourceType): Column<Resource>[] {
  const state: Column<Resource> = {
    id: "state",
    header: "State",
    cell: (row) => <StatusBadge state={String(at(row.status, "state") ?? "pending")} />,
  };
  const rest: Column<Resource>[] = [
    {
      id: "updated_at",
      header: "Updated",
      sortable: true,
      align: "right",
      from: "md",
      cell: (row) => <RelativeTime at={row.updated_at} className="text-muted" />,
    },
    {
      id: "created_at",
      header: "Created",
      sortable: true,
      align: "right",
      from: "sm",
      cell: (row) => <RelativeTime at={row.created_at} className="text-muted" />,
    },
  ];
  return type.reconciled ? [state, ...rest] : rest;
}

const ANY = "any";

function Filters({ type }: { type: ResourceType }) {
  const search = route.useSearch();
  const navigate = useNavigate();
  const [text, setText] = useState(search.search ?? "");
  const set = (part: Partial<typeof search>) =>
    void navigate({
      from: "/orgs/$org/$plural",
      search: (previous) => ({ ...previous, ...part }),
      replace: true,
    });
  useEffect(() => {
    const timer = setTimeout(() => {
      if ((search.search ?? "") !== text) set({ search: text || undefined });
    }, 200);
    return () => clearTimeout(timer);
  });
  const states = extensionOf(type.name).states ?? statesOf(type);
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <div className="relative w-full sm:w-64">
        <Search className="pointer-events-none absolute top-2 left-2.5 size-4 text-faint" aria-hidden />
        <Input
          type="search"
          aria-label={`Search ${type.title_plural.toLowerCase()} by name`}
          placeholder="Search by name"
          className="pl-8"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      {states.length > 0 ? (
        <Select
          aria-label="State"
          className="w-40"
          value={search.state ?? ANY}
          onChange={(state) => set({ state: state === ANY ? undefined : state })}
          options={[
            { value: ANY, label: "Any state" },
            ...states.map((state) => ({ value: state, label: capital(state) })),
          ]}
        />
      ) : null}
      <label htmlFor="show-deleted" className="ml-auto flex items-center gap-2 text-muted text-xs">
        <Switch
          id="show-deleted"
          checked={search.deleted === true}
          onChange={(on) => set({ deleted: on ? true : undefined })}
        />
        Show deleted
      </label>
    </div>
  );
}

/** States of a type that nobody registered: the enumeration in its status schema. */
function statesOf(type: ResourceType): string[] {
  const states = at(type.status_schema, "properties.state.enum");
  return Array.isArray(states) ? states.filter((state): state is string => typeof state === "string") : [];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function firstSentence(text: string): string {
  return /^.*?[.](?=\s|$)/.exec(text)?.[0] ?? text;
}

function NothingFound() {
  const navigate = useNavigate();
  return (
    <EmptyState
      title="Nothing matches"
      action={
        <Button onClick={() => void navigate({ from: "/orgs/$org/$plural", search: {}, replace: true })}>
          Clear the filters
        </Button>
      }
    >
      Names are searched by any part of them.
    </EmptyState>
  );
}

function NothingYet({ type, create }: { type: ResourceType; create: boolean }) {
  const { slug } = useOrg();
  const params = { org: slug, plural: type.plural };
  return (
    <EmptyState
      icon={<TypeIcon name={type.icon} />}
      title={`No ${type.title_plural.toLowerCase()} yet`}
      action={
        <>
          {create ? (
            <Button asChild variant="primary">
              <Link to="/orgs/$org/$plural/new" params={params}>
                <Plus aria-hidden />
                New {type.title.toLowerCase()}
              </Link>
            </Button>
          ) : null}
          <Button asChild variant="ghost">
            <Link to="/orgs/$org/$plural" params={params} search={{ deleted: true }}>
              Show deleted
            </Link>
          </Button>
        </>
      }
    >
      {type.description}
    </EmptyState>
  );
}
