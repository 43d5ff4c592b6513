import type { JsonObject, Role, StandingInput } from "@plinth/client";
import { Field, TagsInput } from "@plinth/react";
import { PropertiesField } from "@plinth/react/schema-form";
import { groupsOf, usePeople } from "./policy/names";
import { RolePicker } from "./role-picker";

/** What policies look at of a member or service account. */
export interface Standing {
  roles: Role[];
  groups: string[];
  attributes: JsonObject;
}

export function StandingFields(props: {
  value: Standing;
  onChange: (value: Standing) => void;
  allowOwner: boolean;
}) {
  const { value, onChange } = props;
  const people = usePeople();
  return (
    <div className="flex flex-col gap-5">
      <RolePicker
        value={value.roles}
        onChange={(roles) => onChange({ ...value, roles })}
        allowOwner={props.allowOwner}
      />
      <Field label="Groups" optional hint="What policies call a group. Enter or a comma adds one.">
        {(control) => (
          <TagsInput
            {...control}
            placeholder="contractors"
            suggestions={groupsOf(people)}
            value={value.groups}
            onChange={(groups) => onChange({ ...value, groups })}
          />
        )}
      </Field>
      <PropertiesField
        noun="attribute"
        hint="Such as a team: policies compare them with the properties of resources."
        value={value.attributes}
        onChange={(attributes) => onChange({ ...value, attributes })}
      />
    </div>
  );
}

/** What differs, so that nothing else is written over. */
export function standingChange(before: Standing, after: Standing): StandingInput {
  const differs = (name: keyof Standing) => JSON.stringify(before[name]) !== JSON.stringify(after[name]);
  return {
    ...(differs("roles") ? { roles: after.roles } : {}),
    ...(differs("groups") ? { groups: after.groups } : {}),
    ...(differs("attributes") ? { attributes: after.attributes } : {}),
  };
}
