import { Button, ErrorState, keys, meOptions, Skeleton, usePlinth } from "@plinth/react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { AuthLayout } from "../../shell/auth-layout";
import { useTitle } from "../../shell/root-layout";
import { BrokenLink } from "./password";

const route = getRouteApi("/invite");

export function InvitePage() {
  useTitle("Invitation");
  const { token } = route.useSearch();
  const plinth = usePlinth();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const me = useQuery(meOptions(plinth));
  const preview = useQuery({
    queryKey: ["invitation", token],
    queryFn: ({ signal }) => plinth.previewInvitation(token ?? "", { signal }),
    enabled: token !== undefined,
    retry: false,
  });
  const accept = useMutation({
    mutationFn: () => plinth.acceptInvitation(token ?? ""),
    onSuccess: async ({ org }) => {
      await queries.resetQueries({ queryKey: keys.me });
      await navigate({ to: "/orgs/$org", params: { org: org.slug } });
    },
  });
  if (!token) return <BrokenLink />;
  if (preview.isPending || me.isPending) {
    return (
      <AuthLayout title="Your invitation">
        <Skeleton className="h-10 w-full" />
      </AuthLayout>
    );
  }
  if (preview.error) {
    return (
      <AuthLayout
        title="This invitation no longer works"
        detail="Ask the person who invited you for a new one."
      >
        <ErrorState error={preview.error} />
      </AuthLayout>
    );
  }
  const { org, email, roles } = preview.data;
  const user = me.data?.user;
  const next = `/invite?token=${encodeURIComponent(token)}`;
  const mismatch = user && user.email.toLowerCase() !== email.toLowerCase();
  return (
    <AuthLayout
      title={`Join ${org.name}`}
      detail={
        <>
          <b className="font-medium text-text">{email}</b> is invited as {roles.join(", ")}.
        </>
      }
    >
      <div className="flex flex-col gap-3">
        {accept.error ? <ErrorState error={accept.error} /> : null}
        {user && !mismatch ? (
          <Button variant="primary" size="lg" pending={accept.isPending} onClick={() => accept.mutate()}>
            Accept and continue
          </Button>
        ) : (
          <>
            {mismatch ? (
              <p className="text-muted text-sm">
                You are logged in as {user.email}. Use the account of {email} to accept.
              </p>
            ) : null}
            <Button asChild variant="primary" size="lg">
              <Link to="/signup" search={{ next, email }}>
                Create an account
              </Link>
            </Button>
            <Button asChild size="lg">
              <Link to="/login" search={{ next, email }}>
                Log in
              </Link>
            </Button>
          </>
        )}
      </div>
    </AuthLayout>
  );
}
