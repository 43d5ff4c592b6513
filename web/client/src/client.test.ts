import { expect, test } from "vitest";
import { Plinth } from "./client";
import { PlinthError } from "./problem";

interface Call {
  request: Request;
  body: string;
}

function server(answer: (request: Request) => Response) {
  const calls: Call[] = [];
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    calls.push({ request, body: await request.clone().text() });
    return answer(request);
  };
  return { calls, fetch: fetch as typeof globalThis.fetch };
}

const json = (value: unknown, status = 200) =>
  new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json" } });

const baseUrl = "http://plinth.test";

test("after login every write carries the csrf token and no token in the open", async () => {
  const { calls, fetch } = server((request) =>
    request.url.endsWith("/login") ? json({ user: {}, csrf_token: "c1", expires_at: "" }) : json({}, 201),
  );
  const plinth = new Plinth({ baseUrl, fetch });
  await plinth.login({ email: "a@b.test", password: "long enough text" });
  await plinth.createOrg({ slug: "acme", name: "Acme" });
  expect(JSON.parse(calls[0]?.body ?? "")).toMatchObject({ session: "cookie" });
  expect(calls[1]?.request.headers.get("x-csrf-token")).toBe("c1");
  expect(calls[1]?.request.headers.get("authorization")).toBeNull();
});

test("each post has its own idempotency key", async () => {
  const { calls, fetch } = server(() => json({}, 201));
  const plinth = new Plinth({ baseUrl, token: "plinth_sat_x", fetch });
  await plinth.createOrg({ slug: "a", name: "A" });
  await plinth.createOrg({ slug: "b", name: "B" });
  const keys = calls.map((call) => call.request.headers.get("idempotency-key"));
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(keys[0]).not.toBe(keys[1]);
  expect(calls[0]?.request.headers.get("authorization")).toBe("Bearer plinth_sat_x");
});

test("a patch is a merge patch guarded by the version that was read", async () => {
  const { calls, fetch } = server(() => json({ id: "pipeline_1" }));
  const pipelines = new Plinth({ baseUrl, fetch }).org("acme").resources("pipelines");
  await pipelines.patch("nightly", { spec: { paused: true } }, { version: 7 });
  const { request, body } = calls[0] as Call;
  expect(request.method).toBe("PATCH");
  expect(new URL(request.url).pathname).toBe("/v1/orgs/acme/pipelines/nightly");
  expect(request.headers.get("if-match")).toBe('"7"');
  expect(request.headers.get("content-type")).toBe("application/merge-patch+json");
  expect(JSON.parse(body)).toEqual({ spec: { paused: true } });
});

test("filters are repeated in the query and names are escaped in the path", async () => {
  const { calls, fetch } = server(() => json({ items: [], next: null }));
  const org = new Plinth({ baseUrl, fetch }).org("acme/../x");
  await org
    .resources("pipelines")
    .list({ filter: ["properties.team=data", "status.state!=failed"], deleted: true });
  const url = new URL(calls[0]?.request.url ?? "");
  expect(url.pathname).toBe("/v1/orgs/acme%2F..%2Fx/pipelines");
  expect(url.searchParams.getAll("filter")).toEqual(["properties.team=data", "status.state!=failed"]);
  expect(url.searchParams.get("deleted")).toBe("true");
});

test("a policy is tried before it is kept, and replaced only as it was read", async () => {
  const { calls, fetch } = server(() => json({ id: "policy_1" }));
  const { policies } = new Plinth({ baseUrl, fetch }).org("acme");
  const input = {
    name: "contractors",
    statements: [{ effect: "permit" as const, subject: "everybody" as const }],
  };
  await policies.create(input, { dryRun: true });
  await policies.replace("policy_1", input, { version: 3 });
  await policies.revert("policy_1", 2, { version: 4 });
  await policies.delete("policy_1", { version: 5 });
  const sent = calls.map(({ request }) => {
    const { pathname, search } = new URL(request.url);
    return `${request.method} ${pathname}${search} ${request.headers.get("if-match")}`;
  });
  expect(sent).toEqual([
    "POST /v1/orgs/acme/policies?dry_run=true null",
    'PUT /v1/orgs/acme/policies/policy_1 "3"',
    'POST /v1/orgs/acme/policies/policy_1/revert "4"',
    'DELETE /v1/orgs/acme/policies/policy_1 "5"',
  ]);
  expect(JSON.parse(calls[1]?.body ?? "")).toEqual(input);
  expect(JSON.parse(calls[2]?.body ?? "")).toEqual({ version: 2 });
});

test("a draft is looked at, and what it said before is listed", async () => {
  const { calls, fetch } = server((request) =>
    request.url.endsWith("/roles")
      ? json({ items: [{ name: "viewer", text: "permit (..);" }] })
      : json({ items: [], next: null }),
  );
  const org = new Plinth({ baseUrl, fetch }).org("acme");
  await org.policies.check({ text: "permit (principal, action, resource);" });
  await org.policies.versions("policy_1", { limit: 2 });
  expect(await org.roles()).toEqual([{ name: "viewer", text: "permit (..);" }]);
  const paths = calls.map(({ request }) => request.url.slice(baseUrl.length));
  expect(paths).toEqual([
    "/v1/orgs/acme/policies/check",
    "/v1/orgs/acme/policies/policy_1/versions?limit=2",
    "/v1/orgs/acme/roles",
  ]);
});

test("questions are asked together, for the caller or for somebody else", async () => {
  const answers = [{ allowed: true, everything: true, reason: "you may", statements: [] }];
  const { calls, fetch } = server(() => json({ answers }));
  const org = new Plinth({ baseUrl, fetch }).org("acme");
  const questions = [{ action: "pipelines:pause", resource: "nightly" }];
  expect(await org.authorize(questions)).toEqual(answers);
  await org.authorize(questions, { principal: "user_2" });
  expect(calls.map(({ body }) => JSON.parse(body))).toEqual([
    { questions },
    { questions, principal: "user_2" },
  ]);
});

test("a 401 is told to the application and thrown to the caller", async () => {
  const { fetch } = server(() => json({ title: "t", status: 401, code: "unauthenticated" }, 401));
  let told = 0;
  const plinth = new Plinth({ baseUrl, fetch, onUnauthenticated: () => (told += 1) });
  await expect(plinth.me()).rejects.toMatchObject({ code: "unauthenticated" });
  expect(told).toBe(1);
});

test("a server that cannot be reached is a typed error as well", async () => {
  const fetch = () => Promise.reject(new TypeError("fetch failed"));
  const failed = await new Plinth({ baseUrl, fetch }).product().catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(PlinthError);
  expect((failed as PlinthError).code).toBe("unreachable");
});
