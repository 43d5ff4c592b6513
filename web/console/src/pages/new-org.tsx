import { Button, ErrorState, Field, Input, keys, useMe, usePlinth } from "@plinth/react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { fieldError, otherError, slugify } from "../lib/form-errors";
import { AuthLayout, linkClass } from "../shell/auth-layout";
import { useTitle } from "../shell/root-layout";

export function NewOrgPage() {
  useTitle("New organization");
  const me = useMe();
  const plinth = usePlinth();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [slug, setSlug] = useState<string | null>(null);
  const shownSlug = slug ?? slugify(name);
  const create = useMutation({
    mutationFn: () => plinth.createOrg({ name, slug: shownSlug }),
    onSuccess: async (org) => {
      await queries.refetchQueries({ queryKey: keys.me });
      await navigate({ to: "/orgs/$org", params: { org: org.slug } });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  const first = me.orgs.length === 0;
  const rest = otherError(create.error, ["/name", "/slug"]);
  return (
    <AuthLayout
      title={first ? "Name your organization" : "New organization"}
      detail="Everything you create belongs to it: invite your team, set roles, get one bill."
      footer={
        first ? null : (
          <Link to="/" className={linkClass}>
            Back
          </Link>
        )
      }
    >
      <form className="flex flex-col gap-4" onSubmit={submit}>
        {rest ? <ErrorState error={rest} /> : null}
        <Field label="Name" error={fieldError(create.error, "/name")}>
          {(control) => (
            <Input
              {...control}
              className="h-10"
              required
              autoFocus
              autoComplete="organization"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field
          label="Address"
          error={fieldError(create.error, "/slug")}
          hint="Used in links and in the API. It cannot be changed later."
        >
          {(control) => (
            <Input
              {...control}
              className="h-10 font-mono"
              required
              spellCheck={false}
              autoComplete="off"
              value={shownSlug}
              onChange={(event) => setSlug(event.target.value.toLowerCase())}
            />
          )}
        </Field>
        <Button type="submit" variant="primary" size="lg" pending={create.isPending}>
          Create organization
        </Button>
      </form>
    </AuthLayout>
  );
}
