import {
  Button,
  describeError,
  ErrorState,
  Field,
  Input,
  RelativeTime,
  Select,
  Table,
  Tag,
  useNow,
  useToast,
} from "@plinth/react";
import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { fieldError, otherError } from "../../lib/form-errors";

const DAY = 86_400;
const EXPIRIES = [
  { value: String(7 * DAY), label: "7 days" },
  { value: String(30 * DAY), label: "30 days" },
  { value: String(90 * DAY), label: "90 days" },
  { value: String(365 * DAY), label: "1 year" },
];

interface Credential {
  id: string;
  name: string;
  expires_at: string | null;
  revoked_at: string | null;
}

interface NewCredential {
  name: string;
  expires_in_secs: number;
}

export interface CredentialsProps<Made extends Credential> {
  /** What one is called: `token`. */
  noun: string;
  placeholder: string;
  label: string;
  items: Credential[] | undefined;
  error: unknown;
  /** What is read again after a change. */
  queryKey: QueryKey;
  /** Left out for those who may not. */
  create: ((input: NewCredential) => Promise<Made>) | undefined;
  revoke: ((id: string) => Promise<void>) | undefined;
  /** What was made, with the secret that is told once. */
  shown: (made: Made) => ReactNode;
}

/** The credentials of one kind that a service account has, and a new one. */
export function Credentials<Made extends Credential>(props: CredentialsProps<Made>) {
  const { create } = props;
  const [made, setMade] = useState<Made | null>(null);
  return (
    <div className="flex flex-col gap-5">
      {made ? props.shown(made) : null}
      {create && !made ? <CredentialForm {...props} create={create} onCreated={setMade} /> : null}
      <CredentialTable {...props} />
    </div>
  );
}

function CredentialForm<Made extends Credential>(
  props: CredentialsProps<Made> & {
    create: (input: NewCredential) => Promise<Made>;
    onCreated: (made: Made) => void;
  },
) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [expiry, setExpiry] = useState(String(90 * DAY));
  const create = useMutation({
    mutationFn: () => props.create({ name, expires_in_secs: Number(expiry) }),
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: props.queryKey });
      props.onCreated(made);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  const rest = otherError(create.error, ["/name"]);
  return (
    <form onSubmit={submit} className="rounded-md border border-line bg-sunken/50 p-3.5">
      {rest ? <ErrorState error={rest} className="mb-3" /> : null}
      <div className="grid items-start gap-3 sm:grid-cols-[1fr_9rem_auto]">
        <Field label={`New ${props.noun} for`} error={fieldError(create.error, "/name")}>
          {(control) => (
            <Input
              {...control}
              required
              placeholder={props.placeholder}
              autoComplete="off"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field label="Expires in">
          {(control) => <Select {...control} value={expiry} onChange={setExpiry} options={EXPIRIES} />}
        </Field>
        <Button type="submit" variant="primary" pending={create.isPending} className="sm:mt-6.5">
          Create {props.noun}
        </Button>
      </div>
    </form>
  );
}

function CredentialTable<Made extends Credential>(props: CredentialsProps<Made>) {
  const queries = useQueryClient();
  const toast = useToast();
  const revoke = useMutation({
    mutationFn: async (id: string) => props.revoke?.(id),
    onSuccess: () => queries.invalidateQueries({ queryKey: props.queryKey }),
    onError: (error) => toast({ tone: "bad", ...describeError(error) }),
  });
  return (
    <Table
      label={props.label}
      rows={props.items}
      rowKey={(each) => each.id}
      error={props.error}
      empty={<p className="text-muted text-sm">No {props.noun}s yet.</p>}
      columns={[
        {
          id: "name",
          header: "Name",
          value: (each) => each.name,
          cell: (each) => <span className="font-medium">{each.name}</span>,
        },
        { id: "state", header: "State", cell: (each) => <State of={each} /> },
        {
          id: "expires",
          header: "Expires",
          align: "right",
          from: "sm",
          cell: (each) => <RelativeTime at={each.expires_at} className="text-muted" />,
        },
        {
          id: "actions",
          header: <span className="sr-only">Actions</span>,
          align: "right",
          cell: (each) =>
            props.revoke && !each.revoked_at ? (
              <Button
                size="sm"
                variant="ghost"
                aria-label={`Revoke ${each.name}`}
                pending={revoke.isPending && revoke.variables === each.id}
                onClick={() => revoke.mutate(each.id)}
              >
                Revoke
              </Button>
            ) : null,
        },
      ]}
    />
  );
}

function State({ of }: { of: Credential }) {
  const now = useNow();
  if (of.revoked_at) return <Tag tone="bad">revoked</Tag>;
  if (of.expires_at && Date.parse(of.expires_at) < now) return <Tag tone="warn">expired</Tag>;
  return <Tag tone="good">works</Tag>;
}
