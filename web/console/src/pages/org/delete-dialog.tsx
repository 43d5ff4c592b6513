import { isPlinthError, type Offender, type Resource, type ResourceType } from "@plinth/client";
import { ConfirmDialog, ErrorState, useOrg, useProduct, useResourceMutations, useToast } from "@plinth/react";
import { Link } from "@tanstack/react-router";

/** Asks before deleting; when others stand in the way, names them and leads there. */
export function DeleteDialog(props: {
  type: ResourceType;
  resource: Resource;
  onClose: () => void;
  onDeleted: () => void;
}) {
  const { type, resource } = props;
  const toast = useToast();
  const { remove } = useResourceMutations(type.plural);
  const offenders = isPlinthError(remove.error) ? remove.error.offenders : [];
  const confirm = async () => {
    // The event stream may take this dialog away before the answer is here: a promise is told all the same.
    const deleted = await remove.mutateAsync(resource).catch(() => undefined);
    if (!deleted) return;
    toast({ tone: "good", title: `${resource.name} is deleted` });
    props.onDeleted();
  };
  return (
    <ConfirmDialog
      open
      danger
      onOpenChange={(open) => (open ? undefined : props.onClose())}
      title={`Delete ${resource.name}?`}
      confirm={`Delete ${type.title.toLowerCase()}`}
      typed={resource.name}
      pending={remove.isPending}
      onConfirm={() => void confirm()}
    >
      <p className="text-muted text-sm">
        {type.reconciled
          ? "It stops at once and disappears when its work is wound up. What it has already written stays where it is."
          : "It disappears from lists and forms."}
      </p>
      {offenders.length > 0 ? <Offenders offenders={offenders} /> : null}
      {remove.error && offenders.length === 0 ? <ErrorState error={remove.error} className="mt-3" /> : null}
    </ConfirmDialog>
  );
}

function Offenders({ offenders }: { offenders: Offender[] }) {
  const { slug } = useOrg();
  const product = useProduct();
  return (
    <div role="alert" className="mt-3 rounded-md border border-warn/30 bg-warn-soft/70 p-3 text-sm">
      <p className="font-medium text-text">It is still in use by</p>
      <ul className="mt-1.5 flex flex-col gap-1">
        {offenders.map((offender) => {
          const type = product.types.find((each) => each.name === offender.type);
          const name = offender.name ?? offender.id ?? "";
          return (
            <li key={offender.id ?? name}>
              {type ? (
                <Link
                  to="/orgs/$org/$plural/$name"
                  params={{ org: slug, plural: type.plural, name }}
                  search={{}}
                  className="font-medium text-accent hover:underline"
                >
                  {name}
                </Link>
              ) : (
                name
              )}
              <span className="ml-2 text-muted text-xs">{type?.title ?? offender.type}</span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
