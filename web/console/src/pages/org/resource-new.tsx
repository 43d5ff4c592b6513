import { EmptyState, Skeleton, useCan, useResourceType } from "@plinth/react";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { NotFoundPage } from "../../shell/route-states";
import { extensionOf } from "../../types";

const GenericNew = lazy(() => import("./generic-new").then((module) => ({ default: module.GenericNew })));
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
  return (
    <Suspense fallback={<Skeleton className="h-64 w-full" />}>
      {New ? <New /> : <GenericNew type={type} />}
    </Suspense>
  );
}
