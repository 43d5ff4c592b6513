import type {
  ArrayFieldItemTemplateProps,
  ArrayFieldTemplateProps,
  FieldTemplateProps,
  MultiSchemaFieldTemplateProps,
  ObjectFieldTemplateProps,
  RJSFSchema,
} from "@rjsf/utils";
import { Plus, Trash2 } from "lucide-react";
import { Button, IconButton } from "../components/button";
import { InlineCode } from "../components/inline-code";
import { cn } from "../lib/cn";
import { humanize } from "../lib/format";
import type { FormContext } from "./context";

type S = RJSFSchema;
type F = FormContext;

function isContainer(schema: RJSFSchema): boolean {
  return schema.type === "object" || schema.type === "array" || Array.isArray(schema.oneOf);
}

/** Short values share a line; long ones get their own. */
function isShort(schema: RJSFSchema): boolean {
  if (isContainer(schema)) return false;
  if (schema.type !== "string") return true;
  return schema.enum !== undefined || (schema.maxLength ?? 1000) <= 64 || schema["x-plinth-secret"] === true;
}

export function FieldTemplate(props: FieldTemplateProps<unknown, S, F>) {
  const { id, schema, children, hidden, rawErrors, uiSchema } = props;
  if (hidden || uiSchema?.["ui:widget"] === "hidden") return null;
  const inItem = typeof props.fieldPathId.path.at(-2) === "number";
  const firstItem = !inItem || props.fieldPathId.path.at(-2) === 0;
  const description = firstItem ? (props.rawDescription ?? schema.description) : undefined;
  const errors = <Errors id={id} errors={rawErrors} />;
  if (isContainer(schema) || !props.displayLabel) {
    if (schema.type === "boolean") return <SwitchRow {...props} description={undefined} />;
    return (
      <div className={cn("col-span-full min-w-0", props.classNames)}>
        {children}
        {isContainer(schema) ? errors : null}
      </div>
    );
  }
  return (
    <div className={cn("flex min-w-0 flex-col gap-1.5", !isShort(schema) && !inItem && "col-span-full")}>
      <label htmlFor={id} className="font-medium text-sm text-text">
        {labelOf(props.label)}
        {props.required ? null : <span className="ml-1.5 font-normal text-faint text-xs">optional</span>}
      </label>
      {children}
      {errors}
      {description ? (
        <p id={`${id}__description`} className="text-faint text-xs">
          <InlineCode text={description} />
        </p>
      ) : null}
    </div>
  );
}

function SwitchRow(props: FieldTemplateProps<unknown, S, F>) {
  const description = props.rawDescription ?? props.schema.description;
  return (
    <div className="col-span-full flex items-start justify-between gap-4 rounded-md border border-line px-3 py-2.5">
      <div className="min-w-0">
        <label htmlFor={props.id} className="font-medium text-sm text-text">
          {labelOf(props.label)}
        </label>
        {description ? (
          <p id={`${props.id}__description`} className="text-faint text-xs">
            <InlineCode text={description} />
          </p>
        ) : null}
        <Errors id={props.id} errors={props.rawErrors} />
      </div>
      {props.children}
    </div>
  );
}

function labelOf(label: string): string {
  return /^[a-z0-9_]+$/.test(label) ? humanize(label) : label;
}

function Errors({ id, errors }: { id: string; errors: string[] | undefined }) {
  if (!errors || errors.length === 0) return null;
  return (
    <div id={`${id}__errors`} className="text-bad text-xs">
      {[...new Set(errors)].map((error) => (
        <p key={error}>{error}</p>
      ))}
    </div>
  );
}

export function ObjectFieldTemplate(props: ObjectFieldTemplateProps<unknown, S, F>) {
  const isRoot = props.fieldPathId.path.length === 0;
  const inItem = typeof props.fieldPathId.path.at(-1) === "number";
  const fields = (
    <div className="grid gap-x-4 gap-y-4 sm:grid-cols-2">
      {props.properties.map((property) => property.content)}
    </div>
  );
  // The variant of a `oneOf` is drawn inside its chooser, which carries the heading.
  if (props.properties.length === 0) return null;
  if (isRoot || inItem) return fields;
  return (
    <fieldset className="rounded-lg border border-line p-4 pt-3">
      <legend className="-ml-1.5 px-1.5 font-semibold text-ink text-sm">{labelOf(props.title)}</legend>
      {props.description && typeof props.description === "string" ? (
        <p className="mb-3 text-muted text-xs">{props.description}</p>
      ) : null}
      {fields}
    </fieldset>
  );
}

export function ArrayFieldTemplate(props: ArrayFieldTemplateProps<unknown, S, F>) {
  return (
    <fieldset className="col-span-full rounded-lg border border-line p-4 pt-3">
      <legend className="-ml-1.5 px-1.5 font-semibold text-ink text-sm">{labelOf(props.title)}</legend>
      {props.schema.description ? (
        <p className="mb-3 text-muted text-xs">
          <InlineCode text={props.schema.description} />
        </p>
      ) : null}
      <div className="flex flex-col gap-3">{props.items}</div>
      {props.canAdd && !props.readonly ? (
        <Button size="sm" className="mt-3" onClick={props.onAddClick} disabled={props.disabled}>
          <Plus aria-hidden />
          Add {labelOf(itemTitle(props.schema)).toLowerCase()}
        </Button>
      ) : null}
    </fieldset>
  );
}

function itemTitle(schema: RJSFSchema): string {
  const items = schema.items;
  return typeof items === "object" && !Array.isArray(items) && items.title ? items.title : "entry";
}

export function ArrayFieldItemTemplate(props: ArrayFieldItemTemplateProps<unknown, S, F>) {
  return (
    <div className="flex items-start gap-2">
      <div className="min-w-0 grow">{props.children}</div>
      {props.buttonsProps.hasRemove && !props.readonly ? (
        <IconButton
          label={`Remove entry ${props.index + 1}`}
          className="mt-6.5"
          disabled={props.disabled}
          onClick={props.buttonsProps.onRemoveItem}
        >
          <Trash2 aria-hidden />
        </IconButton>
      ) : null}
    </div>
  );
}

export function MultiSchemaFieldTemplate(props: MultiSchemaFieldTemplateProps<unknown, S, F>) {
  return (
    <div className="col-span-full flex flex-col gap-4">
      {props.selector}
      {props.optionSchemaField}
    </div>
  );
}
