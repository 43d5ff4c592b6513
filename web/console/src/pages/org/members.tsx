import type { Invitation, Member } from "@plinth/client";
import {
  Avatar,
  Button,
  ConfirmDialog,
  Dialog,
  describeError,
  ErrorState,
  IconButton,
  initials,
  keys,
  Menu,
  MenuItem,
  PageHeader,
  RelativeTime,
  Table,
  Tag,
  useCan,
  useInvitations,
  useMe,
  useMembers,
  useOrg,
  useToast,
} from "@plinth/react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, Trash2, UserPlus, UserRoundCog } from "lucide-react";
import { useState } from "react";
import { useTitle } from "../../shell/root-layout";
import { InviteDialog } from "./invite-dialog";
import { SignalsItem } from "./policy/signals-item";
import { roleNames } from "./role-picker";
import { type Standing, StandingFields, standingChange } from "./standing-fields";

export function MembersPage() {
  useTitle("Members");
  const can = useCan();
  const [inviting, setInviting] = useState(false);
  return (
    <>
      <PageHeader
        title="Members"
        detail="Who belongs to this organization, and what each may do."
        actions={
          can("invitations:create") ? (
            <Button variant="primary" onClick={() => setInviting(true)}>
              <UserPlus aria-hidden />
              Invite
            </Button>
          ) : null
        }
      />
      <div className="flex flex-col gap-8">
        <MemberTable />
        {can("invitations:view") ? <Invitations /> : null}
      </div>
      {inviting ? <InviteDialog onClose={() => setInviting(false)} /> : null}
    </>
  );
}

function MemberTable() {
  const members = useMembers();
  const can = useCan();
  const me = useMe();
  const [editing, setEditing] = useState<Member | null>(null);
  const [removing, setRemoving] = useState<Member | null>(null);
  const actions = can("members:update") || can("members:delete");
  return (
    <>
      <Table
        label="Members"
        rows={members.data}
        rowKey={(member) => member.user_id}
        rowVersion={(member) => [...member.roles, ...member.groups].join()}
        error={members.error}
        onRetry={() => void members.refetch()}
        initialSort={{ id: "name", desc: false }}
        columns={[
          {
            id: "name",
            header: "Name",
            value: (member) => member.name || member.email,
            cell: (member) => (
              <span className="flex min-w-0 items-center gap-2.5">
                <Avatar text={initials(member.name || member.email)} />
                <span className="min-w-0">
                  <span className="flex items-center gap-2 truncate font-medium text-ink">
                    {member.name || member.email}
                    {member.user_id === me.user?.id ? <Tag>you</Tag> : null}
                  </span>
                  <span className="block truncate text-faint text-xs">{member.email}</span>
                </span>
              </span>
            ),
          },
          {
            id: "roles",
            header: "Roles",
            value: (member) => roleNames(member.roles),
            cell: (member) => (
              <span className="flex flex-wrap gap-1">
                {member.roles.map((role) => (
                  <Tag key={role} tone={role === "owner" ? "live" : undefined}>
                    {roleNames([role])}
                  </Tag>
                ))}
              </span>
            ),
          },
          {
            id: "groups",
            header: "Groups",
            from: "md",
            value: (member) => member.groups.join(),
            cell: (member) => <span className="text-muted">{member.groups.join(", ")}</span>,
          },
          {
            id: "created_at",
            header: "Joined",
            align: "right",
            from: "sm",
            value: (member) => member.created_at,
            cell: (member) => <RelativeTime at={member.created_at} className="text-muted" />,
          },
          ...(actions || can("policies:view")
            ? [
                {
                  id: "actions",
                  header: <span className="sr-only">Actions</span>,
                  align: "right" as const,
                  className: "w-12",
                  cell: (member: Member) => (
                    <MemberMenu
                      member={member}
                      onEdit={() => setEditing(member)}
                      onRemove={() => setRemoving(member)}
                    />
                  ),
                },
              ]
            : []),
        ]}
      />
      {editing ? <AccessDialog member={editing} onClose={() => setEditing(null)} /> : null}
      {removing ? <RemoveDialog member={removing} onClose={() => setRemoving(null)} /> : null}
    </>
  );
}

