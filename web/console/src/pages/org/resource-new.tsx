import type { ResourceType } from "@plinth/client";
import {
  Button,
  Card,
  EmptyState,
  PageHeader,
  Skeleton,
  useCan,
  useOrg,
  useResourceType,
} from "@plinth/react";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { Suspense, useId } from "react";
import { useTitle } from "../../shell/root-layout";
import { NotFoundPage } from "../../shell/route-states";
import { extensionOf } from "../../types";
import { ResourceFields, useResourceForm } from "./resource-form";

const route = getRouteApi("/user/orgs/$org/$plural/new");

export function ResourceNewPage() {
  const { plural } = route.useParams();
  const type = useResourceType(plural);
  const can = useCan();
  if (!type || type.plural !== plural) return <NotFoundPage />;
  if (!can(`${plural}:create`)) {
    return (
      <EmptyState title={`Your role does not create ${type.title_plural.toLowerCase()}`}>
        Ask an owner or admin of this organization for the role developer.
      </EmptyState>
    );
  }
  const { New } = extensionOf(type.name);
  if (!New) return <GenericNew type={type} />;
  return (
    <Suspense fallback={<Skeleton className="h-64 w-full" />}>
      <New />
    </Suspense>
  );
}

function GenericNew({ type }: { type: ResourceType }) {
  const { slug } = useOrg();
  useTitle(`New ${type.title.toLowerCase()}`);
  const navigate = useNavigate();
  const formId = useId();
  const form = useResourceForm({
    type,
    onSaved: (resource) =>
      void navigate({
        to: "/orgs/$org/$plural/$name",
        params: { org: slug, plural: type.plural, name: resource.name },
        search: {},
      }),
  });
  return (
    <div className="max-w-190">
      <PageHeader title={`New ${type.title.toLowerCase()}`} detail={type.description} />
      <Card className="sm:p-2">
        <ResourceFields id={formId} form={form} />
      </Card>
      <div className="mt-4 flex flex-wrap gap-2">
        <Button type="submit" form={formId} variant="primary" pending={form.saving}>
          Create {type.title.toLowerCase()}
        </Button>
        {form.test ? (
          <Button pending={form.test.pending} onClick={form.test.run}>
            Test connection
          </Button>
        ) : null}
        <Button asChild variant="ghost">
          <Link to="/orgs/$org/$plural" params={{ org: slug, plural: type.plural }} search={{}}>
            Cancel
          </Link>
        </Button>
      </div>
    </div>
  );
}
