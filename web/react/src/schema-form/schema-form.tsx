import type { FieldError, JsonSchema } from "@plinth/client";
// The package entry also loads a test registry that wants another validator.
import Form, { type FormProps } from "@rjsf/core/lib/components/Form.js";
import type { ErrorSchema, RJSFSchema } from "@rjsf/utils";
import { type ReactNode, useMemo } from "react";
import { pointerSegments } from "../lib/json";
import { uiSchemaFor } from "./annotations";
import type { FormContext } from "./context";
import { OptionWidget } from "./option-widget";
import {
  ArrayFieldItemTemplate,
  ArrayFieldTemplate,
  FieldTemplate,
  MultiSchemaFieldTemplate,
  ObjectFieldTemplate,
} from "./templates";
import { SchemaValidator } from "./validator";
import {
  HiddenWidget,
  NumberWidget,
  ReferenceWidget,
  SecretWidget,
  SwitchWidget,
  TextareaWidget,
  TextWidget,
} from "./widgets";

export interface SchemaFormProps {
  /** Ties a submit button outside the form to it, by its `form` attribute. */
  id: string;
  /** JSON Schema 2020-12 of the value. */
  schema: JsonSchema;
  value: unknown;
  onChange: (value: unknown) => void;
  /** Called with a value that the schema accepts. */
  onSubmit: (value: unknown) => void;
  /** When editing, immutable fields are shown but cannot be changed. */
  editing?: boolean;
  /** Pointers of the secrets that are set on the server. */
  secretsSet?: string[];
  /** Errors of the server; pointers are relative to the value. */
  errors?: FieldError[];
  disabled?: boolean;
  children?: ReactNode;
}

const templates = {
  FieldTemplate,
  ObjectFieldTemplate,
  ArrayFieldTemplate,
  ArrayFieldItemTemplate,
  MultiSchemaFieldTemplate,
} as FormProps<unknown, RJSFSchema, FormContext>["templates"];

const widgets = {
  TextWidget,
  TextareaWidget,
  SelectWidget: OptionWidget,
  CheckboxWidget: SwitchWidget,
  UpDownWidget: NumberWidget,
  PasswordWidget: SecretWidget,
  HiddenWidget,
  secret: SecretWidget,
  reference: ReferenceWidget,
} as FormProps<unknown, RJSFSchema, FormContext>["widgets"];

/** A form for the spec of any resource type, made from its JSON Schema. */
export function SchemaForm(props: SchemaFormProps) {
  const { schema, editing = false, secretsSet, errors } = props;
  const uiSchema = useMemo(() => withNumbers(uiSchemaFor(schema, editing), schema), [schema, editing]);
  const secrets = useMemo(() => new Set(secretsSet ?? []), [secretsSet]);
  const validator = useMemo(() => new SchemaValidator(secrets), [secrets]);
  const extraErrors = useMemo(() => errorSchema(errors ?? []), [errors]);
  const formSchema = useMemo(() => schema as RJSFSchema, [schema]);
  return (
    <Form<unknown, RJSFSchema, FormContext>
      id={props.id}
      schema={formSchema}
      uiSchema={uiSchema}
      formData={props.value}
      formContext={{ secretsSet: secrets }}
      validator={validator as never}
      templates={templates}
      widgets={widgets}
      extraErrors={extraErrors}
      disabled={props.disabled}
      showErrorList={false}
      noHtml5Validate
      focusOnFirstError
      liveOmit={false}
      onChange={(event) => props.onChange(event.formData)}
      onSubmit={(event) => props.onSubmit(event.formData)}
      // The errors stand at their fields; without a handler they would be logged as well.
      onError={() => undefined}
    >
      {props.children ?? <span hidden />}
    </Form>
  );
}

/** Numbers use the text-based number control: a spinner that a mouse wheel changes is a trap. */
function withNumbers(ui: Record<string, unknown>, schema: JsonSchema): Record<string, unknown> {
  const result = { ...ui };
  if ((schema.type === "integer" || schema.type === "number") && !schema.enum && !result["ui:widget"]) {
    result["ui:widget"] = "updown";
  }
  for (const [name, inner] of Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)) {
    result[name] = withNumbers((ui[name] ?? {}) as Record<string, unknown>, inner);
  }
  if (schema.items && ui.items)
    result.items = withNumbers(ui.items as Record<string, unknown>, schema.items as JsonSchema);
  if (Array.isArray(schema.oneOf) && Array.isArray(ui.oneOf)) {
    result.oneOf = ui.oneOf.map((each, index) =>
      withNumbers(each, (schema.oneOf as JsonSchema[])[index] ?? {}),
    );
  }
  return result;
}

function errorSchema(errors: FieldError[]): ErrorSchema<unknown> {
  const root: Record<string, unknown> = {};
  for (const { pointer, message } of errors) {
    let node = root;
    for (const segment of pointerSegments(pointer)) {
      node[segment] ??= {};
      node = node[segment] as Record<string, unknown>;
    }
    node.__errors = [...((node.__errors as string[] | undefined) ?? []), message];
  }
  return root as ErrorSchema<unknown>;
}
