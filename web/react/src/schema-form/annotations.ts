import type { JsonSchema } from "@plinth/client";
import type { UiSchema } from "@rjsf/utils";
import { isObject } from "../lib/json";

/**
 * Reads the annotations that products write into their schemas (`x-plinth-secret`, `x-plinth-reference`,
 * `x-plinth-immutable`) and turns them into the form's instructions.
 */
export function uiSchemaFor(schema: JsonSchema, editing: boolean, pointer = ""): UiSchema {
  const ui: UiSchema = {};
  if (schema["x-plinth-secret"] === true) ui["ui:widget"] = "secret";
  const reference = schema["x-plinth-reference"];
  if (typeof reference === "string") {
    ui["ui:widget"] = "reference";
    ui["ui:options"] = { reference };
  }
  if ("const" in schema) ui["ui:widget"] = "hidden";
  if (schema["x-plinth-immutable"] === true && editing) ui["ui:readonly"] = true;
  if (schema["x-plinth-secret"] === true) ui["ui:pointer"] = pointer;
  const order = orderOf(schema);
  if (order) ui["ui:order"] = order;
  for (const [name, inner] of Object.entries(objectOf(schema.properties))) {
    if (isObject(inner)) ui[name] = uiSchemaFor(inner, editing, `${pointer}/${name}`);
  }
  if (isObject(schema.items)) ui.items = uiSchemaFor(schema.items, editing, `${pointer}/-`);
  if (Array.isArray(schema.oneOf)) {
    ui.oneOf = schema.oneOf.map((option) => (isObject(option) ? uiSchemaFor(option, editing, pointer) : {}));
    // What tells the options apart cannot change when it is immutable.
    if (editing && schema.oneOf.some(hasImmutableConst)) ui["ui:options"] = { locked: true };
  }
  return ui;
}

/** Objects may lose the order of their members on the way here; lists keep it. So what is required comes first. */
function orderOf(schema: JsonSchema): string[] | undefined {
  const names = Object.keys(objectOf(schema.properties));
  if (names.length === 0) return undefined;
  const declared = arrayOf(schema["x-plinth-order"]).filter(
    (name): name is string => typeof name === "string",
  );
  const required = arrayOf(schema.required).filter((name): name is string => typeof name === "string");
  const first = [...new Set([...declared, ...required])].filter((name) => names.includes(name));
  return [...first, "*"];
}

function objectOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

function hasImmutableConst(option: unknown): boolean {
  if (!isObject(option)) return false;
  return Object.values(objectOf(option.properties)).some(
    (field) => isObject(field) && "const" in field && field["x-plinth-immutable"] === true,
  );
}

/**
 * Replaces each `oneOf` by the option that the data has chosen (by its `const` fields), so that the messages are
 * about that option and not about all of them.
 */
export function narrow(schema: JsonSchema, data: unknown): JsonSchema {
  let result = schema;
  if (Array.isArray(schema.oneOf)) {
    const chosen = schema.oneOf.filter(isObject).find((option) => constsMatch(option, data));
    if (chosen) {
      const { oneOf: _, ...rest } = schema;
      const required = [...arrayOf(rest.required), ...arrayOf(chosen.required)];
      result = { ...rest, ...chosen, ...(required.length > 0 ? { required: [...new Set(required)] } : {}) };
    }
  }
  const properties = objectOf(result.properties);
  if (Object.keys(properties).length === 0 || !isObject(data)) return result;
  const narrowed = Object.entries(properties).map(([name, inner]) => [
    name,
    isObject(inner) ? narrow(inner, data[name]) : inner,
  ]);
  return { ...result, properties: Object.fromEntries(narrowed) };
}

function arrayOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function constsMatch(option: Record<string, unknown>, data: unknown): boolean {
  const consts = Object.entries(objectOf(option.properties)).filter(
    ([, field]) => isObject(field) && "const" in field,
  );
  return (
    consts.length > 0 &&
    isObject(data) &&
    consts.every(([name, field]) => data[name] === (field as JsonSchema).const)
  );
}
