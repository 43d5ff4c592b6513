import {
  Button,
  humanize,
  Input,
  PageHeader,
  Select,
  useCan,
  useMembers,
  useProduct,
  useServiceAccounts,
} from "@plinth/react";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { X } from "lucide-react";
import { useTitle } from "../../shell/root-layout";
import { EventTable } from "./event-table";
import { DECISIONS, kindTitle, OPERATIONS } from "./event-text";

const route = getRouteApi("/user/orgs/$org/events");
const ANY = "any";
const OTHER_KINDS = ["org", "member", "invitation", "service_account", "token", "sql_login", "policy"];

export function ActivityPage() {
  useTitle("Activity");
  const search = route.useSearch();
  return (
    <>
      <PageHeader
        title="Activity"
        detail="Every change in this organization, in order, whoever made it. Status reports are left out until you choose them."
      />
      <Filters />
      <EventTable
        key={JSON.stringify(search)}
        params={{ ...search, operation: search.operation ?? DECISIONS }}
      />
    </>
  );
}

function Filters() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const product = useProduct();
  const actors = useActors();
  const set = (part: Partial<typeof search>) =>
    void navigate({
      from: "/orgs/$org/events",
      search: (previous) => ({ ...previous, ...part }),
      replace: true,
    });
  const choice = (value: string) => (value === ANY ? undefined : value);
  const active = Object.values(search).some(Boolean);
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <Select
        aria-label="Kind"
        className="w-42"
        value={search.kind ?? ANY}
        onChange={(kind) => set({ kind: choice(kind) })}
        options={[
          { value: ANY, label: "Any kind" },
          ...product.types.map((type) => ({ value: type.name, label: type.title })),
          ...OTHER_KINDS.map((kind) => ({ value: kind, label: kindTitle(kind, product.types) })),
        ]}
      />
      <Select
        aria-label="Operation"
        className="w-36"
        value={search.operation ?? ANY}
        onChange={(operation) => set({ operation: choice(operation) })}
        options={[
          { value: ANY, label: "Changes" },
          ...OPERATIONS.map((operation) => ({
            value: operation,
            label: operation === "status" ? "Status reports" : humanize(operation),
          })),
        ]}
      />
      {actors.length > 0 ? (
        <Select
          aria-label="Actor"
          className="w-44"
          value={search.actor ?? ANY}
          onChange={(actor) => set({ actor: choice(actor) })}
          options={[{ value: ANY, label: "Anybody" }, ...actors]}
        />
      ) : null}
      <form
        className="contents"
        onSubmit={(event) => {
          event.preventDefault();
          const value = new FormData(event.currentTarget).get("property");
          set({ property: typeof value === "string" && value.includes(":") ? value : undefined });
        }}
      >
        <Input
          key={search.property}
          name="property"
          aria-label="Property, as name:value"
          placeholder="Property, as team:data"
          className="w-46"
          defaultValue={search.property}
          onBlur={(event) => event.currentTarget.form?.requestSubmit()}
        />
      </form>
      {active ? (
        <Button
          variant="ghost"
          onClick={() => void navigate({ from: "/orgs/$org/events", search: {}, replace: true })}
        >
          <X aria-hidden />
          Clear
        </Button>
      ) : null}
    </div>
  );
}

function useActors() {
  const can = useCan();
  const members = useMembers(can("members:view"));
  const accounts = useServiceAccounts(can("service-accounts:view"));
  return [
    ...(members.data ?? []).map((member) => ({ value: member.user_id, label: member.name || member.email })),
    ...(accounts.data ?? []).map((account) => ({ value: account.id, label: account.name })),
  ];
}
