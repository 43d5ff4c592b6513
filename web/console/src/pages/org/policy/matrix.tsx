import type { AuthorizeAnswer } from "@plinth/client";
import {
  type ActionKind,
  Avatar,
  actionKinds,
  Combobox,
  cn,
  ErrorState,
  Field,
  humanize,
  initials,
  Popover,
  pluralOf,
  Reason,
  Skeleton,
  useAuthorize,
  useMe,
  useProduct,
} from "@plinth/react";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { CircleCheck, CircleDot, Minus } from "lucide-react";
import { useMemo } from "react";
import { usePeople } from "./names";

const route = getRouteApi("/user/orgs/$org/policies");

/** What one member or service account may do: kinds of things by actions, each with its reason. */
export function AccessMatrix() {
  const { principal } = route.useSearch();
  const navigate = useNavigate();
  const me = useMe();
  const people = usePeople();
  const chosen = principal ?? me.user?.id;
  const person = people.find((each) => each.id === chosen);
  const options = people.map(({ id, name, kind }) => ({
    value: id,
    label: name,
    detail: kind === "service_account" ? "Service account" : id === me.user?.id ? "You" : "Member",
  }));
  return (
    <div className="flex flex-col gap-4">
      <Field label="Member or service account" className="max-w-90">
        {(control) => (
          <Combobox
            id={control.id}
            value={chosen}
            onChange={(next) =>
              void navigate({
                from: "/orgs/$org/policies",
                search: (previous) => ({ ...previous, principal: next }),
                replace: true,
              })
            }
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
              action={action}
              permission={`${kind.kind}:${action}`}
              answer={answers.get(`${kind.kind}:${action}`)}
            />
          </li>
        ))}
      </ul>
    </li>
  );
}

const REACH = {
  all: { text: "everywhere", icon: CircleCheck, look: "border-good/25 bg-good-soft/60 text-good" },
  some: { text: "on some", icon: CircleDot, look: "border-warn/30 bg-warn-soft/70 text-warn" },
  none: { text: "no", icon: Minus, look: "border-line bg-sunken text-faint" },
};

function Cell(props: { action: string; permission: string; answer: AuthorizeAnswer | undefined }) {
  const { answer, permission } = props;
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
          {humanize(props.action)} <span className="font-normal">{reach.text}</span>
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
