// What the walk passes by: getting in without a mouse or a password, repairing, deleting, looking back, other screens.

import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { gone, openBrowser, PASSWORD, Person, seen } from "./lib/browser.js";
import { assertInSight, countPresses, tabTo } from "./lib/expect.js";
import { assertAccessible, contrastFaultsInDark, faultsOf, NARROW, settled, WIDE } from "./lib/inspect.js";
import { startServer } from "./lib/server.js";
import { stepsOf } from "./lib/steps.js";
import { eventually } from "./lib/wait.js";

const ORG = "/v1/orgs/acme";
const PAGE = "/orgs/acme";
const NEW_PASSWORD = "battery staple horse correct";
const COPY = {
  name: "copy",
  properties: { team: "data" },
  spec: {
    source: { connection: "shop", tables: [{ name: "public.orders", cursor: "updated_at" }] },
    destination: { connection: "warehouse", schema: "copied" },
    mode: "incremental",
    interval_secs: 5,
    paused: false,
  },
};
/** Every page of the console, each with something on it. */
const PAGES = [
  "",
  "/pipelines",
  "/pipelines/new",
  "/pipelines/copy",
  "/pipelines/copy?tab=metrics",
  "/pipelines/copy?tab=events",
  "/pipelines/copy?tab=configuration",
  "/pipelines/copy/edit",
  "/connections",
  "/connections/new",
  "/connections/shop",
  "/connections/shop/edit",
  "/events",
  "/bill",
  "/usage",
  "/members",
  "/service-accounts",
  "/settings",
].map((path) => `${PAGE}${path}`);
const OUTSIDE = [
  "/login",
  "/signup",
  "/forgot",
  "/reset?token=x",
  "/verify?token=x",
  "/invite?token=x",
  "/outbox",
];

