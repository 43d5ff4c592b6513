import { Button, ErrorState, keys, Skeleton, usePlinth } from "@plinth/react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { AuthLayout } from "../../shell/auth-layout";
import { useTitle } from "../../shell/root-layout";
import { BrokenLink } from "./password";

const route = getRouteApi("/verify");

export function VerifyPage() {
  useTitle("Verify e-mail");
  const { token } = route.useSearch();
  const plinth = usePlinth();
  const queries = useQueryClient();
  // A query and not an effect: it runs once for a token, however often the page is drawn.
  const confirm = useQuery({
    queryKey: ["verify", token],
    queryFn: () => plinth.confirmVerification(token ?? "").then(() => true),
    enabled: token !== undefined,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  useEffect(() => {
    if (confirm.isSuccess) void queries.invalidateQueries({ queryKey: keys.me });
  }, [confirm.isSuccess, queries]);
  if (!token) return <BrokenLink />;
  if (confirm.isPending) {
    return (
      <AuthLayout title="Verifying your e-mail">
        <Skeleton className="h-10 w-full" />
      </AuthLayout>
    );
  }
  return (
    <AuthLayout title={confirm.error ? "This link no longer works" : "Your e-mail is verified"}>
      {confirm.error ? (
        <ErrorState error={confirm.error} title="The address is not verified" className="mb-4" />
      ) : null}
      <Button asChild variant="primary" size="lg" className="w-full">
        <Link to="/">Continue</Link>
      </Button>
    </AuthLayout>
  );
}
