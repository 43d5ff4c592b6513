/** Paths of the API as openapi-fetch reads them. */
// biome-ignore lint/suspicious/noExplicitAny: openapi-fetch's own shape for "any path".
export type paths = Record<string, any>;
