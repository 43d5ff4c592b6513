import createClient, { type Client } from "openapi-fetch";
import type { Call, Method, OrgPath } from "./call";
import { type EventStream, type EventStreamOptions, openEventStream } from "./events";
import { type ReadOptions, type WriteOptions, writing } from "./options";
import { PolicyClient } from "./policies";
import type { paths } from "./schema";
import { Transport, type TransportOptions } from "./transport";
import type {
  ActionResult,
  AuthorizeAnswer,
  AuthorizeQuestion,
  Bill,
  EventListParams,
  Invitation,
  InvitationPreview,
  Me,
  Member,
  MetricQuery,
  MetricSeries,
  OpenedSqlLogin,
  Org,
  OutboxMail,
  OwnSession,
  Page,
  PlinthEvent,
  Product,
  Resource,
  ResourceInput,
  ResourceListParams,
  Role,
  RolePolicy,
  ServiceAccount,
  Session,
  SignalPage,
  SqlLogin,
  StandingInput,
  Token,
  UsageListParams,
  UsageRecord,
} from "./types";

/**
 * The API, one member per noun. `http` is the typed client below it (openapi-fetch over the generated paths) for
 * whatever the nouns do not cover. Every failure is a `PlinthError`.
 */
export class Plinth {
  readonly transport: Transport;
  readonly http: Client<paths>;

  constructor(options: TransportOptions = {}) {
    this.transport = new Transport(options);
    this.http = createClient<paths>({
      baseUrl: this.transport.baseUrl || globalThis.location?.origin,
      fetch: this.transport.fetch,
    });
  }

  // --- account

  async signup(input: { email: string; name: string; password: string }): Promise<Session> {
    return this.session(
      await this.call<Session>("post", "/v1/signup", { body: { ...input, session: "cookie" } }),
    );
  }

  async login(input: { email: string; password: string }): Promise<Session> {
    return this.session(
      await this.call<Session>("post", "/v1/login", { body: { ...input, session: "cookie" } }),
    );
  }

  /** Where the caller is logged in. */
  sessions(options: ReadOptions = {}): Promise<Page<OwnSession>> {
    return this.call("get", "/v1/sessions", options);
  }

  /** Ends one of the caller's own sessions. */
  endSession(id: string): Promise<void> {
    return this.call("delete", "/v1/sessions/{id}", { path: { id } });
  }

  async logout(): Promise<void> {
    await this.call("post", "/v1/logout", {});
    this.transport.setCsrfToken(null);
  }

  async me(options: ReadOptions = {}): Promise<Me> {
    const me = await this.call<Me>("get", "/v1/me", options);
    this.transport.setCsrfToken(me.csrf_token);
    return me;
  }

  product(options: ReadOptions = {}): Promise<Product> {
    return this.call("get", "/v1/product", options);
  }

  resendVerification(): Promise<void> {
    return this.call("post", "/v1/email-verifications", { body: {} });
  }

  confirmVerification(token: string): Promise<void> {
    return this.call("post", "/v1/email-verifications/confirm", { body: { token } });
  }

  requestPasswordReset(email: string): Promise<void> {
    return this.call("post", "/v1/password-resets", { body: { email } });
  }

  confirmPasswordReset(input: { token: string; password: string }): Promise<void> {
    return this.call("post", "/v1/password-resets/confirm", { body: input });
  }

  outbox(options: ReadOptions = {}): Promise<Page<OutboxMail>> {
    return this.call("get", "/v1/dev/outbox", options);
  }

  previewInvitation(token: string, options: ReadOptions = {}): Promise<InvitationPreview> {
    return this.call("get", "/v1/invitations/preview", { query: { token }, ...options });
  }

  acceptInvitation(token: string): Promise<{ org: Org }> {
    return this.call("post", "/v1/invitations/accept", { body: { token } });
  }

  createOrg(input: { slug: string; name: string }): Promise<Org> {
    return this.call("post", "/v1/orgs", { body: input });
  }

  /** Everything inside one organization; `org` is its id or slug. */
  org(org: string): OrgClient {
    return new OrgClient(this, org);
  }

  /** One live reader of an organization's events; see `openEventStream`. */
  events(options: EventStreamOptions): EventStream {
    return openEventStream(this.transport, options);
  }

  /** One call by method and path template. The nouns are written with it; paths of resource types are not known here. */
  async call<T = void>(
    method: Method,
    template: keyof paths | `/v1/orgs/{org}/${string}`,
    call: Call,
  ): Promise<T> {
    const { data } = await this.http.request(
      method,
      template as never,
      {
        params: { path: call.path, query: call.query },
        body: call.body,
        headers: call.headers,
        signal: call.signal,
      } as never,
    );
    return data as T;
  }

  private session(session: Session): Session {
    this.transport.setCsrfToken(session.csrf_token ?? null);
    return session;
  }
}

