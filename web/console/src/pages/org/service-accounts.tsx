import type { ServiceAccount } from "@plinth/client";
import {
  Button,
  ConfirmDialog,
  Dialog,
  EmptyState,
  ErrorState,
  Field,
  IconButton,
  Input,
  keys,
  Menu,
  MenuItem,
  PageHeader,
  RelativeTime,
  Table,
  useCan,
  useOrg,
  useServiceAccounts,
} from "@plinth/react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Bot, Ellipsis, Plus, Trash2, UserRoundCog } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { fieldError, NAME_HINT, otherError } from "../../lib/form-errors";
import { useTitle } from "../../shell/root-layout";
import { CredentialsDialog } from "./credentials-dialog";
import { SignalsItem } from "./policy/signals-item";
import { roleNames } from "./role-picker";
import { type Standing, StandingFields, standingChange } from "./standing-fields";

export function ServiceAccountsPage() {
  useTitle("Service accounts");
  const can = useCan();
  const accounts = useServiceAccounts();
  const [dialog, setDialog] = useState<
    { kind: "create" } | { kind: "access" | "delete" | "credentials"; account: ServiceAccount } | null
  >(null);
  const close = () => setDialog(null);
  const credentials = can("tokens:view");
  const create = can("service-accounts:create") ? (
    <Button variant="primary" onClick={() => setDialog({ kind: "create" })}>
      <Plus aria-hidden />
      New service account
    </Button>
  ) : null;
  return (
    <>
      <PageHeader
        title="Service accounts"
        detail="Principals for programs: CI, scripts, Terraform. Each has its own roles and its own tokens."
        actions={accounts.data?.length ? create : null}
      />
      <Table
        label="Service accounts"
        rows={accounts.data}
        rowKey={(account) => account.id}
        error={accounts.error}
        onRetry={() => void accounts.refetch()}
        empty={
          <EmptyState
            title="Let programs in, each by its own door"
            icon={<Bot aria-hidden />}
            action={create}
          >
            A service account is not a person: give your CI one, with just the roles that it needs. Its tokens
            expire, can be revoked one by one, and every change they make carries its name.
          </EmptyState>
        }
        columns={[
          {
            id: "name",
            header: "Name",
            value: (account) => account.name,
            cell: (account) => <span className="font-medium text-ink">{account.name}</span>,
          },
          { id: "roles", header: "Roles", cell: (account) => roleNames(account.roles) },
          {
            id: "groups",
            header: "Groups",
            from: "md",
            value: (account) => account.groups.join(),
            cell: (account) => <span className="text-muted">{account.groups.join(", ")}</span>,
          },
          {
            id: "created_at",
            header: "Created",
            align: "right",
            from: "sm",
            value: (account) => account.created_at,
            cell: (account) => <RelativeTime at={account.created_at} className="text-muted" />,
          },
          {
            id: "actions",
            header: <span className="sr-only">Actions</span>,
            align: "right",
            cell: (account) => (
              <span className="inline-flex items-center gap-1">
                {credentials ? (
                  <Button size="sm" onClick={() => setDialog({ kind: "credentials", account })}>
                    Credentials
                  </Button>
                ) : null}
                <AccountMenu
                  account={account}
                  onAccess={() => setDialog({ kind: "access", account })}
                  onDelete={() => setDialog({ kind: "delete", account })}
                />
              </span>
            ),
          },
        ]}
      />
      {dialog?.kind === "create" ? (
        <CreateDialog
          onClose={close}
          onCreated={(account) => setDialog(credentials ? { kind: "credentials", account } : null)}
        />
      ) : null}
      {dialog?.kind === "credentials" ? <CredentialsDialog account={dialog.account} onClose={close} /> : null}
      {dialog?.kind === "access" ? <AccessDialog account={dialog.account} onClose={close} /> : null}
      {dialog?.kind === "delete" ? <DeleteAccountDialog account={dialog.account} onClose={close} /> : null}
    </>
  );
}

