import type { ResourceType } from "@plinth/client";
import { Card, PageHeader, useOrg } from "@plinth/react";
import { Link, useNavigate } from "@tanstack/react-router";
import { useId } from "react";
import { useTitle } from "../../shell/root-layout";
import { FormActions, ResourceFields, useResourceForm } from "./resource-form";

/** The form of a type that has no page of its own for it. */
export function GenericNew({ type }: { type: ResourceType }) {
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
      <FormActions
        id={formId}
        form={form}
        save={`Create ${type.title.toLowerCase()}`}
        cancel={
          <Link to="/orgs/$org/$plural" params={{ org: slug, plural: type.plural }} search={{}}>
            Cancel
          </Link>
        }
      />
    </div>
  );
}