export class OrgClient {
  constructor(
    private readonly plinth: Plinth,
    private readonly org: string,
  ) {}

  get(options: ReadOptions = {}): Promise<Org> {
    return this.call("get", "", options);
  }

  update(input: { name?: string; time_zone?: string }): Promise<Org> {
    return this.call("patch", "", { body: input });
  }

  async permissions(options: ReadOptions = {}): Promise<string[]> {
    const answer = await this.call<{ permissions: string[] }>("get", "/permissions", options);
    return answer.permissions;
  }

  members(query: { limit?: number; cursor?: string } = {}, options: ReadOptions = {}): Promise<Page<Member>> {
    return this.call("get", "/members", { query, ...options });
  }

  updateMember(userId: string, input: StandingInput): Promise<Member> {
    return this.call("patch", "/members/{user_id}", { path: { user_id: userId }, body: input });
  }

  removeMember(userId: string): Promise<void> {
    return this.call("delete", "/members/{user_id}", { path: { user_id: userId } });
  }

  invitations(
    query: { limit?: number; cursor?: string } = {},
    options: ReadOptions = {},
  ): Promise<Page<Invitation>> {
    return this.call("get", "/invitations", { query, ...options });
  }

  invite(input: { email: string; roles: Role[] }): Promise<Invitation> {
    return this.call("post", "/invitations", { body: input });
  }

  revokeInvitation(id: string): Promise<void> {
    return this.call("delete", "/invitations/{id}", { path: { id } });
  }

  serviceAccounts(
    query: { limit?: number; cursor?: string } = {},
    options: ReadOptions = {},
  ): Promise<Page<ServiceAccount>> {
    return this.call("get", "/service-accounts", { query, ...options });
  }

  createServiceAccount(input: { name: string; roles: Role[] } & StandingInput): Promise<ServiceAccount> {
    return this.call("post", "/service-accounts", { body: input });
  }

  updateServiceAccount(id: string, input: StandingInput): Promise<ServiceAccount> {
    return this.call("patch", "/service-accounts/{id}", { path: { id }, body: input });
  }

  deleteServiceAccount(id: string): Promise<void> {
    return this.call("delete", "/service-accounts/{id}", { path: { id } });
  }

  tokens(serviceAccountId: string, options: ReadOptions = {}): Promise<Page<Token>> {
    return this.call("get", "/service-accounts/{id}/tokens", { path: { id: serviceAccountId }, ...options });
  }

  createToken(serviceAccountId: string, input: { name: string; expires_in_secs?: number }): Promise<Token> {
    return this.call("post", "/service-accounts/{id}/tokens", {
      path: { id: serviceAccountId },
      body: input,
    });
  }

  revokeToken(serviceAccountId: string, tokenId: string): Promise<void> {
    const path = { id: serviceAccountId, token_id: tokenId };
    return this.call("delete", "/service-accounts/{id}/tokens/{token_id}", { path });
  }

  sqlLogins(serviceAccountId: string, options: ReadOptions = {}): Promise<Page<SqlLogin>> {
    return this.call("get", "/service-accounts/{id}/sql-logins", {
      path: { id: serviceAccountId },
      ...options,
    });
  }

  createSqlLogin(
    serviceAccountId: string,
    input: { name: string; expires_in_secs?: number },
  ): Promise<OpenedSqlLogin> {
    return this.call("post", "/service-accounts/{id}/sql-logins", {
      path: { id: serviceAccountId },
      body: input,
    });
  }

  revokeSqlLogin(serviceAccountId: string, loginId: string): Promise<void> {
    const path = { id: serviceAccountId, login_id: loginId };
    return this.call("delete", "/service-accounts/{id}/sql-logins/{login_id}", { path });
  }

  /** What may be done by whom, in Cedar and in the easy form. */
  get policies(): PolicyClient {
    return new PolicyClient((method, template, call) => this.call(method, template, call));
  }

  /** The product's roles as policies, which hold in every org. */
  async roles(options: ReadOptions = {}): Promise<RolePolicy[]> {
    const answer = await this.call<{ items: RolePolicy[] }>("get", "/roles", options);
    return answer.items;
  }

  /**
   * May the caller do these, 100 at most? Answers come in the order of the questions. With `principal`, the id of a
   * member or service account, the questions are asked for that one.
   */
  async authorize(
    questions: AuthorizeQuestion[],
    { principal, ...options }: ReadOptions & { principal?: string } = {},
  ): Promise<AuthorizeAnswer[]> {
    const body = { questions, ...(principal ? { principal } : {}) };
    const answer = await this.call<{ answers: AuthorizeAnswer[] }>("post", "/authorize", {
      body,
      ...options,
    });
    return answer.answers;
  }

