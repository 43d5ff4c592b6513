import type { AuthorizeAnswer } from "@plinth/client";
import {
  type ActionKind,
  Avatar,
  actionKinds,
  Combobox,
  cn,
  describeError,
  ErrorState,
  Field,
  humanize,
  Input,
  initials,
  Popover,
  pluralOf,
  Reason,
  Segmented,
  Select,
  Skeleton,
  Table,
  useAuthorize,
  useMe,
  useProduct,
} from "@plinth/react";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { CircleCheck, CircleDot, Minus } from "lucide-react";
import { useMemo, useState } from "react";
import { type Person, usePeople } from "./names";

const route = getRouteApi("/user/orgs/$org/policies");

/**
 * Principals, kinds of things and actions, in two cuts: all that one member or service account may do, or who may do what
 * to one kind of things. Each cell has its reason.
 */
export function AccessMatrix() {
  const { kind } = route.useSearch();
  const show = useShow();
  const product = useProduct();
  return (
    <div className="flex flex-col items-start gap-4">
      <Segmented
        label="What is shown"
        value={kind === undefined ? "person" : "kind"}
        onChange={(cut) => show({ kind: cut === "kind" ? actionKinds(product)[0]?.kind : undefined })}
        options={[
          { value: "person", label: "One person, all kinds" },
          { value: "kind", label: "One kind, all people" },
        ]}
      />
      <div className="w-full">{kind === undefined ? <OfPerson /> : <OfKind chosen={kind} />}</div>
    </div>
  );
}

function useShow() {
  const navigate = useNavigate();
  return (change: { principal?: string | undefined; kind?: string | undefined }) =>
    void navigate({
      from: "/orgs/$org/policies",
      search: (previous) => ({ ...previous, ...change }),
      replace: true,
    });
}

function detailOf({ id, kind }: Person, me: string | undefined): string {
  if (kind === "service_account") return "Service account";
  return id === me ? "You" : "Member";
}

function OfPerson() {
  const { principal } = route.useSearch();
  const show = useShow();
  const me = useMe();
  const people = usePeople();
  const chosen = principal ?? me.user?.id;
  const person = people.find((each) => each.id === chosen);
  const options = people.map((each) => ({
    value: each.id,
    label: each.name,
    detail: detailOf(each, me.user?.id),
  }));
  return (
    <div className="flex flex-col gap-4">
      <Field label="Member or service account" className="max-w-90">
        {(control) => (
          <Combobox
            id={control.id}
            value={chosen}
            onChange={(next) => show({ principal: next })}
            options={options}
            searchPlaceholder="Search by name"
          />
        )}
      </Field>
      {person ? (
        <p className="flex flex-wrap items-center gap-2 text-muted text-sm">
          <Avatar text={initials(person.name)} />
          {person.groups.length > 0
            ? `In the ${pluralOf("group", person.groups.length)} ${person.groups.join(", ")}.`
            : "In no group."}
        </p>
      ) : null}
      {chosen ? (
        <Matrix
          key={chosen}
          name={person?.name ?? chosen}
          principal={chosen === me.user?.id ? undefined : chosen}
        />
      ) : null}
    </div>
  );
}

function Matrix({ name, principal }: { name: string; principal: string | undefined }) {
  const product = useProduct();
  const kinds = useMemo(() => actionKinds(product), [product]);
  const all = kinds.flatMap(({ kind, actions }) => actions.map((action) => `${kind}:${action}`));
  const { answers, error } = useAuthorize(
    all.map((action) => ({ action })),
    { principal },
  );
  if (error) return <ErrorState error={error} title="It cannot be told what they may do" />;
  const byAction = new Map(all.map((action, index) => [action, answers[index]]));
  return (
    <ul
      aria-label={`What ${name} may do`}
      className="overflow-hidden rounded-lg border border-line bg-surface shadow-card"
    >
      {kinds.map((kind) => (
        <KindRow key={kind.kind} kind={kind} answers={byAction} />
      ))}
    </ul>
  );
}

function KindRow({ kind, answers }: { kind: ActionKind; answers: Map<string, AuthorizeAnswer | undefined> }) {
  return (
    <li className="grid gap-x-4 gap-y-2 border-line border-b px-4 py-2.5 last:border-b-0 sm:grid-cols-[10rem_minmax(0,1fr)] sm:items-center">
      <h2 className="font-medium text-ink text-sm">{kind.title}</h2>
      <ul className="flex flex-wrap gap-1.5">
        {kind.actions.map((action) => (
          <li key={action}>
            <Cell
              permission={`${kind.kind}:${action}`}
              answer={answers.get(`${kind.kind}:${action}`)}
              words={humanize(action)}
            />
          </li>
        ))}
      </ul>
    </li>
  );
}

