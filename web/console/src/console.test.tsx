import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { ALL, answers, connection, open, wait, widget } from "./fake-server";

test("from the overview to a pipeline on the samples takes three clicks", async () => {
  const created = {
    ...connection("p", ""),
    id: "pipeline_1",
    type: "pipeline",
    name: "shop-to-warehouse",
    status: { state: "pending" },
  };
  const { sent, router } = open("/orgs/acme", ALL, {
    "POST /v1/orgs/acme/pipelines": () => created,
    "GET /v1/orgs/acme/pipelines/shop-to-warehouse": () => ({
      ...created,
      spec: { source: { connection: "shop" }, destination: { connection: "warehouse" }, mode: "incremental" },
    }),
  });
  const [first] = await screen.findAllByRole("link", { name: "New pipeline" }, wait);
  await userEvent.click(first as HTMLElement);
  const source = await screen.findByRole("radiogroup", { name: "Source" }, wait);
  await userEvent.click(within(source).getByRole("radio", { name: "shop" }));
  const go = screen.getByRole("button", { name: "Go" });
  await screen.findByRole("checkbox", { name: "public.orders" }, wait);
  expect(go).toBeEnabled();
  await userEvent.click(go);
  await screen.findByRole("heading", { name: "shop-to-warehouse" }, wait);
  expect(sent.find((each) => each.call === "POST /v1/orgs/acme/pipelines")?.body).toEqual({
    name: "shop-to-warehouse",
    spec: {
      source: { connection: "shop", tables: [{ name: "public.orders", cursor: "id" }] },
      destination: { connection: "warehouse", schema: expect.stringMatching(/^shop_[0-9a-f]{4}$/) },
      mode: "incremental",
      interval_secs: 10,
      paused: false,
    },
  });
  expect(router.state.location.pathname).toBe("/orgs/acme/pipelines/shop-to-warehouse");
});

test("a type that the console has never heard of has its list, detail and form", async () => {
  open("/orgs/acme/widgets", [...ALL, "widgets:view", "widgets:create", "widgets:update"]);
  const menu = await screen.findByRole("navigation", { name: "Main" }, wait);
  expect(within(menu).getByRole("link", { name: "Widgets" })).toBeVisible();
  await userEvent.click(await screen.findByRole("link", { name: "left-handed" }, wait));
  await screen.findByRole("heading", { name: "left-handed" }, wait);
  expect(screen.getByText("Load").nextSibling).toHaveTextContent("7");
  expect(screen.queryByRole("button", { name: "More actions" })).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole("link", { name: "Edit" }));
  expect(await screen.findByRole("textbox", { name: /^Size/ }, wait)).toHaveValue("3");
});

test("what a role may not do is not offered", async () => {
  open("/orgs/acme/connections", ["connections:view", "pipelines:view"]);
  await screen.findByRole("link", { name: "shop" }, wait);
  expect(screen.queryByRole("link", { name: "New connection" })).not.toBeInTheDocument();
  const menu = screen.getByRole("navigation", { name: "Main" });
  const entries = within(menu)
    .getAllByRole("link")
    .map((link) => link.textContent);
  expect(entries).toEqual(["Overview", "Pipelines", "Connections"]);
});

test("without a session the login comes first and leads back", async () => {
  const problem = { code: "unauthenticated", title: "t", detail: "e-mail or password is wrong", status: 401 };
  const refuse = () => new Response(JSON.stringify(problem), { status: 401 });
  const { router } = open("/orgs/acme/connections?search=shop", ALL, {
    "GET /v1/me": refuse,
    "POST /v1/login": refuse,
  });
  await userEvent.type(await screen.findByLabelText("E-mail", undefined, wait), "mara@acme.test");
  expect(router.state.location.search).toEqual({ next: "/orgs/acme/connections?search=shop" });
  await userEvent.type(screen.getByLabelText("Password"), "not the password");
  await userEvent.click(screen.getByRole("button", { name: "Log in" }));
  expect(await screen.findByRole("alert", undefined, wait)).toHaveTextContent("E-mail or password is wrong.");
});

test("an organization of others is not there", async () => {
  open("/orgs/northwind/pipelines", ALL);
  expect(await screen.findByRole("heading", { name: "Nothing here" }, wait)).toBeVisible();
});

