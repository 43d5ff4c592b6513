import type { ServiceAccount, Token } from "@plinth/client";
import {
  Button,
  CodeBlock,
  CopyOnce,
  Dialog,
  describeError,
  ErrorState,
  Field,
  Input,
  keys,
  RelativeTime,
  Select,
  Table,
  Tag,
  useCan,
  useNow,
  useOrg,
  useToast,
  useTokens,
} from "@plinth/react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { fieldError, otherError } from "../../lib/form-errors";

const DAY = 86_400;
const EXPIRIES = [
  { value: String(7 * DAY), label: "7 days" },
  { value: String(30 * DAY), label: "30 days" },
  { value: String(90 * DAY), label: "90 days" },
  { value: String(365 * DAY), label: "1 year" },
];

/** Tokens of one service account: what there is, and a new one, told once. */
export function TokensDialog({ account, onClose }: { account: ServiceAccount; onClose: () => void }) {
  const can = useCan();
  const [created, setCreated] = useState<Token | null>(null);
  const tokens = useTokens(account.id);
  return (
    <Dialog
      open
      size="lg"
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={`Tokens of ${account.name}`}
      description="A token acts as this service account. Give each place its own, so that one can be revoked alone."
      footer={<Button onClick={onClose}>Done</Button>}
    >
      <div className="flex flex-col gap-5">
        {created?.token ? <NewToken token={created.token} /> : null}
        {can("service-accounts:update") && !created ? (
          <TokenForm account={account} onCreated={setCreated} />
        ) : null}
        <TokenTable account={account} tokens={tokens.data} error={tokens.error} />
      </div>
    </Dialog>
  );
}

function NewToken({ token }: { token: string }) {
  const { slug } = useOrg();
  const call = `curl -H "Authorization: Bearer $PLINTH_TOKEN" \\\n  ${location.origin}/v1/orgs/${slug}`;
  return (
    <div className="flex flex-col gap-3">
      <CopyOnce
        label="New token"
        secret={token}
        note="Keep it in your CI's secret store, say as PLINTH_TOKEN."
      />
      <CodeBlock label="Try it" code={call} />
    </div>
  );
}

function TokenForm(props: { account: ServiceAccount; onCreated: (token: Token) => void }) {
  const { slug, client } = useOrg();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [expiry, setExpiry] = useState(String(90 * DAY));
  const create = useMutation({
    mutationFn: () => client.createToken(props.account.id, { name, expires_in_secs: Number(expiry) }),
    onSuccess: (token) => {
      void queries.invalidateQueries({ queryKey: keys.tokens(slug, props.account.id) });
      props.onCreated(token);
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
        <Field label="New token for" error={fieldError(create.error, "/name")}>
          {(control) => (
            <Input
              {...control}
              required
              placeholder="github-actions"
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
          Create token
        </Button>
      </div>
    </form>
  );
}

function TokenTable(props: { account: ServiceAccount; tokens: Token[] | undefined; error: unknown }) {
  const { slug, client } = useOrg();
  const queries = useQueryClient();
  const can = useCan();
  const toast = useToast();
  const revoke = useMutation({
    mutationFn: (id: string) => client.revokeToken(props.account.id, id),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.tokens(slug, props.account.id) }),
    onError: (error) => toast({ tone: "bad", ...describeError(error) }),
  });
  return (
    <Table
      label={`Tokens of ${props.account.name}`}
      rows={props.tokens}
      rowKey={(token) => token.id}
      error={props.error}
      empty={<p className="text-muted text-sm">No tokens yet.</p>}
      columns={[
        {
          id: "name",
          header: "Name",
          value: (token) => token.name,
          cell: (token) => <span className="font-medium">{token.name}</span>,
        },
        { id: "state", header: "State", cell: (token) => <TokenState token={token} /> },
        {
          id: "expires",
          header: "Expires",
          align: "right",
          from: "sm",
          cell: (token) => <RelativeTime at={token.expires_at} className="text-muted" />,
        },
        {
          id: "actions",
          header: <span className="sr-only">Actions</span>,
          align: "right",
          cell: (token) =>
            can("service-accounts:update") && !token.revoked_at ? (
              <Button
                size="sm"
                variant="ghost"
                aria-label={`Revoke ${token.name}`}
                pending={revoke.isPending && revoke.variables === token.id}
                onClick={() => revoke.mutate(token.id)}
              >
                Revoke
              </Button>
            ) : null,
        },
      ]}
    />
  );
}

function TokenState({ token }: { token: Token }) {
  const now = useNow();
  if (token.revoked_at) return <Tag tone="bad">revoked</Tag>;
  if (token.expires_at && Date.parse(token.expires_at) < now) return <Tag tone="warn">expired</Tag>;
  return <Tag tone="good">works</Tag>;
}