/** How many people are asked about at once. */
const STEP = 20;

function OfKind({ chosen }: { chosen: string }) {
  const product = useProduct();
  const show = useShow();
  const me = useMe();
  const people = usePeople();
  const [wanted, setWanted] = useState("");
  const [most, setMost] = useState(STEP);
  const kinds = useMemo(() => actionKinds(product), [product]);
  const kind = kinds.find((each) => each.kind === chosen);
  const found = people.filter((each) => each.name.toLowerCase().includes(wanted.trim().toLowerCase()));
  return (
    <div className="flex flex-col gap-4">
      <div className="grid gap-3 sm:grid-cols-[15rem_15rem]">
        <Field label="Kind of things">
          {(control) => (
            <Select
              {...control}
              value={chosen}
              onChange={(next) => show({ kind: next })}
              options={kinds.map(({ kind, title }) => ({ value: kind, label: title }))}
            />
          )}
        </Field>
        <Field label="Find somebody">
          {(control) => (
            <Input
              {...control}
              type="search"
              placeholder="Name"
              value={wanted}
              onChange={(event) => setWanted(event.target.value)}
            />
          )}
        </Field>
      </div>
      {kind ? (
        <Table
          label={`Who may do what: ${kind.title}`}
          rows={found.slice(0, most)}
          rowKey={(person) => person.id}
          more={{ hasMore: found.length > most, loading: false, load: () => setMost(most + STEP) }}
          empty={<p className="text-muted text-sm">Nobody is called that.</p>}
          columns={[
            {
              id: "name",
              header: "Name",
              cell: (person) => (
                <button
                  type="button"
                  className="text-left font-medium text-ink hover:underline"
                  onClick={() => show({ kind: undefined, principal: person.id })}
                >
                  {person.name}
                  <span className="block font-normal text-faint text-xs">
                    {detailOf(person, me.user?.id)}
                  </span>
                </button>
              ),
            },
            ...kind.actions.map((action) => ({
              id: action,
              header: humanize(action),
              cell: (person: Person) => (
                <Asked
                  permission={`${kind.kind}:${action}`}
                  principal={person.id === me.user?.id ? undefined : person.id}
                />
              ),
            })),
          ]}
        />
      ) : (
        <p className="text-muted text-sm">There is no such kind of things.</p>
      )}
    </div>
  );
}

/** Cells of one principal go to the server in one call. */
function Asked({ permission, principal }: { permission: string; principal: string | undefined }) {
  const { answers, error } = useAuthorize([{ action: permission }], { principal });
  if (error) return <span className="text-faint text-xs">{describeError(error).title}</span>;
  return <Cell permission={permission} answer={answers[0]} />;
}

const REACH = {
  all: { text: "everywhere", icon: CircleCheck, look: "border-good/25 bg-good-soft/60 text-good" },
  some: { text: "on some", icon: CircleDot, look: "border-warn/30 bg-warn-soft/70 text-warn" },
  none: { text: "no", icon: Minus, look: "border-line bg-sunken text-faint" },
};

/** `words` stand before the answer, where nothing beside it says what it is about. */
function Cell(props: { permission: string; answer: AuthorizeAnswer | undefined; words?: string }) {
  const { answer, permission, words } = props;
  if (!answer) return <Skeleton className="h-7 w-28" />;
  const reach = REACH[answer.allowed ? (answer.everything ? "all" : "some") : "none"];
  const Icon = reach.icon;
  return (
    <Popover
      label={permission}
      trigger={
        <button
          type="button"
          className={cn(
            "inline-flex h-7 items-center gap-1.5 rounded-sm border px-2 font-medium text-xs hover:brightness-97 pointer-coarse:h-10",
            reach.look,
          )}
        >
          <Icon className="size-3.5" aria-hidden />
          {words} <span className="font-normal">{reach.text}</span>
        </button>
      }
    >
      <div className="flex flex-col gap-2 text-sm">
        <p className="font-mono text-muted text-xs">{permission}</p>
        <Reason answer={answer} />
      </div>
    </Popover>
  );
}