const POLICY = {
  id: "policy_1",
  name: "contractors",
  description: "",
  text: 'permit (principal in Group::"contractors", action, resource);',
  statements: [{ effect: "permit", subject: { group: "contractors" } }],
  version: 3,
  created_by: { type: "user", id: "user_1", name: "Mara" },
  created_at: "2026-01-01T00:00:00Z",
  updated_by: { type: "user", id: "user_1", name: "Mara" },
  updated_at: "2026-01-01T00:00:00Z",
};
const POLICIES = ["policies:view", "policies:create", "policies:update", "policies:delete"];
const checked = () => ({ text: POLICY.text, statements: POLICY.statements, warnings: [] });
const of = (type: string, name: string) => ({ type, id: `${type}_${name}`, name });

const UNCHANGED = {
  principals: { gain: 0, lose: 0 },
  changes: [],
  changes_count: 0,
  requests: {
    since: "2026-11-20T00:00:00Z",
    considered: 0,
    would_be_refused: 0,
    would_be_allowed: 0,
    examples: [],
  },
  complete: true,
};

function openEdit(impact: object | undefined) {
  return open("/orgs/acme/policies/policy_1/edit", [...ALL, ...POLICIES], {
    "GET /v1/orgs/acme/policies/policy_1": () => POLICY,
    "POST /v1/orgs/acme/policies/check": checked,
    "PUT /v1/orgs/acme/policies/policy_1": () => ({ ...POLICY, impact }),
  });
}

test("a preview says who gains and who loses, and what past requests would have got", async () => {
  const { sent } = openEdit({
    principals: { gain: 2, lose: 1 },
    changes: [
      {
        principal: of("user", "Bob"),
        change: "loses",
        action: "widgets:delete",
        count: 12,
        examples: [of("widget", "left-handed")],
      },
      {
        principal: of("service_account", "ci"),
        change: "gains",
        action: "widgets:view",
        count: 1,
        examples: [],
      },
    ],
    changes_count: 2,
    complete: true,
    requests: {
      since: "2026-01-01T00:00:00Z",
      considered: 120,
      would_be_refused: 3,
      would_be_allowed: 1,
      examples: [
        {
          time: "2026-01-02T00:00:00Z",
          actor: of("user", "Bob"),
          action: "widgets:delete",
          subject: null,
          // biome-ignore lint/suspicious/noThenProperty: the API calls it so.
          then: "allowed",
          now: "refused",
        },
      ],
    },
  });
  await userEvent.click(await screen.findByRole("button", { name: "Preview" }, wait));
  const preview = await screen.findByRole("region", { name: "Preview" }, wait);
  expect(preview).toHaveTextContent("2 principals gain");
  expect(preview).toHaveTextContent("1 principal loses");
  const changes = within(preview).getByRole("list", { name: "Changes" });
  expect(changes).toHaveTextContent("Bob loses widgets:delete on 12 things: left-handed and 11 more");
  expect(changes).toHaveTextContent("ci gains widgets:view on 1 thing");
  expect(within(changes).getByRole("link", { name: "left-handed" })).toBeVisible();
  expect(preview).toHaveTextContent("Of 120 requests");
  expect(preview).toHaveTextContent("3 would have been refused and 1 would have been allowed");
  expect(preview).toHaveTextContent(/Bob widgets:delete .*: allowed then, refused now/);
  expect(sent.find((each) => each.call.startsWith("PUT"))?.body).toEqual({
    name: "contractors",
    description: "",
    statements: POLICY.statements,
  });
});

test("a preview that changes nothing says so, and is gone when the draft is another one", async () => {
  openEdit(UNCHANGED);
  await userEvent.click(await screen.findByRole("button", { name: "Preview" }, wait));
  expect(await screen.findByText(/^Nothing changes for anybody/, undefined, wait)).toBeVisible();
  await userEvent.type(screen.getByLabelText("Group"), "2");
  expect(screen.queryByText(/^Nothing changes for anybody/)).not.toBeInTheDocument();
});

test("a form that is not filled in says what is missing, and is not made into Cedar", async () => {
  const { sent } = openEdit(undefined);
  await userEvent.clear(await screen.findByLabelText("Group", undefined, wait));
  await userEvent.click(screen.getByRole("tab", { name: "Cedar" }));
  expect(await screen.findByRole("alert", undefined, wait)).toHaveTextContent("Say for whom it is.");
  await userEvent.click(screen.getByRole("button", { name: "Save changes" }));
  expect(screen.getByRole("tab", { name: "Form" })).toHaveAttribute("aria-selected", "true");
  expect(sent.filter((each) => each.call.startsWith("PUT"))).toEqual([]);
});