function MemberMenu(props: { member: Member; onEdit: () => void; onRemove: () => void }) {
  const can = useCan();
  const { slug } = useOrg();
  // Only owners change owners; offering it to others would offer a refusal.
  const changes = !props.member.roles.includes("owner") || can("members:grant-owner");
  const update = changes && can("members:update");
  const remove = changes && can("members:delete");
  const signals = can("policies:view");
  if (!update && !remove && !signals) return null;
  return (
    <Menu
      trigger={
        <IconButton label={`Actions for ${props.member.name || props.member.email}`}>
          <Ellipsis aria-hidden />
        </IconButton>
      }
    >
      {signals ? <SignalsItem org={slug} principal={props.member.user_id} /> : null}
      {update ? (
        <MenuItem icon={<UserRoundCog aria-hidden />} onSelect={props.onEdit}>
          Change access
        </MenuItem>
      ) : null}
      {remove ? (
        <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={props.onRemove}>
          Remove
        </MenuItem>
      ) : null}
    </Menu>
  );
}

function AccessDialog({ member, onClose }: { member: Member; onClose: () => void }) {
  const { slug, client } = useOrg();
  const queries = useQueryClient();
  const owner = useCan()("members:grant-owner");
  const [standing, setStanding] = useState<Standing>(member);
  const update = useMutation({
    mutationFn: () => client.updateMember(member.user_id, standingChange(member, standing)),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: keys.members(slug) });
      onClose();
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={`Access of ${member.name || member.email}`}
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
      <StandingFields value={standing} onChange={setStanding} allowOwner={owner} />
    </Dialog>
  );
}

function RemoveDialog({ member, onClose }: { member: Member; onClose: () => void }) {
  const { slug, client } = useOrg();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => client.removeMember(member.user_id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: keys.members(slug) });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      open
      danger
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={`Remove ${member.name || member.email}?`}
      description="Access ends at once. What they created stays."
      confirm="Remove"
      pending={remove.isPending}
      onConfirm={() => remove.mutate()}
    >
      {remove.error ? <ErrorState error={remove.error} /> : null}
    </ConfirmDialog>
  );
}

function Invitations() {
  const { slug, client } = useOrg();
  const invitations = useInvitations();
  const queries = useQueryClient();
  const can = useCan();
  const toast = useToast();
  const revoke = useMutation({
    mutationFn: (id: string) => client.revokeInvitation(id),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.invitations(slug) }),
    onError: (error) => toast({ tone: "bad", ...describeError(error) }),
  });
  const open = invitations.data?.filter((each) => !each.accepted_at);
  if (open?.length === 0) return null;
  return (
    <section aria-label="Invitations">
      <h2 className="mb-2.5 font-semibold text-base text-ink">Invitations</h2>
      <Table
        label="Open invitations"
        rows={open}
        rowKey={(invitation) => invitation.id}
        error={invitations.error}
        onRetry={() => void invitations.refetch()}
        columns={[
          {
            id: "email",
            header: "E-mail",
            value: (each) => each.email,
            cell: (each) => <span className="font-medium">{each.email}</span>,
          },
          { id: "roles", header: "Roles", cell: (each) => roleNames(each.roles) },
          {
            id: "expires",
            header: "Expires",
            align: "right",
            from: "sm",
            cell: (each) => <RelativeTime at={each.expires_at} className="text-muted" />,
          },
          ...(can("invitations:delete")
            ? [
                {
                  id: "actions",
                  header: <span className="sr-only">Actions</span>,
                  align: "right" as const,
                  cell: (each: Invitation) => (
                    <Button
                      size="sm"
                      variant="ghost"
                      pending={revoke.isPending && revoke.variables === each.id}
                      onClick={() => revoke.mutate(each.id)}
                    >
                      Withdraw
                    </Button>
                  ),
                },
              ]
            : []),
        ]}
      />
    </section>
  );
}
