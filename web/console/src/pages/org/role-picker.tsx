import type { Role } from "@plinth/client";
import { cn } from "@plinth/react";

export const ROLES: { value: Role; label: string; detail: string }[] = [
  { value: "owner", label: "Owner", detail: "Everything, also naming and removing owners" },
  { value: "admin", label: "Admin", detail: "Everything but naming and removing owners" },
  {
    value: "developer",
    label: "Developer",
    detail: "Creates, changes and deletes resources; sees all but invitations",
  },
  {
    value: "viewer",
    label: "Viewer",
    detail: "Sees resources, events, metrics, members and usage; changes nothing",
  },
  { value: "billing", label: "Billing", detail: "Sees members, usage and the bill" },
];

/** Roles as a list of choices, each with what it allows. Only an owner names owners. */
export function RolePicker(props: {
  value: Role[];
  onChange: (roles: Role[]) => void;
  allowOwner: boolean;
  label?: string;
}) {
  const toggle = (role: Role, on: boolean) => {
    const next = ROLES.map((each) => each.value).filter((each) =>
      each === role ? on : props.value.includes(each),
    );
    props.onChange(next);
  };
  return (
    <fieldset>
      <legend className="mb-1.5 font-medium text-sm text-text">{props.label ?? "Roles"}</legend>
      <div className="divide-y divide-line overflow-hidden rounded-md border border-line">
        {ROLES.filter((role) => props.allowOwner || role.value !== "owner").map((role) => (
          <label
            key={role.value}
            className={cn(
              "flex cursor-pointer items-start gap-3 bg-surface px-3 py-2 hover:bg-hover",
              "has-checked:bg-accent-soft/45 has-focus-visible:outline-2 has-focus-visible:outline-accent has-focus-visible:-outline-offset-2",
            )}
          >
            <input
              type="checkbox"
              className="mt-0.75 size-3.5 accent-accent"
              checked={props.value.includes(role.value)}
              onChange={(event) => toggle(role.value, event.target.checked)}
            />
            <span>
              <span className="block font-medium text-sm text-text">{role.label}</span>
              <span className="block text-faint text-xs">{role.detail}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function roleNames(roles: Role[]): string {
  return roles.map((role) => ROLES.find((each) => each.value === role)?.label ?? role).join(", ");
}
