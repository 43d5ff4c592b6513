import type { ResourceType } from "@plinth/client";
import {
  at,
  Button,
  Card,
  EmptyState,
  ErrorBoundary,
  ErrorState,
  formatDate,
  formatMoney,
  PageHeader,
  rowLinkClass,
  Skeleton,
  Stat,
  StatGroup,
  StatusBadge,
  Table,
  Timeline,
  TypeIcon,
  useBill,
  useCan,
  useEvents,
  useMe,
  useOrg,
  useProduct,
  useResources,
} from "@plinth/react";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { Suspense } from "react";
import { useTitle } from "../../shell/root-layout";
import { menuOf } from "../../shell/sidebar";
import { extensionOf } from "../../types";
import { actorName, DECISIONS, nameOf, toneOfEvent, verbOf } from "./event-text";

export function OverviewPage() {
  useTitle("Overview");
  const me = useMe();
  const product = useProduct();
  const can = useCan();
  const { slug } = useOrg();
  const org = me.orgs.find((each) => each.slug === slug || each.id === slug);
  const main = mainType(product);
  const shown = product.types.filter(
    (type) => can(`${type.plural}:view`) && (type.reconciled || type === main),
  );
  return (
    <>
      <PageHeader
        title="Overview"
        detail={org?.name}
        actions={
          main && can(`${main.plural}:create`) ? (
            <Button asChild variant="primary">
              <Link to="/orgs/$org/$plural/new" params={{ org: slug, plural: main.plural }}>
                <Plus aria-hidden />
                New {main.title.toLowerCase()}
              </Link>
            </Button>
          ) : null
        }
      />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_19rem]">
        <div className="flex min-w-0 flex-col gap-4">
          {shown.map((type) => (
            <ErrorBoundary key={type.name}>
              <TypeOverview type={type} />
            </ErrorBoundary>
          ))}
          {shown.length === 0 && can("bill:view") ? <BillOverview /> : null}
        </div>
        {can("events:view") ? <RecentActivity /> : null}
      </div>
    </>
  );
}

/** For those who are here for the bill alone. */
function BillOverview() {
  const { slug } = useOrg();
  const bill = useBill();
  if (bill.error) return <ErrorState error={bill.error} retry={() => void bill.refetch()} />;
  if (!bill.data) return <Skeleton className="h-24 w-full" />;
  const { total, currency, plan, period } = bill.data;
  return (
    <>
      <StatGroup label="Bill">
        <Stat label="Cost this period" value={formatMoney(total, currency)} detail={`${plan} plan`} />
        <Stat
          label="Period"
          value={<span className="text-lg">{formatDate(period.from)}</span>}
          detail={`until ${formatDate(period.to)}`}
        />
      </StatGroup>
      <Button asChild className="self-start">
        <Link to="/orgs/$org/bill" params={{ org: slug }} search={{}}>
          Open the bill
        </Link>
      </Button>
    </>
  );
}

/** What the product is about: the first entry of its menu. */
function mainType(product: ReturnType<typeof useProduct>): ResourceType | undefined {
  const first = menuOf(product)[0];
  return product.types.find((type) => type.plural === first?.plural);
}

function TypeOverview({ type }: { type: ResourceType }) {
  const { Overview } = extensionOf(type.name);
  if (!Overview) return <GenericOverview type={type} />;
  return (
    <Suspense fallback={<Skeleton className="h-24 w-full" />}>
      <Overview />
    </Suspense>
  );
}

function GenericOverview({ type }: { type: ResourceType }) {
  const { slug } = useOrg();
  const can = useCan();
  const list = useResources(type.plural, { limit: 6, sort: "-updated_at" });
  return (
    <Table
      label={type.title_plural}
      rows={list.items}
      rowKey={(row) => row.id}
      error={list.error}
      onRetry={() => void list.refetch()}
      empty={
        <EmptyState
          icon={<TypeIcon name={type.icon} />}
          title={`No ${type.title_plural.toLowerCase()} yet`}
          action={
            can(`${type.plural}:create`) ? (
              <Button asChild variant="primary">
                <Link to="/orgs/$org/$plural/new" params={{ org: slug, plural: type.plural }}>
                  New {type.title.toLowerCase()}
                </Link>
              </Button>
            ) : null
          }
        >
          {type.description}
        </EmptyState>
      }
      columns={[
        {
          id: "name",
          header: type.title_plural,
          cell: (row) => (
            <Link
              to="/orgs/$org/$plural/$name"
              params={{ org: slug, plural: type.plural, name: row.name }}
              search={{}}
              className={rowLinkClass}
            >
              {row.name}
            </Link>
          ),
        },
        {
          id: "state",
          header: "State",
          cell: (row) => <StatusBadge state={String(at(row.status, "state") ?? "pending")} />,
        },
      ]}
    />
  );
}

/** Who did what lately. Progress reports are left to the pages of their resources. */
function RecentActivity() {
  const { slug } = useOrg();
  const { types } = useProduct();
  const events = useEvents({ limit: 9, operation: DECISIONS });
  const items = events.items?.slice(0, 9);
  return (
    <Card
      title="Recent activity"
      actions={
        <Link
          to="/orgs/$org/events"
          params={{ org: slug }}
          search={{}}
          className="font-medium text-accent text-xs hover:underline"
        >
          All
        </Link>
      }
    >
      {items === undefined ? (
        <Skeleton className="h-32 w-full" />
      ) : items.length === 0 ? (
        <p className="text-muted text-sm">Nothing yet.</p>
      ) : (
        <Timeline
          label="Recent activity"
          items={items.map((event) => ({
            key: String(event.seq),
            at: event.time,
            tone: toneOfEvent(event),
            title: (
              <>
                <span className="font-medium text-ink">{nameOf(event)}</span>{" "}
                {verbOf(
                  event,
                  types.find((each) => each.name === event.data.kind),
                )}
              </>
            ),
            detail: `by ${actorName(event)}`,
          }))}
        />
      )}
    </Card>
  );
}
