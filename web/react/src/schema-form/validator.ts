import { type Schema, Validator } from "@cfworker/json-schema";
import {
  type CustomValidator,
  createErrorHandler,
  type ErrorSchema,
  type ErrorTransformer,
  type FormContextType,
  type RJSFSchema,
  type RJSFValidationError,
  toErrorList,
  toErrorSchema,
  type UiSchema,
  unwrapErrorHandler,
  type ValidationData,
  type ValidatorType,
  validationDataMerge,
} from "@rjsf/utils";
import { isObject, pointerSegments } from "../lib/json";
import { narrow } from "./annotations";

/** Keywords whose failure only says that something inside failed; the inner error is the useful one. */
const WRAPPERS = new Set([
  "properties",
  "items",
  "prefixItems",
  "additionalItems",
  "allOf",
  "anyOf",
  "oneOf",
  "$ref",
  "if",
  "then",
  "else",
  "dependentSchemas",
]);

type Data = unknown;

/**
 * JSON Schema 2020-12 for forms. It interprets schemas instead of compiling them, so that the console needs no
 * `unsafe-eval` in its content security policy. The server checks everything again.
 */
export class SchemaValidator implements ValidatorType<Data, RJSFSchema, FormContextType> {
  /** `secretsSet`: pointers of secrets that the server holds, which a form may therefore leave empty. */
  constructor(private readonly secretsSet: ReadonlySet<string> = new Set()) {}

  validateFormData(
    data: Data | undefined,
    schema: RJSFSchema,
    custom?: CustomValidator<Data, RJSFSchema, FormContextType>,
    transform?: ErrorTransformer<Data, RJSFSchema, FormContextType>,
    uiSchema?: UiSchema<Data, RJSFSchema, FormContextType>,
  ): ValidationData<Data> {
    let errors = this.errorsOf(narrow(schema, data) as RJSFSchema, data);
    if (transform) errors = transform(errors, uiSchema);
    const result: ValidationData<Data> = { errors, errorSchema: toErrorSchema<Data>(errors) };
    if (!custom) return result;
    const handler = custom(data, createErrorHandler<Data>(data as never), uiSchema);
    const more = unwrapErrorHandler<Data>(handler) as ErrorSchema<Data>;
    return validationDataMerge<Data>(
      { errors: [...errors, ...toErrorList(more)], errorSchema: result.errorSchema },
      more,
    );
  }

  isValid(schema: RJSFSchema, data: Data | undefined, root: RJSFSchema): boolean {
    return validate({ ...schema, $defs: root.$defs } as RJSFSchema, data).valid;
  }

  rawValidation<Result>(schema: RJSFSchema, data?: Data): { errors?: Result[] } {
    return { errors: this.errorsOf(schema, data) as Result[] };
  }

  private errorsOf(schema: RJSFSchema, data: Data | undefined): RJSFValidationError[] {
    const { errors } = validate(schema, data);
    return errors
      .filter((error) => !WRAPPERS.has(error.keyword))
      .map((error) => toFormError(schema, error))
      .filter((error) => !(error.name === "required" && this.secretsSet.has(error.params?.pointer)));
  }
}

function validate(schema: RJSFSchema, data: unknown) {
  return new Validator(schema as unknown as Schema, "2020-12", false).validate(strip(data) ?? {});
}

/** `undefined` members are absent in JSON, and to the validator they must be as well. */
function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(kept.map(([key, inner]) => [key, strip(inner)]));
}

interface RawError {
  keyword: string;
  keywordLocation: string;
  instanceLocation: string;
  error: string;
}

function toFormError(schema: RJSFSchema, raw: RawError): RJSFValidationError {
  const segments = pointerSegments(decodeURIComponent(raw.instanceLocation.slice(1)));
  const missing = raw.keyword === "required" ? /"(.+)"/.exec(raw.error)?.[1] : undefined;
  if (missing !== undefined) segments.push(missing);
  const message = messageOf(schema, raw);
  return {
    name: raw.keyword,
    property: segments.map((segment) => `['${segment}']`).join(""),
    message,
    params: { pointer: `/${segments.join("/")}` },
    stack: `${segments.join(".")}: ${message}`,
    schemaPath: raw.keywordLocation,
  };
}

function messageOf(schema: RJSFSchema, raw: RawError): string {
  const limit = valueAt(schema, raw.keywordLocation);
  switch (raw.keyword) {
    case "required":
      return "This field is needed";
    case "minLength":
      return limit === 1 ? "This field is needed" : `At least ${limit} characters`;
    case "maxLength":
      return `At most ${limit} characters`;
    case "minimum":
      return `Must be ${limit} or more`;
    case "maximum":
      return `Must be ${limit} or less`;
    case "minItems":
      return limit === 1 ? "Add at least one" : `Add at least ${limit}`;
    case "maxItems":
      return `At most ${limit} entries`;
    case "enum":
      return "Choose one of the values";
    case "pattern":
      return "This does not have the expected form";
    case "type":
      return `Must be of type ${String(limit)}`;
    default:
      return raw.error.replace(/\.$/, "");
  }
}

function valueAt(schema: RJSFSchema, location: string): unknown {
  return pointerSegments(decodeURIComponent(location.slice(1))).reduce<unknown>((inner, key) => {
    if (Array.isArray(inner)) return inner[Number(key)];
    return isObject(inner) ? inner[key] : undefined;
  }, schema);
}
