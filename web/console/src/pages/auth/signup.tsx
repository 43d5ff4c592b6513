import { Button, ErrorState, Field, Input, keys, usePlinth } from "@plinth/react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { fieldError, otherError } from "../../lib/form-errors";
import { safeNext } from "../../session";
import { AuthLayout, linkClass } from "../../shell/auth-layout";
import { useTitle } from "../../shell/root-layout";

const route = getRouteApi("/signup");
export const MIN_PASSWORD = 12;

export function SignupPage() {
  useTitle("Sign up");
  const search = route.useSearch();
  const plinth = usePlinth();
  const queries = useQueryClient();
  const router = useRouter();
  const [input, setInput] = useState({ name: "", email: search.email ?? "", password: "" });
  const signup = useMutation({
    mutationFn: () => plinth.signup(input),
    onSuccess: async () => {
      await queries.resetQueries({ queryKey: keys.me });
      router.history.push(safeNext(search.next));
    },
  });
  const set = (field: keyof typeof input) => (event: { target: { value: string } }) =>
    setInput({ ...input, [field]: event.target.value });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signup.mutate();
  };
  const rest = otherError(signup.error, ["/name", "/email", "/password"]);
  return (
    <AuthLayout
      title="Create your account"
      detail="One account for every organization that you belong to."
      footer={
        <>
          Have an account?{" "}
          <Link to="/login" search={{ next: search.next }} className={linkClass}>
            Log in
          </Link>
        </>
      }
    >
      <form className="flex flex-col gap-4" onSubmit={submit}>
        {rest ? <ErrorState error={rest} /> : null}
        <Field label="Name" error={fieldError(signup.error, "/name")}>
          {(control) => (
            <Input
              {...control}
              className="h-10"
              autoComplete="name"
              required
              autoFocus
              value={input.name}
              onChange={set("name")}
            />
          )}
        </Field>
        <Field label="E-mail" error={fieldError(signup.error, "/email")}>
          {(control) => (
            <Input
              {...control}
              className="h-10"
              type="email"
              autoComplete="username"
              required
              value={input.email}
              onChange={set("email")}
            />
          )}
        </Field>
        <PasswordField
          value={input.password}
          onChange={set("password")}
          error={fieldError(signup.error, "/password")}
        />
        <Button type="submit" variant="primary" size="lg" pending={signup.isPending}>
          Create account
        </Button>
      </form>
    </AuthLayout>
  );
}

export function PasswordField(props: {
  value: string;
  onChange: (event: { target: { value: string } }) => void;
  error?: string;
  label?: string;
}) {
  const missing = MIN_PASSWORD - props.value.length;
  const hint =
    props.value !== "" && missing > 0
      ? `${missing} more ${missing === 1 ? "character" : "characters"}`
      : `At least ${MIN_PASSWORD} characters. A few unrelated words work well.`;
  return (
    <Field label={props.label ?? "Password"} hint={hint} error={props.error}>
      {(control) => (
        <Input
          {...control}
          className="h-10"
          type="password"
          autoComplete="new-password"
          required
          minLength={MIN_PASSWORD}
          maxLength={256}
          value={props.value}
          onChange={props.onChange}
        />
      )}
    </Field>
  );
}
