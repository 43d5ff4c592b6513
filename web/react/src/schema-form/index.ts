export { withoutAddedDefaults } from "./defaults";
export { PropertiesField } from "./properties";
export { SchemaForm, type SchemaFormProps } from "./schema-form";
export { withoutSecrets } from "./secrets";
