import type { Resource, ResourceType } from "@plinth/client";
import {
  describeError,
  IconButton,
  Menu,
  useCan,
  useOrg,
  useResourceMutations,
  useToast,
} from "@plinth/react";
import { useNavigate } from "@tanstack/react-router";
import { ArchiveRestore, Ellipsis, Pause, Pencil, Play, Trash2, Zap } from "lucide-react";
import { type ReactNode, useState } from "react";
import { verbsOf } from "../../lib/actions";
import { extensionOf } from "../../types";
import { ActionItem } from "./action-item";
import { DeleteDialog } from "./delete-dialog";

interface Offer {
  action: string;
  label: string;
  icon: ReactNode;
  danger?: boolean;
  run: () => void;
}

/** What can be done to a resource, from its row: the verbs of its type, edit, delete; or to have it back. */
export function RowActions({ type, resource }: { type: ResourceType; resource: Resource }) {
  const can = useCan();
  const [deleting, setDeleting] = useState(false);
  const offers = useOffers(type, resource, () => setDeleting(true)).filter(({ action }) =>
    can(`${type.plural}:${action}`),
  );
  if (offers.length === 0) return null;
  return (
    // Above the link that covers the row.
    <span className="relative z-10">
      <Menu
        trigger={
          <IconButton label={`Actions for ${resource.name}`} size="icon">
            <Ellipsis aria-hidden />
          </IconButton>
        }
      >
        {offers.map(({ action, label, icon, danger, run }) => (
          <ActionItem
            key={action}
            type={type}
            resource={resource}
            action={action}
            icon={icon}
            danger={danger}
            onSelect={run}
          >
            {label}
          </ActionItem>
        ))}
      </Menu>
      {deleting ? (
        <DeleteDialog
          type={type}
          resource={resource}
          onClose={() => setDeleting(false)}
          onDeleted={() => setDeleting(false)}
        />
      ) : null}
    </span>
  );
}

function useOffers(type: ResourceType, resource: Resource, onDelete: () => void): Offer[] {
  const { slug } = useOrg();
  const navigate = useNavigate();
  const toast = useToast();
  const { carryOut, undelete } = useResourceMutations(type.plural);
  const failed = (what: string) => (error: unknown) =>
    toast({ tone: "bad", ...describeError(error), title: `Could not ${what} ${resource.name}` });
  if (resource.deleted_at) {
    // What is torn down does not come back.
    if (resource.finalized_at) return [];
    const back = { onError: failed("undelete") };
    const run = () => undelete.mutate(resource, back);
    return [{ action: "undelete", label: "Undelete", icon: <ArchiveRestore aria-hidden />, run }];
  }
  const offered = extensionOf(type.name).verbs?.(resource);
  const verbs = verbsOf(type).filter(({ name }) => offered?.includes(name) ?? true);
  const edit = () =>
    void navigate({
      to: "/orgs/$org/$plural/$name/edit",
      params: { org: slug, plural: type.plural, name: resource.name },
    });
  return [
    ...verbs.map(({ name, title }) => ({
      action: name,
      label: title,
      icon: VERB_ICONS[name] ?? <Zap aria-hidden />,
      run: () => carryOut.mutate({ resource, verb: name }, { onError: failed(name) }),
    })),
    { action: "update", label: "Edit", icon: <Pencil aria-hidden />, run: edit },
    { action: "delete", label: "Delete", icon: <Trash2 aria-hidden />, danger: true, run: onDelete },
  ];
}

const VERB_ICONS: Record<string, ReactNode> = {
  pause: <Pause aria-hidden />,
  resume: <Play aria-hidden />,
};
