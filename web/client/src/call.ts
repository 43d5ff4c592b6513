import type { paths } from "./schema";

export type Method = "get" | "post" | "put" | "patch" | "delete";
/** Paths below one organization, as the document names them: a path that is gone fails to compile. */
export type OrgPath = keyof paths extends infer Path
  ? Path extends `/v1/orgs/{org}${infer Rest}`
    ? Rest
    : never
  : never;

export interface Call {
  path?: Record<string, string>;
  query?: object;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** One call below one organization. */
export type OrgCall = <T = void>(method: Method, template: OrgPath, call: Call) => Promise<T>;
