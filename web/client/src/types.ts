/**
 * The nouns of the API under short, stable names, taken from the generated schema. Shapes are those on the wire: times
 * are RFC 3339 text, quantities and money are decimal text and must not be turned into floats for arithmetic.
 */

import type { components } from "./schema";

type Schemas = components["schemas"];
/** The generator has no word for "any JSON object": such members are given their type here. */
type With<Shape, Members> = Omit<Shape, keyof Members> & Members;

export type Timestamp = string;
export type Decimal = string;
export type Role = Schemas["Role"];
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };
/** JSON Schema 2020-12 with the product's own annotations; kept open on purpose. */
export type JsonSchema = { [keyword: string]: unknown };

export interface Page<T> {
  items: T[];
  next: string | null;
}

export type User = Schemas["User"];
export type Session = Schemas["Session"];
export type OwnSession = Schemas["OwnSession"];
export type OrgMembership = Schemas["OwnOrg"];
export type Me = Schemas["Me"];
export type Org = Schemas["Org"];
export type Member = With<Schemas["Member"], { attributes: JsonObject }>;
export type Invitation = Schemas["Invitation"];
export type InvitationPreview = Schemas["PreviewWire"];
export type ServiceAccount = With<Schemas["ServiceAccount"], { attributes: JsonObject }>;
/** What policies look at of a principal; what is left out stays. */
export interface StandingInput {
  roles?: Role[];
  groups?: string[];
  attributes?: JsonObject;
}
export type Token = Schemas["Token"] & {
  /** Present once, in the answer to the creating call. */
  token?: string;
};
export type SqlLogin = Schemas["SqlLogin"];
/** With its password and where to connect, in the answer to the creating call. */
export type OpenedSqlLogin = Schemas["OpenedSqlLogin"];
export type Actor = Schemas["ActorWire"];

export type Resource<Spec = JsonObject, Status = JsonObject> = With<
  Schemas["Resource"],
  { properties: JsonObject; spec: Spec; status: Status }
>;

export interface ResourceInput {
  name: string;
  /** Id of a member's user or of a service account, `null` for nobody. Left out: whoever makes it, or as it is. */
  owner?: string | null;
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
  /** Adds `_actions` to each: what the caller may do to it. */
  include?: "actions";
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

export type EventData = With<Schemas["EventData"], { before: JsonObject | null; after: JsonObject | null }>;

/** CloudEvents 1.0, as lists and the stream carry it. `seq` counts 1, 2, 3 ... per org without gaps. */
export type PlinthEvent = With<Schemas["Event"], { data: EventData }>;

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

export type Aggregate = Schemas["Aggregate"];

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

export type UsageRecord = With<Schemas["UsageRecord"], { properties: JsonObject }>;

export interface UsageListParams {
  meter?: string;
  resource?: string;
  from?: Timestamp;
  to?: Timestamp;
  limit?: number;
  cursor?: string;
}

/** A value of a label. */
export type Literal = string | number | boolean;

/** One statement of a policy in the easy form. */
export interface PolicyStatement {
  effect: "permit" | "forbid";
  subject: PolicySubject;
  /** Actions and groups of actions, such as `pipelines:pause` and `resources:*`; none for all. */
  actions?: string[];
  resource?: PolicyTarget;
  /** All of these circumstances. */
  when?: PolicySignal[];
}

export type PolicySubject =
  | "everybody"
  | { user: string }
  | { service_account: string }
  | { role: string }
  | { group: string }
  | { attributes: Record<string, Literal> };

export interface PolicyTarget {
  /** Name of a resource type, or of a built-in kind; all when absent. */
  type?: string;
  id?: string;
  /** `{principal}` stands for the principal's own attribute of that name. */
  properties?: Record<string, Literal | { principal: string }>;
}

/** One circumstance: an object with a single member, such as `{"within_networks": [..]}`. */
export type PolicySignal = { [name: string]: string[] | string | number };

type WithStatements<Shape> = With<Shape, { statements: PolicyStatement[] | null }>;
export type Policy = WithStatements<Schemas["Policy"]>;
/** A draft says it either in Cedar or in the easy form. */
export type PolicySays = { text: string } | { statements: PolicyStatement[] };
export type PolicyInput = { name: string; description?: string } & PolicySays;
export type PolicyCheck = WithStatements<Schemas["PolicyCheck"]>;
export type PolicyFinding = Schemas["PolicyFinding"];
export type PolicyVersion = Schemas["PolicyVersion"];
export type RolePolicy = Schemas["RolePolicy"];

/** What was unusual about the requests and logins of a principal. */
export type Signal = Schemas["Signal"];
/** What policies call `context.risk`, as it is now. */
export type Risk = Schemas["Risk"];
/** `risk` is there when a principal was asked for. */
export interface SignalPage extends Page<Signal> {
  risk: Risk | null;
}

/** What a change of the policies would mean, as far as the server has looked. */
export type PolicyImpact = Schemas["PolicyImpact"];
export type PolicyChange = Schemas["PolicyChange"];

/** What policies have refused to somebody, once or often. */
export type RefusedRequest = Schemas["RefusedRequest"];

/**
 * May I do this? About a resource by name or id, about a draft of one, or about anything; with both, about what the
 * resource would become.
 */
export interface AuthorizeQuestion {
  action: string;
  resource?: string;
  draft?: { name?: string; owner?: string | null; properties?: JsonObject; spec?: JsonObject };
}

/** A statement that decided, with the attributes that it looked at; only for those who may see policies. */
export interface DecidingStatement {
  id: { policy: string; [member: string]: unknown };
  line: number;
  says: string;
  attributes: JsonObject;
}

/** Values by the names of properties: each of the properties has to have one of its values. */
export type PropertyRequirement = Schemas["AuthorizeAnswer"]["requires"][number];
export type AuthorizeAnswer = With<Schemas["AuthorizeAnswer"], { statements: DecidingStatement[] }>;

export type Bill = Schemas["Bill"];
export type BillLine = Schemas["BillLine"];
export type BillTier = Schemas["BillTier"];
export type BillSubtotal = Schemas["BillSubtotal"];
export type OutboxMail = Schemas["OutboxMessage"];

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
