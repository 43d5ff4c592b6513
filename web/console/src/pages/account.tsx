import {
  Button,
  Card,
  CopyText,
  Details,
  describeError,
  formatDate,
  keys,
  PageHeader,
  RelativeTime,
  Segmented,
  Table,
  Tag,
  type ThemeChoice,
  useMe,
  usePlinth,
  useTheme,
  useToast,
} from "@plinth/react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft, Monitor, Moon, Sun } from "lucide-react";
import type { ReactNode } from "react";
import { agentName } from "../lib/agent-name";
import { useTitle } from "../shell/root-layout";
import { roleNames } from "./org/role-picker";

export function AccountPage() {
  useTitle("Account");
  const me = useMe();
  return (
    <main id="main" tabIndex={-1} className="mx-auto w-full max-w-190 px-4 py-6 outline-none sm:py-10">
      <Link to="/" className="mb-4 inline-flex items-center gap-1.5 text-muted text-sm hover:text-text">
        <ArrowLeft className="size-4" aria-hidden />
        Back
      </Link>
      <PageHeader title="Account" detail={me.user?.email} />
      <div className="flex flex-col gap-4">
        <ProfileCard />
        <PasswordCard />
        <SessionsCard />
        <ThemeCard />
        <Card title="Organizations" flush>
          <ul className="divide-y divide-line">
            {me.orgs.map((org) => (
              <li key={org.id} className="flex items-center justify-between gap-4 px-4 py-2.5">
                <Link
                  to="/orgs/$org"
                  params={{ org: org.slug }}
                  className="truncate font-medium text-ink hover:underline"
                >
                  {org.name}
                </Link>
                <span className="text-muted text-xs">{roleNames(org.roles)}</span>
              </li>
            ))}
          </ul>
        </Card>
      </div>
    </main>
  );
}

function ProfileCard() {
  const { user } = useMe();
  const plinth = usePlinth();
  const toast = useToast();
  const resend = useMutation({
    mutationFn: () => plinth.resendVerification(),
    onSuccess: () => toast({ tone: "good", title: "The link is on its way" }),
    onError: (error) => toast({ tone: "bad", ...describeError(error) }),
  });
  if (!user) return null;
  return (
    <Card title="Profile">
      <Details
        items={[
          { label: "Name", value: user.name },
          {
            label: "E-mail",
            value: (
              <span className="flex flex-wrap items-center gap-2">
                {user.email}
                {user.email_verified_at ? (
                  <Tag tone="good">verified</Tag>
                ) : (
                  <>
                    <Tag tone="warn">not verified</Tag>
                    <Button size="sm" pending={resend.isPending} onClick={() => resend.mutate()}>
                      Send the link again
                    </Button>
                  </>
                )}
              </span>
            ),
          },
          { label: "Id", value: <CopyText text={user.id} /> },
          { label: "Member since", value: formatDate(user.created_at) },
        ]}
      />
    </Card>
  );
}

/** A new password goes over the mailbox: whoever finds an open session cannot take the account with it. */
function PasswordCard() {
  const { user } = useMe();
  const plinth = usePlinth();
  const toast = useToast();
  const request = useMutation({
    mutationFn: () => plinth.requestPasswordReset(user?.email ?? ""),
    onSuccess: () =>
      toast({
        tone: "good",
        title: "Look into your mailbox",
        detail: "The link lets you choose a new password.",
      }),
    onError: (error) => toast({ tone: "bad", ...describeError(error) }),
  });
  return (
    <Card title="Password">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-md text-muted text-sm">
          You get a link by e-mail. Changing the password ends all sessions, this one too.
        </p>
        <Button pending={request.isPending} onClick={() => request.mutate()}>
          Change password
        </Button>
      </div>
    </Card>
  );
}

/** Where this account is logged in, each to be ended from here. */
function SessionsCard() {
  const plinth = usePlinth();
  const queries = useQueryClient();
  const toast = useToast();
  const sessions = useQuery({
    queryKey: keys.sessions,
    queryFn: ({ signal }) => plinth.sessions({ signal }),
  });
  const end = useMutation({
    mutationFn: (id: string) => plinth.endSession(id),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.sessions }),
    onError: (error) => toast({ tone: "bad", ...describeError(error) }),
  });
  return (
    <Card title="Sessions" flush>
      <Table
        bare
        label="Sessions"
        rows={sessions.data?.items}
        rowKey={(session) => session.id}
        error={sessions.error}
        onRetry={() => void sessions.refetch()}
        columns={[
          {
            id: "agent",
            header: "Where",
            cell: (session) => (
              <span className="block max-w-40 sm:max-w-90" title={session.user_agent}>
                <span className="block truncate">{agentName(session.user_agent)}</span>
                <span className="text-faint text-xs">{session.address}</span>
              </span>
            ),
          },
          { id: "kind", header: "Kind", from: "sm", cell: (session) => <Tag>{session.kind}</Tag> },
          {
            id: "created",
            header: "Since",
            align: "right",
            from: "sm",
            cell: (session) => <RelativeTime at={session.created_at} className="text-muted" />,
          },
          {
            id: "actions",
            header: <span className="sr-only">Actions</span>,
            align: "right",
            cell: (session) =>
              session.current ? (
                <Tag tone="live">this one</Tag>
              ) : (
                <Button
                  size="sm"
                  variant="ghost"
                  pending={end.isPending && end.variables === session.id}
                  onClick={() => end.mutate(session.id)}
                >
                  End
                </Button>
              ),
          },
        ]}
      />
    </Card>
  );
}

function ThemeCard() {
  const { choice, setChoice } = useTheme();
  return (
    <Card title="Appearance">
      <Segmented<ThemeChoice>
        label="Theme"
        value={choice}
        onChange={setChoice}
        options={[
          {
            value: "system",
            name: "As the system",
            label: <Label icon={<Monitor aria-hidden />} text="System" />,
          },
          { value: "light", name: "Light", label: <Label icon={<Sun aria-hidden />} text="Light" /> },
          { value: "dark", name: "Dark", label: <Label icon={<Moon aria-hidden />} text="Dark" /> },
        ]}
      />
    </Card>
  );
}

function Label({ icon, text }: { icon: ReactNode; text: string }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      {icon}
      {text}
    </span>
  );
}