  /** What was unusual, newest first; with `principal`, the id of a member or service account, of that one. */
  signals(
    query: { principal?: string; limit?: number; cursor?: string } = {},
    options: ReadOptions = {},
  ): Promise<SignalPage> {
    return this.call("get", "/signals", { query, ...options });
  }

  events(query: EventListParams = {}, options: ReadOptions = {}): Promise<Page<PlinthEvent>> {
    return this.call("get", "/events", { query, ...options });
  }

  async queryMetrics(query: MetricQuery, options: ReadOptions = {}): Promise<MetricSeries[]> {
    const { labels, ...rest } = query;
    const label = Object.entries(labels ?? {}).map(([name, value]) => `${name}=${value}`);
    const answer = await this.call<{ series: MetricSeries[] }>("get", "/metrics/query", {
      query: { ...rest, label },
      ...options,
    });
    return answer.series;
  }

  usage(query: UsageListParams = {}, options: ReadOptions = {}): Promise<Page<UsageRecord>> {
    return this.call("get", "/usage", { query, ...options });
  }

  bill(query: { period?: string; resource?: string } = {}, options: ReadOptions = {}): Promise<Bill> {
    return this.call("get", "/bill", { query, ...options });
  }

  /** Resources of one type, by the plural that the product declares. */
  resources<Spec, Status>(plural: string): ResourceClient<Spec, Status> {
    return new ResourceClient(this, plural);
  }

  call<T = void>(method: Method, template: OrgPath, call: Call): Promise<T> {
    return this.below<T>(method, template, call);
  }

  /** Paths of resource types are the product's and not known here. */
  below<T = void>(method: Method, template: string, call: Call): Promise<T> {
    return this.plinth.call<T>(method, `/v1/orgs/{org}${template}` as `/v1/orgs/{org}/${string}`, {
      ...call,
      path: { ...call.path, org: this.org },
    });
  }
}

export class ResourceClient<Spec, Status> {
  constructor(
    private readonly org: OrgClient,
    private readonly plural: string,
  ) {}

  list(query: ResourceListParams = {}, options: ReadOptions = {}): Promise<Page<Resource<Spec, Status>>> {
    return this.org.below("get", `/${this.plural}`, { query, ...options });
  }

  get(
    nameOrId: string,
    { include, ...options }: ReadOptions & Pick<ResourceListParams, "include"> = {},
  ): Promise<Resource<Spec, Status>> {
    const query = include ? { include } : {};
    return this.org.below("get", `/${this.plural}/{name}`, { path: { name: nameOrId }, query, ...options });
  }

  create(input: ResourceInput, options: WriteOptions = {}): Promise<Resource<Spec, Status>> {
    return this.org.below("post", `/${this.plural}`, { body: input, ...writing(options) });
  }

  /** Merge patch (RFC 7396): `null` removes a member. */
  patch(
    nameOrId: string,
    patch: { owner?: string | null; properties?: unknown; spec?: unknown },
    options: WriteOptions = {},
  ): Promise<Resource<Spec, Status>> {
    const call = writing(options);
    call.headers["content-type"] = "application/merge-patch+json";
    return this.org.below("patch", `/${this.plural}/{name}`, {
      path: { name: nameOrId },
      body: patch,
      ...call,
    });
  }

  replace(
    nameOrId: string,
    input: ResourceInput,
    options: WriteOptions = {},
  ): Promise<Resource<Spec, Status>> {
    return this.org.below("put", `/${this.plural}/{name}`, {
      path: { name: nameOrId },
      body: input,
      ...writing(options),
    });
  }

  delete(nameOrId: string, options: WriteOptions = {}): Promise<Resource<Spec, Status>> {
    return this.org.below("delete", `/${this.plural}/{name}`, {
      path: { name: nameOrId },
      ...writing(options),
    });
  }

  undelete(id: string): Promise<Resource<Spec, Status>> {
    return this.org.below("post", `/${this.plural}/{name}/undelete`, { path: { name: id } });
  }

  /** Does what the type declares under the name of a verb, such as `pause`: a permission of its own, not `update`. */
  carryOut(nameOrId: string, verb: string, options: WriteOptions = {}): Promise<Resource<Spec, Status>> {
    const path = { name: nameOrId };
    return this.org.below("post", `/${this.plural}/{name}/${verb}`, { path, ...writing(options) });
  }

  /** An action that the type declares, on a stored resource. */
  act(nameOrId: string, action: string, options: ReadOptions = {}): Promise<ActionResult> {
    const path = { name: nameOrId };
    return this.org.below("post", `/${this.plural}/{name}/actions/${action}`, { path, body: {}, ...options });
  }

  /** The same on a draft that is not stored. */
  actOnDraft(spec: unknown, action: string, options: ReadOptions = {}): Promise<ActionResult> {
    return this.org.below("post", `/${this.plural}/actions/${action}`, { body: { spec }, ...options });
  }
}