test("who may do what is asked for the one that is chosen", async () => {
  const { sent } = open("/orgs/acme/policies?tab=people&principal=user_2", [...ALL, ...POLICIES], {
    "GET /v1/orgs/acme/members": () => ({
      items: [
        { user_id: "user_2", name: "Bob", email: "b@acme.test", roles: ["viewer"], groups: ["contractors"] },
      ],
      next: null,
    }),
    "GET /v1/orgs/acme/service-accounts": () => ({ items: [], next: null }),
    "POST /v1/orgs/acme/authorize": () => ({
      answers: Array(60).fill({ allowed: true, everything: false, reason: "some", statements: [] }),
    }),
  });
  const theirs = await screen.findByRole("list", { name: "What Bob may do" }, wait);
  expect(await within(theirs).findAllByRole("button", { name: "View on some" }, wait)).toHaveLength(13);
  const asked = sent.find((each) => each.call.endsWith("/authorize"))?.body as {
    principal: string;
    questions: object[];
  };
  expect(asked.principal).toBe("user_2");
  expect(asked.questions).toContainEqual({ action: "widgets:view" });
  expect(asked.questions).toContainEqual({ action: "bill:view" });
});

test("who may do what to one kind of things is asked for everybody, in a call for each", async () => {
  const { sent } = open("/orgs/acme/policies?tab=people&kind=tokens", [...ALL, ...POLICIES], {
    "GET /v1/orgs/acme/members": () => ({
      items: [
        { user_id: "user_1", name: "Mara", email: "m@acme.test", roles: ["owner"], groups: [] },
        { user_id: "user_2", name: "Bob", email: "b@acme.test", roles: ["viewer"], groups: [] },
      ],
      next: null,
    }),
    "GET /v1/orgs/acme/service-accounts": () => ({ items: [], next: null }),
    "POST /v1/orgs/acme/authorize": () => {
      const asked = sent.at(-1)?.body as { principal?: string } | undefined;
      const answer = {
        allowed: asked?.principal === undefined,
        everything: true,
        reason: "so",
        statements: [],
      };
      return { answers: Array(60).fill(answer) };
    },
  });
  const table = await screen.findByRole("table", { name: "Who may do what: Tokens and SQL logins" }, wait);
  const row = (name: RegExp) => within(table).findByRole("row", { name }, wait);
  expect(await within(await row(/^Mara/)).findAllByRole("button", { name: "everywhere" }, wait)).toHaveLength(
    3,
  );
  expect(await within(await row(/^Bob/)).findAllByRole("button", { name: "no" }, wait)).toHaveLength(3);
  expect(sent.filter((each) => each.call.endsWith("/authorize"))).toHaveLength(2);
  await userEvent.type(screen.getByLabelText("Find somebody"), "bo");
  expect(within(table).queryByText("Mara")).not.toBeInTheDocument();
  await userEvent.click(within(table).getByRole("button", { name: /^Bob/ }));
  expect(await screen.findByRole("list", { name: "What Bob may do" }, wait)).toBeVisible();
});

const ACCOUNT = {
  id: "sa_1",
  name: "ci",
  roles: ["developer"],
  groups: [],
  attributes: {},
  created_at: "2026-01-01T00:00:00Z",
};
const LOGIN = {
  id: "sql_1",
  name: "reports",
  login: "plinth_sql_1",
  expires_at: "2099-01-01T00:00:00Z",
  revoked_at: null,
};

function openCredentials(permissions: string[]) {
  return open("/orgs/acme/service-accounts", [...ALL, "service-accounts:view", ...permissions], {
    "GET /v1/orgs/acme/service-accounts": () => ({ items: [ACCOUNT], next: null }),
    "GET /v1/orgs/acme/service-accounts/sa_1/tokens": () => ({ items: [], next: null }),
    "GET /v1/orgs/acme/service-accounts/sa_1/sql-logins": () => ({ items: [LOGIN], next: null }),
    "POST /v1/orgs/acme/service-accounts/sa_1/sql-logins": () => ({
      ...LOGIN,
      password: "s3cret",
      host: "::1",
      port: 5432,
      database: "plinth_cell",
    }),
  });
}

