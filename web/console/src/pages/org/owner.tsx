import type { Resource } from "@plinth/client";
import { Combobox, Field, useMe } from "@plinth/react";
import { fieldError } from "../../lib/form-errors";
import { usePeople } from "./policy/names";

/** Whom a resource belongs to, by name as far as it is known; the id of who is gone, or may not be seen. */
export function useOwnerName(resource: Resource): string | undefined {
  const me = useMe().user;
  const { owner, created_by: creator } = resource;
  const known = owner === creator?.id ? creator?.name : owner === me?.id ? me?.name : undefined;
  const people = usePeople(typeof owner === "string" && !known);
  return owner ? known || (people.find(({ id }) => id === owner)?.name ?? owner) : undefined;
}

const NOBODY = "";

/** Gives a resource to a member or a service account, or to nobody. */
export function OwnerField(props: {
  resource: Resource;
  value: string | null;
  onChange: (owner: string | null) => void;
  error: unknown;
}) {
  const { resource, value } = props;
  const me = useMe().user;
  const now = useOwnerName(resource);
  const people = usePeople().map(({ id, name, kind }) => ({
    value: id,
    label: name,
    detail: kind === "service_account" ? "Service account" : id === me?.id ? "You" : "Member",
  }));
  // Who may see nobody sees themselves and who it is now.
  const others = [
    ...(me ? [{ value: me.id, label: me.name || me.email, detail: "You" }] : []),
    ...(resource.owner ? [{ value: resource.owner, label: now ?? resource.owner, detail: "As it is" }] : []),
  ].filter((other, at, all) => ![...people, ...all.slice(0, at)].some((each) => each.value === other.value));
  return (
    <Field
      label="Owner"
      hint="Who answers for it. Policies can ask for the owner."
      error={fieldError(props.error, "/owner")}
    >
      {(control) => (
        <Combobox
          {...control}
          value={value ?? NOBODY}
          onChange={(next) => props.onChange(next === NOBODY ? null : next)}
          options={[{ value: NOBODY, label: "Nobody" }, ...others, ...people]}
          searchPlaceholder="Search by name"
        />
      )}
    </Field>
  );
}
