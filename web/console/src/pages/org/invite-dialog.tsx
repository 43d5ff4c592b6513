import type { Invitation, Role } from "@plinth/client";
import {
  Button,
  Callout,
  Dialog,
  ErrorState,
  Field,
  formatDate,
  Input,
  keys,
  useCan,
  useMe,
  useOrg,
  useProduct,
} from "@plinth/react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useId, useState } from "react";
import { fieldError, otherError } from "../../lib/form-errors";
import { RolePicker } from "./role-picker";

export function InviteDialog({ onClose }: { onClose: () => void }) {
  const { slug, client } = useOrg();
  const queries = useQueryClient();
  const owner = useCan()("members:grant-owner");
  const formId = useId();
  const [email, setEmail] = useState("");
  const [roles, setRoles] = useState<Role[]>(["developer"]);
  const invite = useMutation({
    mutationFn: () => client.invite({ email, roles }),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.invitations(slug) }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate();
  };
  // The server takes invitations only from people whose address is known to be theirs.
  const verified = Boolean(useMe().user?.email_verified_at);
  const rest = otherError(invite.error, ["/email"]);
  if (invite.data) return <Invited invitation={invite.data} onClose={onClose} />;
  return (
    <Dialog
      open
      size="sm"
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="Invite somebody"
      description="They get a link by e-mail. It works for that address only."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={formId}
            variant="primary"
            disabled={roles.length === 0 || !verified}
            pending={invite.isPending}
          >
            Send invitation
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="flex flex-col gap-4">
        {verified ? null : (
          <Callout tone="warn" title="Verify your own e-mail first">
            Open the link that was sent to you; then you can invite others.
          </Callout>
        )}
        {rest ? <ErrorState error={rest} /> : null}
        <Field label="E-mail" error={fieldError(invite.error, "/email")}>
          {(control) => (
            <Input
              {...control}
              type="email"
              required
              autoFocus
              autoComplete="off"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        <RolePicker value={roles} onChange={setRoles} allowOwner={owner} />
      </form>
    </Dialog>
  );
}

/** The link is in the mail alone: it proves that its bearer reads mail at the address. */
function Invited({ invitation, onClose }: { invitation: Invitation; onClose: () => void }) {
  const product = useProduct();
  return (
    <Dialog
      open
      size="sm"
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="Invitation sent"
      footer={
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <Callout tone="good" title={`A link is on its way to ${invitation.email}`}>
        It works until {formatDate(invitation.expires_at)}, and can be withdrawn on this page.
      </Callout>
      {product.dev ? (
        <p className="mt-3 text-muted text-sm">
          On this development server it is in the{" "}
          <Link to="/outbox" className="font-medium text-accent hover:underline">
            outbox
          </Link>
          .
        </p>
      ) : null}
    </Dialog>
  );
}
