import { Button, ErrorState, Field, Input, keys, usePlinth } from "@plinth/react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { safeNext } from "../../session";
import { AuthLayout, linkClass } from "../../shell/auth-layout";
import { useTitle } from "../../shell/root-layout";

const route = getRouteApi("/login");

export function LoginPage() {
  useTitle("Log in");
  const search = route.useSearch();
  const plinth = usePlinth();
  const queries = useQueryClient();
  const router = useRouter();
  const [email, setEmail] = useState(search.email ?? "");
  const [password, setPassword] = useState("");
  const login = useMutation({
    mutationFn: () => plinth.login({ email, password }),
    onSuccess: async () => {
      await queries.resetQueries({ queryKey: keys.me });
      router.history.push(safeNext(search.next));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate();
  };
  return (
    <AuthLayout
      title="Log in"
      footer={
        <>
          New here?{" "}
          <Link to="/signup" search={{ next: search.next }} className={linkClass}>
            Create an account
          </Link>
        </>
      }
    >
      <form className="flex flex-col gap-4" onSubmit={submit}>
        {login.error ? <ErrorState error={login.error} /> : null}
        <Field label="E-mail">
          {(control) => (
            <Input
              {...control}
              className="h-10"
              type="email"
              autoComplete="username"
              required
              autoFocus={!email}
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        <Field label="Password">
          {(control) => (
            <Input
              {...control}
              className="h-10"
              type="password"
              autoComplete="current-password"
              required
              autoFocus={Boolean(email) && !password}
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" variant="primary" size="lg" pending={login.isPending}>
          Log in
        </Button>
        <Link
          to="/forgot"
          search={{ email: email || undefined }}
          className="self-start text-muted text-sm hover:text-text"
        >
          Forgot your password?
        </Link>
      </form>
    </AuthLayout>
  );
}