test("a login to the database is made in the page, and its address is told once", async () => {
  const { sent } = openCredentials(["tokens:view", "tokens:create", "tokens:delete"]);
  await userEvent.click(await screen.findByRole("button", { name: "Credentials" }, wait));
  await userEvent.click(await screen.findByRole("tab", { name: "SQL logins" }, wait));
  await userEvent.type(await screen.findByLabelText("New SQL login for", undefined, wait), "reports");
  await userEvent.click(screen.getByRole("button", { name: "Create SQL login" }));
  expect(await screen.findByLabelText("New SQL login", undefined, wait)).toHaveValue(
    "postgres://plinth_sql_1:s3cret@[::1]:5432/plinth_cell",
  );
  expect(sent.find((each) => each.call.startsWith("POST"))?.body).toEqual({
    name: "reports",
    expires_in_secs: 7_776_000,
  });
});

test("who may see tokens and not make any is offered just that, and who may not see them nothing", async () => {
  openCredentials(["service-accounts:update", "tokens:view"]);
  await userEvent.click(await screen.findByRole("button", { name: "Credentials" }, wait));
  await userEvent.click(await screen.findByRole("tab", { name: "SQL logins" }, wait));
  expect(await screen.findByText("works", undefined, wait)).toBeVisible();
  expect(screen.queryByLabelText("New SQL login for")).not.toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Revoke reports" })).not.toBeInTheDocument();
  cleanup();
  openCredentials(["service-accounts:update"]);
  expect(await screen.findByText("ci", undefined, wait)).toBeVisible();
  expect(screen.queryByRole("button", { name: "Credentials" })).not.toBeInTheDocument();
});

test("what is refused for one resource is shown, and tells why", async () => {
  const reason = "no policy permits it";
  open("/orgs/acme/widgets/left-handed", [...ALL, "widgets:view", "widgets:update", "widgets:delete"], {
    "GET /v1/orgs/acme/widgets/left-handed": () => ({ ...widget, _actions: ["view"] }),
    "POST /v1/orgs/acme/authorize": () => ({
      answers: [{ allowed: false, everything: false, reason, statements: [] }],
    }),
  });
  const edit = await screen.findByRole("button", { name: "Edit" }, wait);
  expect(edit).toHaveAttribute("aria-disabled", "true");
  await userEvent.click(edit);
  expect(await screen.findByRole("dialog", { name: "Why can't I?" }, wait)).toHaveTextContent(
    "widgets:update is missing here",
  );
  await userEvent.keyboard("{Escape}");
  await userEvent.click(screen.getByRole("button", { name: "More actions" }));
  const remove = await screen.findByRole("menuitem", { name: /^Delete widget/ });
  expect(remove).toHaveAttribute("aria-disabled", "true");
  expect(await within(remove).findByText(/No policy permits it/, undefined, wait)).toBeVisible();
});

const refusal = (requires: object[], reason = "no policy permits it") => ({
  answers: [{ allowed: false, everything: false, reason, statements: [], requires }],
});

test("a draft that would be refused says what it needs, offers it, and is not sent before", async () => {
  const asked: { draft: { properties?: { environment?: string } } }[] = [];
  const requires = [{ environment: ["development", "staging"] }];
  const { sent } = open("/orgs/acme/widgets/new", [...ALL, "widgets:view", "widgets:create"], {
    "POST /v1/orgs/acme/authorize": () => {
      const { body } = sent.at(-1) as { body: { questions: typeof asked } };
      asked.push(...body.questions);
      const allowed = body.questions[0]?.draft.properties?.environment === "staging";
      const [answer] = refusal(requires).answers;
      return { answers: [{ ...answer, allowed }] };
    },
    "POST /v1/orgs/acme/widgets": () => ({ ...widget, name: "new-one" }),
  });
  await userEvent.type(await screen.findByRole("textbox", { name: "Name" }, wait), "new-one");
  const environment = await screen.findByRole("combobox", { name: "environment" }, wait);
  expect(await screen.findByText(/^The property/, { selector: "[role=status] p" }, wait)).toHaveTextContent(
    "The property environment has to be development or staging.",
  );
  const create = screen.getByRole("button", { name: "Create widget" });
  expect(create).toHaveAttribute("aria-disabled", "true");
  await userEvent.click(create);
  const why = await screen.findByRole("dialog", { name: "Why can't I?" });
  expect(why).toHaveTextContent("Otherwise policies do not let you do widgets:create.");
  await userEvent.keyboard("{Escape}");
  environment.focus();
  await userEvent.keyboard("{Enter}");
  await userEvent.click(await screen.findByRole("option", { name: "staging" }));
  await waitFor(
    () => expect(screen.getByRole("button", { name: "Create widget" })).not.toHaveAttribute("aria-disabled"),
    wait,
  );
  await userEvent.click(screen.getByRole("button", { name: "Create widget" }));
  await waitFor(() => expect(sent.some((each) => each.call === "POST /v1/orgs/acme/widgets")).toBe(true));
  expect(sent.find((each) => each.call === "POST /v1/orgs/acme/widgets")?.body).toMatchObject({
    name: "new-one",
    properties: { environment: "staging" },
  });
  // Once for what it was when it rested, and not for each letter.
  expect(asked.length).toBeLessThanOrEqual(5);
});