describe("the console", () => {
  let server;
  let browser;
  let alice;
  const { step, aside } = stepsOf(() => [alice].filter(Boolean));

  before(async () => {
    server = await startServer({ sampleRows: 20_000 });
    browser = await openBrowser();
    alice = await Person.arrive(browser, server, "Alice");
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  step("an organization with a pipeline, made by the API", async () => {
    const { email, name } = alice;
    const signup = { email, name, password: PASSWORD, session: "cookie" };
    const made = await alice.context.request.post("/v1/signup", { data: signup });
    assert.equal(made.status(), 201, await made.text());
    assert.equal((await alice.call("POST", "/v1/orgs", { slug: "acme", name: "Acme" })).status, 201);
    assert.equal((await alice.call("POST", `${ORG}/pipelines`, COPY)).status, 201);
    await alice.followMail(/^Confirm/);
    await seen(alice.page.getByRole("heading", { name: "Your e-mail is verified" }));
    await alice.page.goto(`${PAGE}/pipelines/copy`);
    await seen(alice.page.getByRole("main").locator('[data-state="streaming"]'));
  });

  step("a wrong password is told, the mailbox lets back in, and the old one is over", async () => {
    const { page } = alice;
    await page.getByRole("button", { name: "Account of Alice" }).click();
    await page.getByRole("menuitem", { name: "Log out" }).click();
    await logIn(page, alice.email, "not the password");
    await seen(page.getByRole("alert").filter({ hasText: "E-mail address or password is wrong" }));
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await page.getByRole("button", { name: "Send the link" }).click();
    await seen(page.getByText("Look into your mailbox"));
    await alice.followMail(/^Choose a new password/);
    await page.getByLabel("New password").fill("too short");
    await seen(page.getByText("3 more characters"));
    await page.getByLabel("New password").fill(NEW_PASSWORD);
    await page.getByRole("button", { name: "Change password" }).click();
    await page.getByRole("link", { name: "Log in" }).click();
    await logIn(page, alice.email, PASSWORD);
    await seen(page.getByRole("alert").filter({ hasText: "E-mail address or password is wrong" }));
  });

  step("gets in with the keyboard alone, to the page that was asked for", async () => {
    const { page } = alice;
    await page.goto(`${PAGE}/connections`);
    await seen(page.getByRole("heading", { name: "Log in" }));
    const { keyboard } = page;
    await keyboard.type(alice.email);
    await keyboard.press("Tab");
    await keyboard.type(NEW_PASSWORD);
    await keyboard.press("Enter");
    await seen(page.getByRole("link", { name: "shop" }));
    assert.equal(new URL(page.url()).pathname, `${PAGE}/connections`);
    await page.locator("#main").focus();
    await keyboard.press("Tab");
    await seen(page.getByRole("link", { name: "New connection" }).and(page.locator(":focus-visible")));
    await keyboard.press("Enter");
    await seen(page.getByRole("heading", { name: "New connection" }));
  });

  step("a connection with a wrong password says what to do about it", async () => {
    const { page } = alice;
    const { spec } = await alice.read(`${ORG}/connections/shop`);
    await page.getByLabel("Name", { exact: true }).fill("shop-again");
    await page.getByLabel("Host").fill(spec.host);
    await page.getByLabel("Port").fill(String(spec.port));
    await page.getByLabel("Database").fill(spec.database);
    await page.getByLabel("User").fill(spec.user);
    await page.getByLabel("Password").first().fill("not the password");
    await page.getByRole("button", { name: "Test connection" }).click();
    const refused = page.getByRole("alert").filter({ hasText: /password authentication failed/i });
    await seen(refused);
    await assertInSight(refused, "the answer of the test");
    await seen(page.getByText(/^Check the connection's user and password/));
    await assertAccessible(page, "a connection that failed");
    await page.getByLabel("Host").fill("127.0.0.1");
    await page.getByLabel("Port").fill("1");
    await page.getByRole("button", { name: "Test connection" }).click();
    await seen(page.getByText("Check host and port, and that the database is running"));
  });

  step("what is not valid is said where it is", async () => {
    const { page } = alice;
    await page.getByLabel("Port").fill("70000");
    await page.getByLabel("Name", { exact: true }).fill("Not A Name");
    await seen(page.getByText("Lower-case letters, digits and hyphens only"));
    await page.getByRole("button", { name: "Create connection" }).click();
    await seen(page.getByText(/65535/));
    const made = await alice.read(`${ORG}/connections`);
    assert.deepEqual(made.items.map(({ name }) => name).sort(), ["shop", "warehouse"]);
  });

  step("an edit takes effect and is told by the event log, with before and after", async () => {
    const { page } = alice;
    await page.goto(`${PAGE}/pipelines/copy`);
    await page.getByRole("link", { name: "Edit" }).click();
    await page.getByLabel("Interval").fill("3");
    await page.getByRole("button", { name: "Save changes" }).click();
    await seen(page.getByRole("tab", { name: "Configuration" }));
    assert.equal((await alice.read(`${ORG}/pipelines/copy`)).spec.interval_secs, 3);
    await page.getByRole("tab", { name: "Events" }).click();
    await page
      .getByRole("button", { name: /^Edited interval by alice/i })
      .first()
      .click();
    await seen(page.getByText("spec.interval_secs"));
  });

  step("the activity is filtered by kind, operation and actor", async () => {
    const { page } = alice;
    await page.getByRole("link", { name: "Activity" }).click();
    const events = page.getByRole("list", { name: "Events" }).getByRole("button");
    await seen(events.filter({ hasText: "Connection" }));
    await choose(page, "Kind", "Pipeline");
    await gone(events.filter({ hasText: "Connection" }));
    await choose(page, "Operation", "Create");
    await seen(events.filter({ hasText: "copy" }));
    assert.equal(await events.count(), 1);
    await choose(page, "Actor", "Alice");
    await seen(events.filter({ hasText: /by alice/i }));
    assert.match(new URL(page.url()).search, /kind=pipeline.*operation=create.*actor=user_/);
    await page.reload();
    await seen(events.filter({ hasText: /by alice/i }));
    await page.getByRole("button", { name: "Clear" }).click();
    await seen(events.filter({ hasText: "Connection" }));
  });

  aside("every page is accessible, light and dark, and fits a narrow screen", async () => {
    const { page } = alice;
    const faults = [];
    for (const path of [...PAGES, ...OUTSIDE]) {
      await page.goto(path);
      await settled(page);
      faults.push(...(await faultsOf(page, path)));
    }
    assert.deepEqual(faults, []);
  });

  aside("dark can be chosen, and stays", async () => {
    const { page } = alice;
    await page.goto(PAGE);
    await seen(page.getByRole("heading", { name: "Overview" }));
    await page.getByRole("button", { name: "Account of Alice" }).click();
    await page.getByRole("menuitemradio", { name: "Dark" }).click();
    const dark = () => getComputedStyle(document.documentElement).colorScheme === "dark";
    await page.waitForFunction(dark);
    await page.reload();
    await page.waitForFunction(dark);
    await page.getByRole("button", { name: "Account of Alice" }).click();
    await page.getByRole("menuitemradio", { name: "As the system" }).click();
    await page.waitForFunction(() => document.documentElement.dataset.theme === undefined);
  });

  aside("the page of the API is as dark as the system, also when that changes", async () => {
    const { page } = alice;
    const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.goto("/docs");
    await seen(page.getByRole("heading", { name: /Plinth/i }));
    const dark = await background();
    await page.emulateMedia({ colorScheme: "light" });
    await eventually(background, (now) => now !== dark, "a page that became light");
  });

  aside("on a narrow screen the navigation is behind a button", async () => {
    const { page } = alice;
    await page.setViewportSize(NARROW);
    await page.goto(PAGE);
    await page.getByRole("button", { name: "Menu" }).click();
    await assertAccessible(page, "the menu of a narrow screen");
    await page.getByRole("dialog").getByRole("link", { name: "Pipelines" }).click();
    await seen(page.getByRole("heading", { name: "Pipelines", level: 1 }));
    await page.setViewportSize(WIDE);
  });

  aside("a connection in use is not deleted, and says by whom", async () => {
    const { page } = alice;
    await page.goto(`${PAGE}/connections/warehouse`);
    await confirmDelete(page, "Delete connection", "warehouse");
    await seen(
      page
        .getByRole("alert")
        .filter({ hasText: "It is still in use by" })
        .getByRole("link", { name: "copy" }),
    );
    await assertAccessible(page, "a refused deletion");
    assert.deepEqual(await contrastFaultsInDark(page), []);
    await page.getByRole("button", { name: "Cancel" }).click();
  });

  step("the sample pipeline takes three presses from the overview with the keyboard alone", async () => {
    const { page } = alice;
    await page.goto(PAGE);
    const begin = page.getByRole("link", { name: "New pipeline" });
    await seen(begin);
    const presses = await countPresses(page);
    await tabTo(page, begin, "the link to a new pipeline");
    await page.keyboard.press("Enter");
    const source = page.getByRole("radiogroup", { name: "Source" }).getByRole("radio").first();
    await seen(page.getByRole("radiogroup", { name: "Source" }));
    await tabTo(page, source, "the first source");
    await page.keyboard.press("Space");
    await seen(page.getByRole("checkbox", { name: "public.orders" }));
    const go = page.getByRole("button", { name: "Go", exact: true });
    await tabTo(page, go, "the button that goes");
    await page.keyboard.press("Enter");
    await seen(page.getByRole("heading", { name: "shop-to-warehouse" }));
    const { clicks, chosen } = await presses();
    assert.deepEqual({ clicks, chosen }, { clicks: 0, chosen: 3 });
    await seen(page.getByRole("main").locator('[data-state="streaming"]'));
    assert.equal((await alice.call("DELETE", `${ORG}/pipelines/shop-to-warehouse`)).status, 202);
  });

  aside("a page of the console is framed by nobody and runs nothing from elsewhere", async () => {
    for (const path of ["/", "/login", `${PAGE}/pipelines`]) {
      const headers = (await alice.context.request.get(path)).headers();
      const policy = headers["content-security-policy"] ?? "";
      for (const part of [
        "default-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
      ])
        assert.ok(policy.split("; ").includes(part), `${path}: no ${part} in "${policy}"`);
      assert.equal(headers["x-content-type-options"], "nosniff", path);
      assert.equal(headers["referrer-policy"], "same-origin", path);
    }
  });

  step("a pipeline is deleted after its name was typed, and is gone from the list", async () => {
    const { page } = alice;
    await page.goto(`${PAGE}/pipelines/copy`);
    await confirmDelete(page, "Delete pipeline", "copy");
    await seen(page.getByRole("heading", { name: "No pipelines yet" }));
    const { status } = await alice.call("GET", `${ORG}/pipelines/copy`);
    assert.equal(status, 404);
    await page.getByRole("link", { name: "Connections", exact: true }).click();
    await page.getByRole("link", { name: "warehouse" }).click();
    await seen(page.getByText("Not in use"));
  });

  step("nothing went wrong on any page meanwhile", async () => alice.assertNoProblems());
});

async function logIn(page, email, password) {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

async function choose(page, label, option) {
  await page.getByRole("combobox", { name: label }).click();
  await page.getByRole("option", { name: option, exact: true }).click();
}

async function confirmDelete(page, action, name) {
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: action }).click();
  const dialog = page.getByRole("dialog");
  assert.equal(
    await dialog.getByRole("button", { name: action }).isEnabled(),
    false,
    "it can be deleted by accident",
  );
  await dialog.getByLabel(/to confirm/).fill(name);
  await dialog.getByRole("button", { name: action }).click();
}
