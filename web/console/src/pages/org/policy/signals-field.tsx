import type { PolicySignal } from "@plinth/client";
import { capitalize, Field, type FieldControl, IconButton, Input, Select, TagsInput } from "@plinth/react";
import { Trash2 } from "lucide-react";
import { SIGNALS, signalName, WEEKDAYS } from "./draft";

/** Under which circumstances: all of these. */
export function SignalsField(props: { value: PolicySignal[]; onChange: (value: PolicySignal[]) => void }) {
  const { value, onChange } = props;
  const used = value.map(signalName);
  const free = SIGNALS.filter(({ name }) => !used.includes(name));
  const add = (name: string) => {
    const found = SIGNALS.find((each) => each.name === name);
    if (found) onChange([...value, { [name]: found.start }]);
  };
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-1.5 font-medium text-sm text-text">
        Only when <span className="ml-0.5 font-normal text-faint text-xs">optional</span>
      </legend>
      {value.map((signal) => {
        const name = signalName(signal);
        const put = (next: PolicySignal[string]) =>
          onChange(value.map((each) => (each === signal ? { [name]: next } : each)));
        const label = SIGNALS.find((each) => each.name === name)?.label ?? name;
        return (
          <div key={name} className="flex items-end gap-2">
            {name === "weekdays" ? (
              <Weekdays value={listOf(signal[name])} onChange={put} />
            ) : (
              <Field label={label} className="min-w-0 grow">
                {(control) => (
                  <SignalInput name={name} control={control} value={signal[name]} onChange={put} />
                )}
              </Field>
            )}
            <IconButton
              label={`Remove: ${label}`}
              onClick={() => onChange(value.filter((each) => each !== signal))}
            >
              <Trash2 aria-hidden />
            </IconButton>
          </div>
        );
      })}
      {free.length > 0 ? (
        <Select
          aria-label="Add a circumstance"
          className="max-w-90"
          value={undefined}
          placeholder="Add a circumstance"
          onChange={add}
          options={free.map(({ name, label }) => ({ value: name, label }))}
        />
      ) : null}
    </fieldset>
  );
}

function SignalInput(props: {
  name: string;
  control: FieldControl;
  value: PolicySignal[string] | undefined;
  onChange: (value: PolicySignal[string]) => void;
}) {
  const { name, control, value, onChange } = props;
  if (Array.isArray(value)) {
    const example = name.endsWith("_countries") ? "DE" : "203.0.113.0/24";
    return <TagsInput {...control} value={value} onChange={onChange} placeholder={example} />;
  }
  if (typeof value === "number") {
    return (
      <Input
        {...control}
        type="number"
        min={0}
        className="max-w-40"
        value={value}
        onChange={(event) => onChange(Math.trunc(event.target.valueAsNumber) || 0)}
      />
    );
  }
  return (
    <Input
      {...control}
      type="datetime-local"
      className="max-w-60"
      value={localOf(value)}
      onChange={(event) => onChange(momentOf(event.target.value))}
    />
  );
}

function Weekdays(props: { value: string[]; onChange: (value: string[]) => void }) {
  return (
    <fieldset className="min-w-0 grow">
      <legend className="mb-1.5 font-medium text-sm text-text">
        On these weekdays (the organization's calendar)
      </legend>
      <div className="flex flex-wrap gap-x-4 gap-y-1.5">
        {WEEKDAYS.map((day) => (
          <label key={day} className="flex items-center gap-1.5 text-sm">
            <input
              type="checkbox"
              className="size-3.5 accent-accent"
              checked={props.value.includes(day)}
              onChange={(event) =>
                props.onChange(
                  WEEKDAYS.filter((each) =>
                    each === day ? event.target.checked : props.value.includes(each),
                  ),
                )
              }
            />
            {capitalize(day)}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function listOf(value: PolicySignal[string] | undefined): string[] {
  return Array.isArray(value) ? value : [];
}

/** A moment as the browser's field wants it, in the reader's own time. */
function localOf(moment: string | undefined): string {
  const at = new Date(moment ?? "");
  if (Number.isNaN(at.getTime())) return "";
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function momentOf(local: string): string {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? "" : at.toISOString().replace(/\.\d+Z$/, "Z");
}