test("an edit is asked about as what the resource would become", async () => {
  const { sent } = open("/orgs/acme/widgets/left-handed/edit", [...ALL, "widgets:view", "widgets:update"], {
    "POST /v1/orgs/acme/authorize": () => refusal([], "`careful` forbids it"),
  });
  expect(await screen.findByText("As it stands, this would be refused", undefined, wait)).toBeVisible();
  expect(screen.getByRole("status")).toHaveTextContent("`careful` forbids it".replaceAll("`", ""));
  expect(screen.getByRole("button", { name: "Save changes" })).toHaveAttribute("aria-disabled", "true");
  expect(sent.find((each) => each.call.endsWith("/authorize"))?.body).toEqual({
    questions: [
      {
        action: "widgets:update",
        resource: "widget_1",
        draft: { properties: { sample: "x" }, spec: { size: 3 } },
      },
    ],
  });
});

test("a row offers what may be done to it, and tells why not the rest", async () => {
  const verbs = [
    { name: "spin", title: "Spin" },
    { name: "halt", title: "Halt" },
  ];
  const product = answers(ALL)["GET /v1/product"]?.({} as Request) as { types: { name: string }[] };
  const types = product.types.map((each) => (each.name === "widget" ? { ...each, verbs } : each));
  const rights = ["view", "update", "delete", "spin", "halt"].map((action) => `widgets:${action}`);
  const { sent } = open("/orgs/acme/widgets", [...ALL, ...rights], {
    "GET /v1/product": () => ({ ...product, types }),
    "GET /v1/orgs/acme/widgets": (request) => {
      expect(new URL(request.url).searchParams.get("include")).toBe("actions");
      return { items: [{ ...widget, _actions: ["view", "update", "spin"] }], next: null };
    },
    "POST /v1/orgs/acme/authorize": () => ({ answers: Array(2).fill(refusal([]).answers[0]) }),
    "POST /v1/orgs/acme/widgets/widget_1/spin": () => widget,
  });
  const menu = await screen.findByRole("button", { name: "Actions for left-handed" }, wait);
  expect(sent.some((each) => each.call.endsWith("/authorize"))).toBe(false);
  await userEvent.click(menu);
  const items = await screen.findAllByRole("menuitem");
  expect(items.map((item) => [item.textContent?.slice(0, 4), item.getAttribute("aria-disabled")])).toEqual([
    ["Spin", null],
    ["Halt", "true"],
    ["Edit", null],
    ["Dele", "true"],
  ]);
  expect(await screen.findByText(/No policy permits it.*widgets:halt/, undefined, wait)).toBeVisible();
  await userEvent.click(screen.getByRole("menuitem", { name: "Spin" }));
  await waitFor(() => expect(sent.some((each) => each.call.endsWith("/widget_1/spin"))).toBe(true));
});

test("a revert says before it is done who gains and who loses", async () => {
  const version = (number: number, text: string) => ({
    ...POLICY,
    version: number,
    text,
    changed_by: POLICY.updated_by,
    changed_at: POLICY.updated_at,
  });
  const { sent } = open("/orgs/acme/policies/policy_1?tab=history", [...ALL, ...POLICIES], {
    "GET /v1/orgs/acme/policies/policy_1": () => POLICY,
    "GET /v1/orgs/acme/policies/policy_1/versions": () => ({
      items: [version(3, POLICY.text), version(2, "permit (principal, action, resource);")],
      next: null,
    }),
    "POST /v1/orgs/acme/policies/policy_1/revert": (request) => {
      expect(new URL(request.url).searchParams.get("dry_run")).toBe("true");
      return { ...POLICY, impact: { ...UNCHANGED, principals: { gain: 2, lose: 0 } } };
    },
  });
  await userEvent.click(await screen.findByRole("button", { name: "Revert to version 2" }, wait));
  const preview = await screen.findByRole("region", { name: "Preview" }, wait);
  expect(await within(preview).findByText("2 principals gain", undefined, wait)).toBeVisible();
  expect(sent.find((each) => each.call.endsWith("/revert"))?.body).toEqual({ version: 2 });
});

