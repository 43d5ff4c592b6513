import type { RJSFSchema, WidgetProps } from "@rjsf/utils";
import { cn } from "../lib/cn";
import type { FormContext } from "./context";
import { SelectWidget } from "./widgets";

/** The options of a `oneOf` side by side when they are few, else as a select. */
export function OptionWidget(props: WidgetProps<unknown, RJSFSchema, FormContext>) {
  const options = props.options.enumOptions ?? [];
  const isOptionChoice = props.id.endsWith("_select");
  if (!isOptionChoice) return <SelectWidget {...props} />;
  if (options.length > 4)
    return (
      <SelectWidget
        {...props}
        readonly={props.readonly || props.options.locked === true}
        hideLabel
        label="Kind"
      />
    );
  return (
    <div role="radiogroup" aria-label={props.label || "Kind"} className="grid gap-2 sm:grid-cols-2">
      {options.map((option) => (
        <label
          key={String(option.value)}
          className={cn(
            "flex cursor-pointer items-center gap-2.5 rounded-md border border-line bg-surface px-3 py-2.5 font-medium text-sm shadow-card",
            "hover:border-line-strong/60 has-checked:border-accent has-checked:bg-accent-soft/50",
            "has-disabled:cursor-not-allowed has-focus-visible:outline-2 has-focus-visible:outline-accent has-disabled:opacity-60",
          )}
        >
          <input
            type="radio"
            name={props.id}
            className="size-3.5 accent-accent"
            checked={props.value === option.value}
            disabled={props.disabled || props.readonly || props.options.locked === true}
            onChange={() => props.onChange(option.value)}
          />
          {option.label}
        </label>
      ))}
    </div>
  );
}
