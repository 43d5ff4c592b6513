import type { Resource, ResourceType } from "@plinth/client";
import {
  Card,
  EmptyState,
  ErrorState,
  PageHeader,
  Skeleton,
  useOrg,
  useResource,
  useResourceType,
  Why,
} from "@plinth/react";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { Lock } from "lucide-react";
import { useId, useState } from "react";
import { useTitle } from "../../shell/root-layout";
import { NotFoundPage } from "../../shell/route-states";
import { FormActions, ResourceFields, useResourceForm } from "./resource-form";

const route = getRouteApi("/user/orgs/$org/$plural/$name/edit");

export function ResourceEditPage() {
  const { plural, name } = route.useParams();
  const type = useResourceType(plural);
  const query = useResource(plural, name, { enabled: type !== undefined });
  useTitle(`Edit ${name}`);
  if (!type) return <NotFoundPage />;
  if (query.error) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton className="h-64 w-full" />;
  if (query.data._actions?.includes("update") === false)
    return <NotEditable type={type} resource={query.data} />;
  return <EditForm key={query.data.id} type={type} loaded={query.data} />;
}

function NotEditable({ type, resource }: { type: ResourceType; resource: Resource }) {
  return (
    <>
      <PageHeader title={`Edit ${resource.name}`} />
      <EmptyState title={`You may not edit ${resource.name}`} icon={<Lock aria-hidden />}>
        <Why question={{ action: `${type.plural}:update`, resource: resource.id }} />
      </EmptyState>
    </>
  );
}

function EditForm({ type, loaded }: { type: ResourceType; loaded: Resource }) {
  const { slug } = useOrg();
  const navigate = useNavigate();
  const formId = useId();
  // The form edits what was there when it was opened: live changes show up as a conflict and not under the fingers.
  const [resource] = useState(loaded);
  const params = { org: slug, plural: type.plural, name: resource.name };
  const back = () => void navigate({ to: "/orgs/$org/$plural/$name", params, search: {} });
  const form = useResourceForm({ type, resource, onSaved: back });
  return (
    <div className="max-w-190">
      <PageHeader
        title={`Edit ${resource.name}`}
        detail="What is greyed out cannot change after creation. Changes take effect as soon as they are saved."
      />
      <Card className="sm:p-2">
        <ResourceFields id={formId} form={form} />
      </Card>
      <FormActions
        id={formId}
        form={form}
        save="Save changes"
        cancel={
          <Link to="/orgs/$org/$plural/$name" params={params} search={{}}>
            Cancel
          </Link>
        }
      />
    </div>
  );
}
