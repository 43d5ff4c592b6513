import type { Policy } from "@plinth/client";
import {
  Button,
  Card,
  CodeBlock,
  ConfirmDialog,
  CopyText,
  ErrorState,
  IconButton,
  InlineCode,
  Menu,
  MenuItem,
  PageHeader,
  RelativeTime,
  Skeleton,
  Tabs,
  Tag,
  useCan,
  useOrg,
  usePolicy,
  usePolicyMutations,
  useToast,
} from "@plinth/react";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { useTitle } from "../../../shell/root-layout";
import { partsOf, statementsOf } from "./cedar-words";
import { Impact } from "./impact";
import { useNames } from "./names";
import { Versions } from "./versions";
import { statementText } from "./words";

const route = getRouteApi("/user/orgs/$org/policies/$policy");

export function PolicyPage() {
  const { policy: id } = route.useParams();
  const { slug } = useOrg();
  const query = usePolicy(id);
  useTitle(query.data?.name ?? "Policy", "Access");
  return (
    <>
      <nav aria-label="Breadcrumb" className="mb-1 text-sm">
        <Link
          to="/orgs/$org/policies"
          params={{ org: slug }}
          search={{}}
          className="text-faint hover:text-text"
        >
          Access
        </Link>
      </nav>
      {query.error && !query.data ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : query.data ? (
        <Detail policy={query.data} />
      ) : (
        <Skeleton className="h-64 w-full" />
      )}
    </>
  );
}

function Detail({ policy }: { policy: Policy }) {
  const { tab } = route.useSearch();
  const navigate = useNavigate();
  return (
    <>
      <PageHeader
        title={policy.name}
        badge={<Tag>Version {policy.version}</Tag>}
        detail={
          <>
            {policy.description ? <p className="mb-1">{policy.description}</p> : null}
            <span className="flex flex-wrap items-center gap-x-3 text-faint text-xs">
              <CopyText text={policy.id} label="id" />
              <span>
                changed <RelativeTime at={policy.updated_at} /> by {policy.updated_by.name}
              </span>
            </span>
          </>
        }
        actions={<Actions policy={policy} />}
      />
      <Tabs
        label={`About ${policy.name}`}
        value={tab === "history" ? tab : "policy"}
        onChange={(next) =>
          void navigate({
            from: "/orgs/$org/policies/$policy",
            search: next === "policy" ? {} : { tab: next },
            replace: true,
          })
        }
        tabs={[
          { value: "policy", label: "Policy", content: <Wording policy={policy} /> },
          { value: "history", label: "History", content: <Versions policy={policy} /> },
        ]}
      />
    </>
  );
}

function Wording({ policy }: { policy: Policy }) {
  const names = useNames();
  return (
    <div className="flex max-w-210 flex-col gap-4">
      <Card title="In words">
        {policy.statements === null ? (
          <CedarWords text={policy.text} />
        ) : (
          <ul className="flex flex-col gap-2 text-sm">
            {policy.statements.map((statement) => (
              <li key={JSON.stringify(statement)} className="flex items-start gap-2">
                <Tag tone={statement.effect === "permit" ? "good" : "bad"}>{statement.effect}s</Tag>
                <span className="min-w-0 break-words">
                  <InlineCode text={statementText(statement, names)} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Card>
      <CodeBlock label={`Cedar of ${policy.name}`} code={policy.text.trim()} />
    </div>
  );
}

/** The scope of each statement, and its conditions as they are written: the form cannot say them. */
function CedarWords({ text }: { text: string }) {
  return (
    <ul className="flex flex-col gap-4 text-sm">
      {statementsOf(text).map((statement, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the statements of a fixed text never move.
        <li key={index} className="flex items-start gap-2">
          <Tag tone={statement.effect === "permit" ? "good" : "bad"}>{statement.effect}s</Tag>
          <dl className="grid min-w-0 grow grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-1">
            {partsOf(statement).map(({ name, said }) => (
              <div key={`${name} ${said}`} className="contents">
                <dt className="text-muted">{name}</dt>
                <dd className="wrap-anywhere whitespace-pre-line font-mono text-text text-xs leading-5">
                  {said}
                </dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}

function Actions({ policy }: { policy: Policy }) {
  const can = useCan();
  const { slug } = useOrg();
  const [deleting, setDeleting] = useState(false);
  return (
    <>
      {can("policies:update") ? (
        <Button asChild>
          <Link to="/orgs/$org/policies/$policy/edit" params={{ org: slug, policy: policy.id }}>
            <Pencil aria-hidden />
            Edit
          </Link>
        </Button>
      ) : null}
      {can("policies:delete") ? (
        <Menu
          trigger={
            <IconButton label="More actions" variant="secondary">
              <Ellipsis aria-hidden />
            </IconButton>
          }
        >
          <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => setDeleting(true)}>
            Delete policy
          </MenuItem>
        </Menu>
      ) : null}
      {deleting ? <DeletePolicyDialog policy={policy} onClose={() => setDeleting(false)} /> : null}
    </>
  );
}

function DeletePolicyDialog({ policy, onClose }: { policy: Policy; onClose: () => void }) {
  const { slug } = useOrg();
  const navigate = useNavigate();
  const toast = useToast();
  const { remove, previewRemoval } = usePolicyMutations();
  const { mutate: look } = previewRemoval;
  useEffect(() => look(policy), [look, policy]);
  const confirm = async () => {
    // The event stream may take this dialog away before the answer is here: a promise is told all the same.
    const deleted = await remove.mutateAsync(policy).then(
      () => true,
      () => false,
    );
    if (!deleted) return;
    toast({ tone: "good", title: `${policy.name} is deleted` });
    void navigate({ to: "/orgs/$org/policies", params: { org: slug }, search: {} });
  };
  return (
    <ConfirmDialog
      open
      danger
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={`Delete ${policy.name}?`}
      confirm="Delete policy"
      typed={policy.name}
      pending={remove.isPending}
      onConfirm={() => void confirm()}
    >
      <p className="text-muted text-sm">
        What it permits ends at once, and what it forbids is forbidden no longer. Its versions are kept.
      </p>
      {previewRemoval.data ? (
        <div className="mt-3">
          <Impact impact={previewRemoval.data} />
        </div>
      ) : null}
      {remove.error ? <ErrorState error={remove.error} className="mt-3" /> : null}
    </ConfirmDialog>
  );
}
