import type { RJSFSchema, WidgetProps } from "@rjsf/utils";
import { Eye, EyeOff } from "lucide-react";
import { useState } from "react";
import { IconButton } from "../components/button";
import { Switch } from "../components/checkbox";
import { Combobox } from "../components/combobox";
import { Input, Textarea } from "../components/input";
import { Select } from "../components/select";
import { useResourceType } from "../data/account";
import { useResources } from "../data/resources";
import { humanize } from "../lib/format";
import type { FormContext } from "./context";

type Props = WidgetProps<unknown, RJSFSchema, FormContext>;

export function describedBy(id: string): string {
  return `${id}__description ${id}__errors`;
}

function ariaOf(props: Props) {
  return {
    id: props.id,
    "aria-invalid": (props.rawErrors?.length ?? 0) > 0 ? (true as const) : undefined,
    "aria-describedby": describedBy(props.id),
    "aria-required": props.required ? (true as const) : undefined,
  };
}

function firstExample(schema: RJSFSchema): string | undefined {
  const example = Array.isArray(schema.examples) ? schema.examples[0] : undefined;
  return typeof example === "string" || typeof example === "number" ? String(example) : undefined;
}

export function TextWidget(props: Props) {
  const text = props.value == null ? "" : String(props.value);
  return (
    <Input
      {...ariaOf(props)}
      value={text}
      placeholder={props.placeholder || firstExample(props.schema)}
      disabled={props.disabled}
      readOnly={props.readonly}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => props.onChange(event.target.value === "" ? undefined : event.target.value)}
    />
  );
}

export function NumberWidget(props: Props) {
  const integer = props.schema.type === "integer";
  const placeholder =
    props.schema.default !== undefined ? String(props.schema.default) : firstExample(props.schema);
  return (
    <Input
      {...ariaOf(props)}
      inputMode={integer ? "numeric" : "decimal"}
      className="num"
      value={props.value == null ? "" : String(props.value)}
      placeholder={placeholder}
      disabled={props.disabled}
      readOnly={props.readonly}
      autoComplete="off"
      onChange={(event) => props.onChange(numberOrText(event.target.value))}
    />
  );
}

/** Half-typed numbers stay as they are typed; the validator then says that they are none. */
function numberOrText(text: string): number | string | undefined {
  if (text.trim() === "") return undefined;
  const value = Number(text);
  return Number.isNaN(value) || text.endsWith(".") ? text : value;
}

export function TextareaWidget(props: Props) {
  return (
    <Textarea
      {...ariaOf(props)}
      value={props.value == null ? "" : String(props.value)}
      disabled={props.disabled}
      readOnly={props.readonly}
      onChange={(event) => props.onChange(event.target.value === "" ? undefined : event.target.value)}
    />
  );
}

/** Never filled from the server. A secret that is set stays set unless something is typed. */
export function SecretWidget(props: Props) {
  const [shown, setShown] = useState(false);
  const pointer = String(props.uiSchema?.["ui:pointer"] ?? "");
  const isSet = props.registry.formContext.secretsSet.has(pointer);
  return (
    <div className="relative">
      <Input
        {...ariaOf(props)}
        type={shown ? "text" : "password"}
        className="pr-9"
        value={props.value == null ? "" : String(props.value)}
        placeholder={isSet ? "•••••••• is set; leave empty to keep it" : undefined}
        disabled={props.disabled}
        readOnly={props.readonly}
        autoComplete="new-password"
        spellCheck={false}
        onChange={(event) => props.onChange(event.target.value === "" ? undefined : event.target.value)}
      />
      <IconButton
        label={shown ? `Hide ${props.label}` : `Show ${props.label}`}
        className="absolute top-0 right-0"
        onClick={() => setShown(!shown)}
      >
        {shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
      </IconButton>
    </div>
  );
}

export function SwitchWidget(props: Props) {
  return (
    <Switch
      id={props.id}
      checked={props.value === true}
      disabled={props.disabled || props.readonly}
      onChange={(checked) => props.onChange(checked)}
      aria-describedby={describedBy(props.id)}
    />
  );
}

/** Enumerations, and the choice between the options of a `oneOf`. */
export function SelectWidget(props: Props) {
  const options = (props.options.enumOptions ?? []).map((option, index) => ({
    value: String(index),
    label: option.label === String(option.value) ? humanizeValue(option.value) : option.label,
  }));
  const chosen = (props.options.enumOptions ?? []).findIndex((option) => option.value === props.value);
  return (
    <Select
      {...ariaOf(props)}
      aria-label={props.hideLabel ? props.label : undefined}
      value={chosen >= 0 ? String(chosen) : undefined}
      placeholder={props.schema.default !== undefined ? humanizeValue(props.schema.default) : "Choose"}
      disabled={props.disabled || props.readonly}
      options={options}
      onChange={(index) => props.onChange(props.options.enumOptions?.[Number(index)]?.value)}
    />
  );
}

function humanizeValue(value: unknown): string {
  return typeof value === "string" && value !== value.toUpperCase() ? humanize(value) : String(value);
}

/** Picks a resource of the type that the schema names, by name. */
export function ReferenceWidget(props: Props) {
  const typeName = String(props.options.reference ?? "");
  const type = useResourceType(typeName);
  const list = useResources(
    type?.plural ?? "",
    { limit: 500, sort: "name" },
    { enabled: type !== undefined },
  );
  const options = (list.items ?? []).map((item) => ({
    value: item.name,
    label: item.name,
    detail: kindOf(item.spec),
  }));
  return (
    <Combobox
      {...ariaOf(props)}
      value={typeof props.value === "string" ? props.value : undefined}
      options={options}
      placeholder={`Choose a ${type?.title.toLowerCase() ?? "resource"}`}
      emptyText={`No ${type?.title_plural.toLowerCase() ?? "resources"} yet`}
      disabled={props.disabled || props.readonly}
      onChange={(name) => props.onChange(name)}
    />
  );
}

function kindOf(spec: unknown): string | undefined {
  const kind = (spec as { kind?: unknown } | null)?.kind;
  return typeof kind === "string" ? humanize(kind) : undefined;
}

export function HiddenWidget() {
  return null;
}
