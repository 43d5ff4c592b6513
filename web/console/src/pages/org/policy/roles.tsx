import { CodeBlock, ErrorState, Skeleton, useRoles } from "@plinth/react";
import { ROLES } from "../role-picker";

/** The product's roles, read-only: they are policies of every organization. */
export function Roles() {
  const roles = useRoles();
  if (roles.error) return <ErrorState error={roles.error} retry={() => void roles.refetch()} />;
  if (!roles.data) return <Skeleton className="h-40 w-full" />;
  return (
    <div className="flex flex-col gap-6">
      <p className="max-w-2xl text-muted text-sm">
        These come with the product and cannot be changed here. Give them to people and programs on their own
        pages; policies of yours can widen and narrow what they permit.
      </p>
      {roles.data.map((role) => {
        const known = ROLES.find((each) => each.value === role.name);
        return (
          <section key={role.name} aria-label={`Role ${known?.label ?? role.name}`}>
            <h2 className="font-semibold text-base text-ink">{known?.label ?? role.name}</h2>
            {known ? <p className="mb-2 text-muted text-sm">{known.detail}</p> : null}
            <CodeBlock label={`Cedar of the role ${role.name}`} code={role.text.trim()} />
          </section>
        );
      })}
    </div>
  );
}
