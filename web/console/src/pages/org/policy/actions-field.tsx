import { actionGroups, actionKinds, Combobox, Field, humanize, Tag, useProduct } from "@plinth/react";
import { X } from "lucide-react";
import { useMemo } from "react";

/** Actions and groups of actions, of what the product sells and of what every organization has. */
export function ActionsField(props: { value: string[]; onChange: (value: string[]) => void }) {
  const { value, onChange } = props;
  const product = useProduct();
  const options = useMemo(() => {
    const groups = actionGroups(product).map((name) => ({
      value: name,
      label: name,
      detail: groupText(name),
    }));
    const single = actionKinds(product).flatMap(({ kind, title, actions }) =>
      actions.map((action) => ({
        value: `${kind}:${action}`,
        label: `${kind}:${action}`,
        detail: `${title}: ${humanize(action).toLowerCase()}`,
      })),
    );
    return [...groups, ...single];
  }, [product]);
  return (
    <Field
      label="To do what"
      hint={value.length === 0 ? "Without an action it is about all of them." : undefined}
    >
      {(control) => (
        <>
          <ul aria-label="Actions" className="flex flex-wrap gap-1.5">
            {value.length === 0 ? (
              <li>
                <Tag tone="warn">All actions</Tag>
              </li>
            ) : null}
            {value.map((action) => (
              <li key={action}>
                <Tag className="pr-0 font-mono">
                  {action}
                  <button
                    type="button"
                    aria-label={`Remove ${action}`}
                    className="flex size-5 items-center justify-center rounded-xs hover:bg-hover hover:text-text"
                    onClick={() => onChange(value.filter((each) => each !== action))}
                  >
                    <X className="size-3" aria-hidden />
                  </button>
                </Tag>
              </li>
            ))}
          </ul>
          <Combobox
            id={control.id}
            className="max-w-90"
            value={undefined}
            onChange={(action) => onChange([...value, action])}
            options={options.filter((option) => !value.includes(option.value))}
            placeholder="Add an action"
            searchPlaceholder="Search actions"
          />
        </>
      )}
    </Field>
  );
}

function groupText(name: string): string {
  if (name === "view") return "See everything";
  const [kind, action] = name.split(":");
  const what = kind === "resources" ? "all resources" : kind;
  return action === "*" ? `All that can be done to ${what}` : `${humanize(action ?? "")} ${what}`;
}