test("refused requests lead to what their sender may do", async () => {
  open("/orgs/acme/policies?tab=refusals", [...ALL, ...POLICIES], {
    "GET /v1/orgs/acme/refusals": () => ({
      items: [
        {
          actor: of("user", "Bob"),
          action: "widgets:delete",
          subject: of("widget", "left-handed"),
          count: 12,
          last_at: "2026-01-02T00:00:00Z",
        },
        {
          actor: of("service_account", "ci"),
          action: "bill:view",
          subject: null,
          count: 1,
          last_at: "2026-01-01T00:00:00Z",
        },
      ],
      next: null,
    }),
  });
  const table = await screen.findByRole("table", { name: "Refused requests" }, wait);
  const row = (await within(table).findByText("widgets:delete")).closest("tr") as HTMLElement;
  expect(within(row).getByText("12")).toBeVisible();
  expect(within(row).getByRole("link", { name: "left-handed" })).toBeVisible();
  expect(within(row).getByRole("link", { name: "Bob" })).toHaveAttribute(
    "href",
    "/orgs/acme/policies?tab=people&principal=user_Bob",
  );
});

test("the risk of a member is shown with its parts, and what it comes from stays below", async () => {
  const signal = (kind: string, detail: object, counts_until: string) => ({
    id: `sig_${kind}`,
    principal: { type: "user", id: "user_2", name: "Bob" },
    kind,
    detail,
    weight: 40,
    at: "2026-01-01T00:00:00Z",
    counts_until,
  });
  const { sent } = open("/orgs/acme/members", [...ALL, ...POLICIES], {
    "GET /v1/orgs/acme/members": () => ({
      items: [
        {
          user_id: "user_2",
          email: "bob@acme.test",
          name: "Bob",
          roles: ["viewer"],
          groups: [],
          attributes: {},
          created_at: "2026-01-01T00:00:00Z",
        },
      ],
      next: null,
    }),
    "GET /v1/orgs/acme/signals": () => ({
      items: [
        signal("new_country", { address: "203.0.113.7", country: "DE" }, "2999-01-01T00:00:00Z"),
        signal("failed_login", { address: "203.0.113.7", device: "curl/8" }, "2026-01-01T01:00:00Z"),
      ],
      next: null,
      risk: {
        score: 40,
        parts: [{ kind: "new_country", points: 40, counts_until: "2999-01-01T00:00:00Z" }],
      },
    }),
  });
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Actions for Bob" }, wait));
  await user.click(await screen.findByRole("menuitem", { name: "Signals" }));
  const parts = await screen.findByRole("list", { name: "Parts of the risk" }, wait);
  expect(within(parts).getAllByRole("listitem")).toHaveLength(1);
  expect(parts).toHaveTextContent("40");
  const [, counting, past] = within(screen.getByRole("table", { name: "Signals" })).getAllByRole("row");
  expect(counting).toHaveTextContent(/New country.*203\.0\.113\.7, DE.*counts/);
  expect(past).toHaveTextContent(/Failed login.*203\.0\.113\.7, curl\/8/);
  expect(past).not.toHaveTextContent("counts");
  expect(sent.some(({ call }) => call === "GET /v1/orgs/acme/signals")).toBe(true);
});

test("the time zone of the organization is chosen among those that there are", async () => {
  const org = { id: "org_1", slug: "acme", name: "Acme", plan: "free", created_at: "2026-01-01T00:00:00Z" };
  const { sent } = open("/orgs/acme/settings", [...ALL, "org:update"], {
    "GET /v1/orgs/acme": () => ({ ...org, time_zone: "UTC" }),
    "PATCH /v1/orgs/acme": () => ({ ...org, time_zone: "Europe/Berlin" }),
  });
  const user = userEvent.setup();
  const zone = await screen.findByRole("combobox", { name: "Clock and calendar of policies" }, wait);
  expect(zone).toHaveTextContent("UTC");
  await user.click(zone);
  await user.type(await screen.findByPlaceholderText("Search by city"), "Europe/Berlin");
  await user.click(await screen.findByRole("option", { name: "Europe/Berlin" }));
  const form = zone.closest("form");
  if (!form) throw new Error("the field is in no form");
  await user.click(within(form).getByRole("button", { name: "Save" }));
  await screen.findByText("Saved", {}, wait);
  const changes = sent.filter(({ call }) => call === "PATCH /v1/orgs/acme");
  expect(changes.map(({ body }) => body)).toEqual([{ time_zone: "Europe/Berlin" }]);
});
