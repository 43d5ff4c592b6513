/**
 * The nouns of the API under short, stable names. Shapes are those on the wire: times are RFC 3339 text,
 * quantities and money are decimal text and must not be turned into floats for arithmetic.
 */

export type Timestamp = string;
export type Decimal = string;
export type Role = "owner" | "admin" | "developer" | "viewer" | "billing";
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };
/** JSON Schema 2020-12 with the product's own annotations; kept open on purpose. */
export type JsonSchema = { [keyword: string]: unknown };

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface User {
  id: string;
  email: string;
  name: string;
  email_verified_at: Timestamp | null;
  created_at: Timestamp;
}

export interface Session {
  user: User;
  token?: string;
  csrf_token?: string;
  expires_at: Timestamp;
}

export interface OrgMembership {
  id: string;
  slug: string;
  name: string;
  roles: Role[];
}

export interface Me {
  user: User | null;
  service_account: { id: string; name: string } | null;
  csrf_token: string | null;
  orgs: OrgMembership[];
}

export interface Org {
  id: string;
  slug: string;
  name: string;
  plan: string;
  created_at: Timestamp;
}

export interface Member {
  user_id: string;
  email: string;
  name: string;
  roles: Role[];
  attributes: JsonObject;
  created_at: Timestamp;
}

export interface Invitation {
  id: string;
  email: string;
  roles: Role[];
  invited_by: string | { id: string; name?: string };
  created_at: Timestamp;
  expires_at: Timestamp;
  accepted_at: Timestamp | null;
  /** Only in the answer to the creating call, when the server hands the link out. */
  link?: string;
}

export interface InvitationPreview {
  org: { slug: string; name: string };
  email: string;
  roles: Role[];
}

export interface ServiceAccount {
  id: string;
  name: string;
  roles: Role[];
  created_by: unknown;
  created_at: Timestamp;
}

export interface Token {
  id: string;
  name: string;
  /** Present once, in the answer to the creating call. */
  token?: string;
  created_at: Timestamp;
  expires_at: Timestamp | null;
  revoked_at: Timestamp | null;
  last_used_at?: Timestamp | null;
}

export interface Actor {
  type: "user" | "service_account" | "worker" | "system" | "sql" | (string & {});
  id: string | null;
  name: string | null;
}

export interface Resource<Spec = JsonObject, Status = JsonObject> {
  id: string;
  org: string;
  type: string;
  name: string;
  properties: JsonObject;
  spec: Spec;
  status: Status | null;
  observed_generation?: number | null;
  secrets_set: string[];
  generation: number;
  version: number;
  created_at: Timestamp;
  updated_at: Timestamp;
  deleted_at: Timestamp | null;
  created_by: Actor | null;
}

export interface ResourceInput {
  name: string;
  properties?: JsonObject;
  spec: unknown;
}

export interface ResourceListParams {
  limit?: number;
  cursor?: string;
  sort?: string;
  search?: string;
  filter?: string[];
  deleted?: boolean;
}

export interface ResourceType {
  name: string;
  plural: string;
  title: string;
  title_plural: string;
  description: string;
  icon: string;
  reconciled: boolean;
  spec_schema: JsonSchema;
  status_schema: JsonSchema | null;
  verbs: unknown[];
  [member: string]: unknown;
}

export interface Meter {
  name: string;
  title: string;
  unit: string;
  [member: string]: unknown;
}

export interface DashboardChart {
  title: string;
  metric: string;
  aggregate: Aggregate;
  group_by?: string[];
  unit?: string;
  bucket_secs?: number;
  description?: string;
}

export interface Dashboard {
  name: string;
  title: string;
  type: string;
  charts: DashboardChart[];
}

export interface Product {
  name: string;
  title: string;
  description: string;
  logo_svg?: string | null;
  dev: boolean;
  revision: number;
  menu: unknown[];
  types: ResourceType[];
  meters: Meter[];
  plans: unknown[];
  dashboards: Dashboard[];
}

export interface EventData {
  kind: string;
  operation: string;
  name: string | null;
  actor: Actor;
  before: JsonObject | null;
  after: JsonObject | null;
}

/** CloudEvents 1.0, as lists and the stream carry it. `seq` counts 1, 2, 3 ... per org without gaps. */
export interface PlinthEvent {
  specversion: string;
  id: string;
  source: string;
  type: string;
  subject: string;
  time: Timestamp;
  datacontenttype: string;
  seq: number;
  requestid?: string | null;
  hash?: string;
  data: EventData;
}

export interface EventListParams {
  limit?: number;
  cursor?: string;
  order?: "asc" | "desc";
  after?: number;
  kind?: string | string[];
  subject?: string;
  operation?: string | string[];
  actor?: string;
  /** `<name>:<value>`; all must hold. */
  property?: string | string[];
}

export type Aggregate = "sum" | "avg" | "min" | "max" | "p95" | "rate" | "last";

export interface MetricQuery {
  name: string;
  aggregate: Aggregate;
  from: Timestamp;
  to: Timestamp;
  bucket_secs: number;
  group_by?: string[];
  resource?: string;
  labels?: Record<string, string>;
}

export interface MetricSeries {
  group: Record<string, string>;
  points: { at: Timestamp; value: number | null }[];
}

export interface UsageRecord {
  source: string;
  id: string;
  meter: string;
  resource: string | null;
  quantity: Decimal;
  at: Timestamp;
  properties: JsonObject;
  recorded_at: Timestamp;
}

export interface UsageListParams {
  meter?: string;
  resource?: string;
  from?: Timestamp;
  to?: Timestamp;
  limit?: number;
  cursor?: string;
}

export interface BillTier {
  from: Decimal;
  to: Decimal | null;
  quantity: Decimal;
  unit_price: Decimal;
  amount: Decimal;
}

export interface BillLine {
  meter: string;
  title: string;
  unit: string;
  resource: { id: string; name: string; type: string } | null;
  quantity: Decimal;
  unit_price?: Decimal | null;
  tiers: BillTier[];
  amount: Decimal;
  records: number;
  drill: string;
}

export interface Bill {
  org: string;
  plan: string;
  currency: string;
  period: { from: Timestamp; to: Timestamp };
  as_of: Timestamp;
  lines: BillLine[];
  subtotals: { meter: string; title: string; quantity: Decimal; amount: Decimal }[];
  total: Decimal;
}

export interface OutboxMail {
  id: string;
  recipient: string;
  subject: string;
  body: string;
  created_at: Timestamp;
}

export interface DiscoveredTable {
  name: string;
  kind?: string;
  rows_estimate?: number | null;
  columns?: { name: string; type: string; nullable?: boolean; primary_key?: boolean }[];
  cursor_candidates?: string[];
}

/** What a declared action (`check`, `discover`, ...) answers. Not reached is an answer too: `ok` is then false. */
export interface ActionResult {
  ok: boolean;
  message?: string | null;
  hint?: string | null;
  server?: string | null;
  tables?: DiscoveredTable[];
  [member: string]: unknown;
}
