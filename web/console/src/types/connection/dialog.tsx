import type { Resource } from "@plinth/client";
import { Button, CanSend, Dialog, useResourceType } from "@plinth/react";
import { useId } from "react";
import { ResourceFields, useResourceForm } from "../../pages/org/resource-form";

/** A connection made in passing, without leaving the page that needs it. */
export function ConnectionDialog(props: { onClose: () => void; onCreated: (connection: Resource) => void }) {
  const type = useResourceType("connection");
  if (!type) return null;
  return <Inner {...props} type={type} />;
}

function Inner(props: {
  type: NonNullable<ReturnType<typeof useResourceType>>;
  onClose: () => void;
  onCreated: (connection: Resource) => void;
}) {
  const formId = useId();
  const form = useResourceForm({ type: props.type, onSaved: props.onCreated });
  return (
    <Dialog
      open
      size="lg"
      onOpenChange={(open) => (open ? undefined : props.onClose())}
      title={`New ${props.type.title.toLowerCase()}`}
      footer={
        <>
          {form.test ? (
            <Button className="mr-auto" pending={form.test.pending} onClick={form.test.run}>
              Test connection
            </Button>
          ) : null}
          <Button onClick={props.onClose}>Cancel</Button>
          <CanSend verdict={form.verdict}>
            <Button type="submit" form={formId} variant="primary" pending={form.saving}>
              Create
            </Button>
          </CanSend>
        </>
      }
    >
      <ResourceFields id={formId} form={form} />
    </Dialog>
  );
}
