import type { ActionResult, FieldError, JsonObject, Resource, ResourceType } from "@plinth/client";
import {
  Button,
  CanSend,
  DraftCallout,
  type DraftVerdict,
  ErrorState,
  Field,
  Input,
  isRefused,
  mergePatch,
  useDraftAnswer,
  useOrg,
  useResourceMutations,
} from "@plinth/react";
import { PropertiesField, SchemaForm, withoutAddedDefaults, withoutSecrets } from "@plinth/react/schema-form";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { actionsOf } from "../../lib/actions";
import { fieldError, NAME_HINT, NAME_PATTERN, otherError } from "../../lib/form-errors";
import { ResultCallout } from "../../types/connection/result";
import { OwnerField } from "./owner";

export interface ResourceFormState {
  type: ResourceType;
  resource: Resource | undefined;
  name: string;
  setName: (name: string) => void;
  spec: unknown;
  setSpec: (spec: unknown) => void;
  properties: JsonObject;
  setProperties: (properties: JsonObject) => void;
  /** Of one that exists; who makes a new one owns it. */
  owner: string | null;
  setOwner: (owner: string | null) => void;
  submit: (spec: unknown) => void;
  saving: boolean;
  error: unknown;
  /** What policies say of it as it stands. */
  verdict: DraftVerdict;
  /** Given when the type declares `check`: tries the draft as it stands. */
  test: { run: () => void; pending: boolean; result: ActionResult | undefined; error: unknown } | undefined;
}

/** State of the form that creates a resource or edits one; edits are sent as a merge patch against what was read. */
export function useResourceForm(options: {
  type: ResourceType;
  resource?: Resource;
  onSaved: (resource: Resource) => void;
}): ResourceFormState {
  const { type, resource, onSaved } = options;
  const { client } = useOrg();
  const { create, patch } = useResourceMutations(type.plural);
  const [name, setName] = useState(resource?.name ?? "");
  const [spec, setSpec] = useState<unknown>(resource?.spec ?? {});
  const [properties, setProperties] = useState<JsonObject>(resource?.properties ?? {});
  const [owner, setOwner] = useState<string | null>(resource?.owner ?? null);
  const given = resource && owner !== (resource.owner ?? null) ? { owner } : {};
  const api = client.resources(type.plural);
  const own = (draft: unknown) =>
    resource ? withoutAddedDefaults(type.spec_schema, resource.spec, draft) : draft;
  const check = useMutation({
    mutationFn: (draft: unknown): Promise<ActionResult> => {
      // Stored secrets are not known here: an unchanged resource is tested as it is stored.
      const unchanged = resource && Object.keys(mergePatch(resource.spec, own(draft))).length === 0;
      return unchanged ? api.act(resource.name, "check") : api.actOnDraft(draft, "check");
    },
  });
  const action = `${type.plural}:${resource ? "update" : "create"}`;
  const asked = withoutSecrets(type.spec_schema, own(spec)) as JsonObject;
  const answer = useDraftAnswer({
    action,
    ...(resource ? { resource: resource.id } : {}),
    draft: { ...(resource ? {} : { name }), ...given, properties, spec: asked },
  });
  const verdict: DraftVerdict = { action, properties, answer };
  const submit = (value: unknown) => {
    if (isRefused(verdict)) return;
    if (!resource) return create.mutate({ name, properties, spec: value }, { onSuccess: onSaved });
    const change = { ...given, ...changeOf(resource, own(value), properties) };
    if (Object.keys(change).length === 0) return onSaved(resource);
    patch.mutate({ resource, patch: change }, { onSuccess: onSaved });
  };
  const change = (value: unknown) => {
    setSpec(value);
    if (check.data || check.error) check.reset();
  };
  const testable = actionsOf(type).includes("check");
  return {
    type,
    resource,
    name,
    setName,
    spec,
    setSpec: change,
    properties,
    setProperties,
    owner,
    setOwner,
    submit,
    saving: create.isPending || patch.isPending,
    error: create.error ?? patch.error,
    verdict,
    test: testable
      ? { run: () => check.mutate(spec), pending: check.isPending, result: check.data, error: check.error }
      : undefined,
  };
}

function changeOf(resource: Resource, spec: unknown, properties: JsonObject) {
  const specPatch = mergePatch(resource.spec, spec);
  const propertiesPatch = mergePatch(resource.properties, properties);
  return {
    ...(Object.keys(specPatch).length > 0 ? { spec: specPatch } : {}),
    ...(Object.keys(propertiesPatch).length > 0 ? { properties: propertiesPatch } : {}),
  };
}

export function ResourceFields({ id, form }: { id: string; form: ResourceFormState }) {
  const [touched, setTouched] = useState(false);
  const invalid = form.name !== "" && !NAME_PATTERN.test(form.name);
  const nameError =
    fieldError(form.error, "/name") ??
    (invalid
      ? "Lower-case letters, digits and hyphens only"
      : touched && form.name === ""
        ? "This field is needed"
        : undefined);
  const specErrors = specErrorsOf(form.error);
  const rest = otherError(form.error, [
    "/name",
    "/owner",
    ...specErrors.map((each) => `/spec${each.pointer}`),
  ]);
  return (
    <div className="flex flex-col gap-5">
      {rest ? <ErrorState error={rest} title={form.resource ? "Not saved" : "Not created"} /> : null}
      {form.resource ? null : (
        <Field label="Name" hint={NAME_HINT} error={nameError} required>
          {(control) => (
            <Input
              {...control}
              className="font-mono"
              autoFocus
              spellCheck={false}
              autoComplete="off"
              value={form.name}
              onBlur={() => setTouched(true)}
              onChange={(event) => form.setName(event.target.value)}
            />
          )}
        </Field>
      )}
      <SchemaForm
        id={id}
        schema={form.type.spec_schema}
        value={form.spec}
        onChange={form.setSpec}
        onSubmit={(spec) =>
          form.resource || NAME_PATTERN.test(form.name) ? form.submit(spec) : setTouched(true)
        }
        editing={form.resource !== undefined}
        secretsSet={form.resource?.secrets_set}
        errors={specErrors}
      />
      <PropertiesField
        value={form.properties}
        onChange={form.setProperties}
        requires={form.verdict.answer?.requires}
      />
      {form.resource ? (
        <OwnerField resource={form.resource} value={form.owner} onChange={form.setOwner} error={form.error} />
      ) : null}
      <DraftCallout verdict={form.verdict} />
      {form.test ? <ResultCallout result={form.test.result} error={form.test.error} /> : null}
    </div>
  );
}

/** The buttons of the form, in sight wherever one is in it. */
export function FormActions(props: { id: string; form: ResourceFormState; save: string; cancel: ReactNode }) {
  const { form } = props;
  return (
    <div className="sticky bottom-0 z-10 flex flex-wrap gap-2 bg-canvas py-3.5">
      <CanSend verdict={form.verdict}>
        <Button type="submit" form={props.id} variant="primary" pending={form.saving}>
          {props.save}
        </Button>
      </CanSend>
      {form.test ? (
        <Button pending={form.test.pending} onClick={form.test.run}>
          Test connection
        </Button>
      ) : null}
      <Button asChild variant="ghost">
        {props.cancel}
      </Button>
    </div>
  );
}

function specErrorsOf(error: unknown): FieldError[] {
  const errors = (error as { fieldErrors?: FieldError[] } | null)?.fieldErrors ?? [];
  return errors
    .filter((each) => each.pointer.startsWith("/spec"))
    .map((each) => ({ ...each, pointer: each.pointer.slice("/spec".length) }));
}
