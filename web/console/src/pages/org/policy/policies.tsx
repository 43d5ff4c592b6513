import type { Policy } from "@plinth/client";
import {
  Button,
  type Column,
  EmptyState,
  PageHeader,
  RelativeTime,
  rowLinkClass,
  Table,
  Tabs,
  Tag,
  useCan,
  useOrg,
  usePolicies,
} from "@plinth/react";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { Plus, ShieldCheck } from "lucide-react";
import { useTitle } from "../../../shell/root-layout";
import { AccessMatrix } from "./matrix";
import { useNames } from "./names";
import { Refusals } from "./refusals";
import { Roles } from "./roles";
import { Signals } from "./signals";
import { type Names, subjectText } from "./words";

const route = getRouteApi("/user/orgs/$org/policies");

export function PoliciesPage() {
  useTitle("Access");
  const { tab } = route.useSearch();
  const navigate = useNavigate();
  const can = useCan();
  const tabs = [
    { value: "policies", label: "Policies", content: <PolicyTable /> },
    { value: "roles", label: "Roles", content: <Roles /> },
    ...(can("members:view")
      ? [{ value: "people", label: "Who may do what", content: <AccessMatrix /> }]
      : []),
    { value: "refusals", label: "Refused requests", content: <Refusals /> },
    ...(can("members:view") || can("service-accounts:view")
      ? [{ value: "signals", label: "Signals", content: <Signals /> }]
      : []),
  ];
  return (
    <>
      <PageHeader
        title="Access"
        detail="Who may do what to which things, and when. Roles hold in every organization; policies of your own add to them or take away."
        actions={<NewPolicy />}
      />
      <Tabs
        label="Access"
        value={tabs.some((each) => each.value === tab) ? (tab ?? "policies") : "policies"}
        onChange={(next) =>
          void navigate({
            from: "/orgs/$org/policies",
            search: next === "policies" ? {} : { tab: next },
            replace: true,
          })
        }
        tabs={tabs}
      />
    </>
  );
}

function NewPolicy() {
  const can = useCan();
  const { slug } = useOrg();
  if (!can("policies:create")) return null;
  return (
    <Button asChild variant="primary">
      <Link to="/orgs/$org/policies/new" params={{ org: slug }}>
        <Plus aria-hidden />
        New policy
      </Link>
    </Button>
  );
}

function PolicyTable() {
  const policies = usePolicies();
  const { slug } = useOrg();
  const names = useNames();
  return (
    <Table
      label="Policies"
      rows={policies.items}
      rowKey={(policy) => policy.id}
      rowVersion={(policy) => policy.version}
      error={policies.error}
      onRetry={() => void policies.refetch()}
      more={policies.more}
      initialSort={{ id: "name", desc: false }}
      columns={columnsOf(slug, names)}
      empty={
        <EmptyState
          title="No policies of your own yet"
          icon={<ShieldCheck aria-hidden />}
          action={<NewPolicy />}
        >
          Until there are some, the roles decide alone. With a policy contractors see development only,
          production is changed from the office only, or a team works on what carries its name.
        </EmptyState>
      }
    />
  );
}

function columnsOf(slug: string, names: Names): Column<Policy>[] {
  return [
    {
      id: "name",
      header: "Name",
      value: (policy) => policy.name,
      cell: (policy) => (
        <span className="block min-w-0 max-w-88">
          <Link
            to="/orgs/$org/policies/$policy"
            params={{ org: slug, policy: policy.id }}
            search={{}}
            className={rowLinkClass}
          >
            {policy.name}
          </Link>
          {policy.description ? (
            <span className="block truncate text-faint text-xs">{policy.description}</span>
          ) : null}
        </span>
      ),
    },
    {
      id: "effect",
      header: "Effect",
      cell: (policy) => <Effects policy={policy} />,
    },
    {
      id: "subject",
      header: "For",
      from: "md",
      cell: (policy) => <span className="text-muted">{subjectsOf(policy, names)}</span>,
    },
    {
      id: "version",
      header: "Version",
      align: "right",
      from: "sm",
      value: (policy) => policy.version,
      cell: (policy) => policy.version,
    },
    {
      id: "updated_by",
      header: "Changed by",
      from: "lg",
      value: (policy) => policy.updated_by.name,
      cell: (policy) => <span className="text-muted">{policy.updated_by.name}</span>,
    },
    {
      id: "updated_at",
      header: "Changed",
      align: "right",
      from: "sm",
      value: (policy) => policy.updated_at,
      cell: (policy) => <RelativeTime at={policy.updated_at} className="text-muted" />,
    },
  ];
}

function Effects({ policy }: { policy: Policy }) {
  if (policy.statements === null) return <Tag>Cedar</Tag>;
  const effects = new Set(policy.statements.map((statement) => statement.effect));
  return (
    <span className="flex gap-1">
      {effects.has("permit") ? <Tag tone="good">permits</Tag> : null}
      {effects.has("forbid") ? <Tag tone="bad">forbids</Tag> : null}
    </span>
  );
}

function subjectsOf(policy: Policy, names: Names): string {
  if (policy.statements === null) return "as its text says";
  const all = policy.statements.map((statement) => subjectText(statement.subject, names).replaceAll("`", ""));
  const [first = "", ...others] = new Set(all);
  return others.length > 0 ? `${first} and ${others.length} more` : first;
}
