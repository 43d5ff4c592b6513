import type {
  AuthorizeQuestion,
  EventListParams,
  MetricQuery,
  PolicySays,
  ResourceListParams,
  UsageListParams,
} from "@plinth/client";

/** Query keys, from the general to the particular: a shorter key stands for all that begin with it. */
export const keys = {
  me: ["me"] as const,
  product: ["product"] as const,
  outbox: ["outbox"] as const,
  sessions: ["sessions"] as const,
  org: (org: string) => ["org", org] as const,
  details: (org: string) => ["org", org, "details"] as const,
  permissions: (org: string) => ["org", org, "permissions"] as const,
  members: (org: string) => ["org", org, "members"] as const,
  invitations: (org: string) => ["org", org, "invitations"] as const,
  serviceAccounts: (org: string) => ["org", org, "service-accounts"] as const,
  tokens: (org: string, serviceAccount: string) => ["org", org, "tokens", serviceAccount] as const,
  sqlLogins: (org: string, serviceAccount: string) => ["org", org, "sql-logins", serviceAccount] as const,
  policies: (org: string) => ["org", org, "policies"] as const,
  policy: (org: string, id: string) => ["org", org, "policies", id] as const,
  policyVersions: (org: string, id: string) => ["org", org, "policies", id, "versions"] as const,
  policyCheck: (org: string, draft: PolicySays | null) => ["org", org, "policy-check", draft] as const,
  refusals: (org: string) => ["org", org, "refusals"] as const,
  roles: (org: string) => ["org", org, "roles"] as const,
  signals: (org: string, principal: string | undefined) =>
    ["org", org, "signals", principal ?? null] as const,
  answers: (org: string) => ["org", org, "authorize"] as const,
  answer: (org: string, principal: string | undefined, question: AuthorizeQuestion | null) =>
    ["org", org, "authorize", principal ?? null, question] as const,
  resourceLists: (org: string, plural: string) => ["org", org, "list", plural] as const,
  resourceList: (org: string, plural: string, params: ResourceListParams) =>
    ["org", org, "list", plural, params] as const,
  resources: (org: string, plural: string) => ["org", org, "one", plural] as const,
  resource: (org: string, plural: string, nameOrId: string) => ["org", org, "one", plural, nameOrId] as const,
  action: (org: string, plural: string, nameOrId: string, action: string) =>
    ["org", org, "action", plural, nameOrId, action] as const,
  eventLists: (org: string) => ["org", org, "events"] as const,
  eventList: (org: string, params: EventListParams) => ["org", org, "events", params] as const,
  metrics: (org: string) => ["org", org, "metrics"] as const,
  metric: (org: string, query: Omit<MetricQuery, "from" | "to">, spanSecs: number) =>
    ["org", org, "metrics", query, spanSecs] as const,
  bills: (org: string) => ["org", org, "bill"] as const,
  bill: (org: string, query: object) => ["org", org, "bill", query] as const,
  usages: (org: string) => ["org", org, "usage"] as const,
  usage: (org: string, params: UsageListParams) => ["org", org, "usage", params] as const,
};
