import { type OpenedSqlLogin, type ServiceAccount, sqlAddress, type Token } from "@plinth/client";
import {
  Button,
  CodeBlock,
  CopyOnce,
  Dialog,
  keys,
  Tabs,
  useCan,
  useOrg,
  useSqlLogins,
  useTokens,
} from "@plinth/react";
import { useState } from "react";
import { Credentials } from "./credentials";

/** How programs come in as one service account: tokens for the API, logins for SQL. */
export function CredentialsDialog({ account, onClose }: { account: ServiceAccount; onClose: () => void }) {
  const [tab, setTab] = useState("tokens");
  return (
    <Dialog
      open
      size="lg"
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={`Credentials of ${account.name}`}
      description="Each acts as this service account. Give each place its own, so that one can be revoked alone."
      footer={<Button onClick={onClose}>Done</Button>}
    >
      <Tabs
        label="Credentials"
        value={tab}
        onChange={setTab}
        tabs={[
          { value: "tokens", label: "Tokens", content: <Tokens account={account} /> },
          { value: "sql", label: "SQL logins", content: <SqlLogins account={account} /> },
        ]}
      />
    </Dialog>
  );
}

function Tokens({ account }: { account: ServiceAccount }) {
  const { slug, client } = useOrg();
  const can = useCan();
  const tokens = useTokens(account.id);
  return (
    <Credentials<Token>
      noun="token"
      placeholder="github-actions"
      label={`Tokens of ${account.name}`}
      items={tokens.data}
      error={tokens.error}
      queryKey={keys.tokens(slug, account.id)}
      create={can("tokens:create") ? (input) => client.createToken(account.id, input) : undefined}
      revoke={can("tokens:delete") ? (id) => client.revokeToken(account.id, id) : undefined}
      shown={(created) => (created.token ? <NewToken token={created.token} /> : null)}
    />
  );
}

function SqlLogins({ account }: { account: ServiceAccount }) {
  const { slug, client } = useOrg();
  const can = useCan();
  const logins = useSqlLogins(account.id);
  return (
    <Credentials<OpenedSqlLogin>
      noun="SQL login"
      placeholder="reports"
      label={`SQL logins of ${account.name}`}
      items={logins.data}
      error={logins.error}
      queryKey={keys.sqlLogins(slug, account.id)}
      create={can("tokens:create") ? (input) => client.createSqlLogin(account.id, input) : undefined}
      revoke={can("tokens:delete") ? (id) => client.revokeSqlLogin(account.id, id) : undefined}
      shown={(created) => <NewLogin address={sqlAddress(created)} />}
    />
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

function NewLogin({ address }: { address: string }) {
  return (
    <div className="flex flex-col gap-3">
      <CopyOnce
        label="New SQL login"
        secret={address}
        note="An address for psql, notebooks and reports: it shows what policies let the account see. Keep it, say as DATABASE_URL."
      />
      <CodeBlock label="Try it" code={'psql "$DATABASE_URL" -c "\\dv"'} />
    </div>
  );
}
