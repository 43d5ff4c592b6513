import { Button, Callout, ErrorState, Field, Input, keys, usePlinth } from "@plinth/react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { fieldError, otherError } from "../../lib/form-errors";
import { AuthLayout, linkClass } from "../../shell/auth-layout";
import { useTitle } from "../../shell/root-layout";
import { PasswordField } from "./signup";

const forgotRoute = getRouteApi("/forgot");
const resetRoute = getRouteApi("/reset");

export function ForgotPage() {
  useTitle("Reset password");
  const search = forgotRoute.useSearch();
  const plinth = usePlinth();
  const [email, setEmail] = useState(search.email ?? "");
  const request = useMutation({ mutationFn: () => plinth.requestPasswordReset(email) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    request.mutate();
  };
  return (
    <AuthLayout
      title="Reset your password"
      detail="You get a link by e-mail that lets you choose a new one."
      footer={
        <Link to="/login" search={{}} className={linkClass}>
          Back to log in
        </Link>
      }
    >
      {request.isSuccess ? (
        <Callout tone="good" title="Look into your mailbox">
          If there is an account for {email}, a link is on its way. It works once, for a short time.
        </Callout>
      ) : (
        <form className="flex flex-col gap-4" onSubmit={submit}>
          {request.error ? <ErrorState error={request.error} /> : null}
          <Field label="E-mail">
            {(control) => (
              <Input
                {...control}
                className="h-10"
                type="email"
                autoComplete="username"
                required
                autoFocus
                value={email}
                onChange={(event) => setEmail(event.target.value)}
              />
            )}
          </Field>
          <Button type="submit" variant="primary" size="lg" pending={request.isPending}>
            Send the link
          </Button>
        </form>
      )}
    </AuthLayout>
  );
}

export function ResetPage() {
  useTitle("New password");
  const { token } = resetRoute.useSearch();
  const plinth = usePlinth();
  const queries = useQueryClient();
  const [password, setPassword] = useState("");
  const reset = useMutation({
    mutationFn: () => plinth.confirmPasswordReset({ token: token ?? "", password }),
    onSuccess: () => queries.resetQueries({ queryKey: keys.me }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    reset.mutate();
  };
  if (!token) return <BrokenLink />;
  if (reset.isSuccess) {
    return (
      <AuthLayout
        title="Password changed"
        detail="All your sessions have been ended. Log in with the new password."
      >
        <Button asChild variant="primary" size="lg" className="w-full">
          <Link to="/login" search={{}}>
            Log in
          </Link>
        </Button>
      </AuthLayout>
    );
  }
  const rest = otherError(reset.error, ["/password"]);
  return (
    <AuthLayout title="Choose a new password">
      <form className="flex flex-col gap-4" onSubmit={submit}>
        {rest ? <ErrorState error={rest} /> : null}
        <PasswordField
          label="New password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          error={fieldError(reset.error, "/password")}
        />
        <Button type="submit" variant="primary" size="lg" pending={reset.isPending}>
          Change password
        </Button>
      </form>
    </AuthLayout>
  );
}

export function BrokenLink() {
  return (
    <AuthLayout
      title="This link is not complete"
      detail="Open it from the e-mail again, or copy all of it into the address line."
      footer={
        <Link to="/login" search={{}} className={linkClass}>
          Log in
        </Link>
      }
    >
      <span />
    </AuthLayout>
  );
}
