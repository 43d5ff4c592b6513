import type { OrgCall } from "./call";
import { type ReadOptions, type WriteOptions, writing } from "./options";
import type {
  Page,
  Policy,
  PolicyCheck,
  PolicyImpact,
  PolicyInput,
  PolicySays,
  PolicyVersion,
  RefusedRequest,
} from "./types";

/** The org's policies. */
export class PolicyClient {
  constructor(private readonly call: OrgCall) {}

  list(query: { limit?: number; cursor?: string } = {}, options: ReadOptions = {}): Promise<Page<Policy>> {
    return this.call("get", "/policies", { query, ...options });
  }

  get(id: string, options: ReadOptions = {}): Promise<Policy> {
    return this.call("get", "/policies/{id}", { path: { id }, ...options });
  }

  /** Looks at a draft and keeps nothing: Cedar of a form, the form of Cedar, warnings. */
  check(draft: PolicySays, options: ReadOptions = {}): Promise<PolicyCheck> {
    return this.call("post", "/policies/check", { body: draft, ...options });
  }

  create(input: PolicyInput, options: WriteOptions = {}): Promise<Policy> {
    return this.call("post", "/policies", { body: input, ...writing(options) });
  }

  replace(id: string, input: PolicyInput, options: WriteOptions = {}): Promise<Policy> {
    return this.call("put", "/policies/{id}", { path: { id }, body: input, ...writing(options) });
  }

  /** Only a dry run answers with something: what the deletion would change. */
  delete(id: string, options: WriteOptions = {}): Promise<{ impact?: PolicyImpact } | undefined> {
    return this.call("delete", "/policies/{id}", { path: { id }, ...writing(options) });
  }

  /** What it said before, newest first; also when it is deleted. */
  versions(
    id: string,
    query: { limit?: number; cursor?: string } = {},
    options: ReadOptions = {},
  ): Promise<Page<PolicyVersion>> {
    return this.call("get", "/policies/{id}/versions", { path: { id }, query, ...options });
  }

  /** What was refused to whom in the last 7 days, newest first. */
  refusals(
    query: { limit?: number; cursor?: string } = {},
    options: ReadOptions = {},
  ): Promise<Page<RefusedRequest>> {
    return this.call("get", "/refusals", { query, ...options });
  }

  /** The wording that it had in a version, as a new version. */
  revert(id: string, version: number, options: WriteOptions = {}): Promise<Policy> {
    return this.call("post", "/policies/{id}/revert", {
      path: { id },
      body: { version },
      ...writing(options),
    });
  }
}
