import type { Risk, Signal } from "@plinth/client";
import {
  Card,
  type Column,
  Combobox,
  EmptyState,
  Field,
  humanize,
  Progress,
  RelativeTime,
  Skeleton,
  Table,
  Tag,
  useNow,
  useSignals,
} from "@plinth/react";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { ShieldAlert } from "lucide-react";
import { usePeople } from "./names";

const route = getRouteApi("/user/orgs/$org/policies");
/** A risk from which on a score is shown as bad, and as one to look at. */
const HIGH = 70;
const RAISED = 30;

/** What was unusual about members and service accounts, and the risk of one of them with its parts. */
export function Signals() {
  const { principal } = route.useSearch();
  const navigate = useNavigate();
  const people = usePeople();
  const signals = useSignals(principal);
  const options = people.map(({ id, name, kind }) => ({
    value: id,
    label: name,
    detail: kind === "service_account" ? "Service account" : "Member",
  }));
  return (
    <div className="flex flex-col gap-4">
      <Field label="Member or service account" className="max-w-90">
        {(control) => (
          <Combobox
            id={control.id}
            value={principal ?? ""}
            onChange={(next) =>
              void navigate({
                from: "/orgs/$org/policies",
                search: next === "" ? { tab: "signals" } : { tab: "signals", principal: next },
                replace: true,
              })
            }
            options={[{ value: "", label: "Everybody" }, ...options]}
            searchPlaceholder="Search by name"
          />
        )}
      </Field>
      {principal && !signals.error ? <RiskCard risk={signals.risk} /> : null}
      <Table
        label="Signals"
        rows={signals.items}
        rowKey={(signal) => signal.id}
        error={signals.error}
        onRetry={() => void signals.refetch()}
        more={signals.more}
        columns={principal ? COLUMNS.filter((column) => column.id !== "principal") : COLUMNS}
        empty={
          <EmptyState title="Nothing unusual" icon={<ShieldAlert aria-hidden />}>
            Failed logins, new devices, new countries and tokens that are used from a new network show up here
            and stay for 90 days. While they count, policies can ask for the risk that they come to.
          </EmptyState>
        }
      />
    </div>
  );
}

function RiskCard({ risk }: { risk: Risk | null | undefined }) {
  if (!risk) return <Skeleton className="h-24 w-full max-w-140" />;
  const tone = risk.score >= HIGH ? "bad" : risk.score >= RAISED ? "warn" : "good";
  return (
    <Card title="Risk now" className="max-w-140">
      <div className="flex flex-col gap-3">
        <p className="flex items-baseline gap-2">
          <span className="font-semibold text-2xl text-ink tabular-nums">{risk.score}</span>
          <span className="text-muted text-sm">of 100</span>
          <Tag tone={tone}>{tone === "bad" ? "high" : tone === "warn" ? "raised" : "low"}</Tag>
        </p>
        <Progress value={risk.score / 100} label="Risk" />
        {risk.parts.length > 0 ? (
          <ul aria-label="Parts of the risk" className="flex flex-col gap-1 text-sm">
            {risk.parts.map((part) => (
              <li key={part.kind} className="flex flex-wrap items-baseline gap-x-2">
                <span className="w-8 text-right text-ink tabular-nums">{part.points}</span>
                <span>{kindText(part.kind)}</span>
                <span className="text-faint text-xs">
                  ends <RelativeTime at={part.counts_until} />
                </span>
              </li>
            ))}
          </ul>
        ) : (
          <p className="text-muted text-sm">Nothing unusual counts at this moment.</p>
        )}
      </div>
    </Card>
  );
}

const COLUMNS: Column<Signal>[] = [
  {
    id: "kind",
    header: "What",
    cell: (signal) => (
      <>
        <span className="font-medium text-ink md:whitespace-nowrap">{kindText(signal.kind)}</span>
        <span className="block wrap-anywhere text-muted text-xs md:hidden">{detailText(signal)}</span>
        <RelativeTime at={signal.at} className="block text-faint text-xs sm:hidden" />
      </>
    ),
  },
  {
    id: "principal",
    header: "Who",
    cell: (signal) => signal.principal.name,
  },
  {
    id: "detail",
    header: "About",
    from: "md",
    cell: (signal) => <span className="text-muted">{detailText(signal)}</span>,
  },
  {
    id: "weight",
    header: "Weight",
    align: "right",
    cell: (signal) => <Weight signal={signal} />,
  },
  {
    id: "at",
    header: "When",
    align: "right",
    from: "sm",
    className: "whitespace-nowrap",
    cell: (signal) => <RelativeTime at={signal.at} className="text-muted" />,
  },
];

/** What it adds while it counts; afterwards it is history. */
function Weight({ signal }: { signal: Signal }) {
  const counts = Date.parse(signal.counts_until) > useNow();
  return (
    <span className="inline-flex items-center gap-1.5 tabular-nums">
      {counts ? <Tag tone="warn">counts</Tag> : null}
      <span className={counts ? "text-ink" : "text-faint line-through"}>{signal.weight}</span>
    </span>
  );
}

function kindText(kind: Signal["kind"]): string {
  return humanize(kind);
}

/** "203.0.113.0/24, DE, Firefox". */
function detailText({ detail }: Pick<Signal, "detail">): string {
  const known = [detail.network ?? detail.address, detail.country, detail.device];
  return known.filter((each) => each !== undefined && each !== null && each !== "").join(", ");
}