function AccountMenu(props: { account: ServiceAccount; onAccess: () => void; onDelete: () => void }) {
  const can = useCan();
  const update = can("service-accounts:update");
  const remove = can("service-accounts:delete");
  const signals = can("policies:view");
  const { slug } = useOrg();
  if (!update && !remove && !signals) return null;
  return (
    <Menu
      trigger={
        <IconButton label={`Actions for ${props.account.name}`} size="icon">
          <Ellipsis aria-hidden />
        </IconButton>
      }
    >
      {signals ? <SignalsItem org={slug} principal={props.account.id} /> : null}
      {update ? (
        <MenuItem icon={<UserRoundCog aria-hidden />} onSelect={props.onAccess}>
          Change access
        </MenuItem>
      ) : null}
      {remove ? (
        <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={props.onDelete}>
          Delete
        </MenuItem>
      ) : null}
    </Menu>
  );
}

function useAllowOwner(): boolean {
  return useCan()("members:grant-owner");
}

function CreateDialog(props: { onClose: () => void; onCreated: (account: ServiceAccount) => void }) {
  const { slug, client } = useOrg();
  const queries = useQueryClient();
  const formId = useId();
  const allowOwner = useAllowOwner();
  const [name, setName] = useState("");
  const [standing, setStanding] = useState<Standing>({ roles: ["developer"], groups: [], attributes: {} });
  const create = useMutation({
    mutationFn: () => client.createServiceAccount({ name, ...standing }),
    onSuccess: (account) => {
      void queries.invalidateQueries({ queryKey: keys.serviceAccounts(slug) });
      props.onCreated(account);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  const rest = otherError(create.error, ["/name"]);
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : props.onClose())}
      title="New service account"
      footer={
        <>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button
            type="submit"
            form={formId}
            variant="primary"
            disabled={standing.roles.length === 0}
            pending={create.isPending}
          >
            Create
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="flex flex-col gap-4">
        {rest ? <ErrorState error={rest} /> : null}
        <Field label="Name" hint={NAME_HINT} error={fieldError(create.error, "/name")}>
          {(control) => (
            <Input
              {...control}
              required
              autoFocus
              placeholder="ci"
              className="font-mono"
              spellCheck={false}
              autoComplete="off"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <StandingFields value={standing} onChange={setStanding} allowOwner={allowOwner} />
      </form>
    </Dialog>
  );
}

function AccessDialog({ account, onClose }: { account: ServiceAccount; onClose: () => void }) {
  const { slug, client } = useOrg();
  const queries = useQueryClient();
  const allowOwner = useAllowOwner();
  const [standing, setStanding] = useState<Standing>(account);
  const update = useMutation({
    mutationFn: () => client.updateServiceAccount(account.id, standingChange(account, standing)),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: keys.serviceAccounts(slug) });
      onClose();
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={`Access of ${account.name}`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            disabled={standing.roles.length === 0}
            pending={update.isPending}
            onClick={() => update.mutate()}
          >
            Save
          </Button>
        </>
      }
    >
      {update.error ? <ErrorState error={update.error} className="mb-3" /> : null}
      <StandingFields value={standing} onChange={setStanding} allowOwner={allowOwner} />
    </Dialog>
  );
}

function DeleteAccountDialog({ account, onClose }: { account: ServiceAccount; onClose: () => void }) {
  const { slug, client } = useOrg();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => client.deleteServiceAccount(account.id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: keys.serviceAccounts(slug) });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      open
      danger
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={`Delete ${account.name}?`}
      description="All its tokens stop working at once."
      confirm="Delete service account"
      typed={account.name}
      pending={remove.isPending}
      onConfirm={() => remove.mutate()}
    >
      {remove.error ? <ErrorState error={remove.error} /> : null}
    </ConfirmDialog>
  );
}
