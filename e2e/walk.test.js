// The walk, from the first visit to the bill: two members of one organization and a stranger of another one.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { gone, openBrowser, Person, seen } from "./lib/browser.js";
import { cli } from "./lib/cli.js";
import { rowOf, stateOf } from "./lib/console.js";
import { addUpTo, equal, plain } from "./lib/decimal.js";
import { assertNotOffered, assertNotThere, assertRefused, countPresses } from "./lib/expect.js";
import { takeGallery } from "./lib/gallery.js";
import { assertAccessible, settled } from "./lib/inspect.js";
import { picture, picturing } from "./lib/picture.js";
import { folder, MANIFEST, ONCE, withSchema } from "./lib/pipelines.js";
import { startServer } from "./lib/server.js";
import { stepsOf } from "./lib/steps.js";
import { eventually, requestsDuring } from "./lib/wait.js";

const ORG = "/v1/orgs/acme";
const PAGE = "/orgs/acme";
const FIRST = "shop-to-warehouse";

describe("the walk", () => {
  let server;
  let browser;
  let alice;
  let bob;
  let carol;
  let token;
  const people = () => [alice, bob, carol].filter(Boolean);
  const { step, aside } = stepsOf(people);

  before(async () => {
    server = await startServer({ sampleRows: picturing ? 1_000_000 : 60_000 });
    browser = await openBrowser();
    alice = await Person.arrive(browser, server, "Alice");
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  /** A call with the token of CI and nothing else. */
  const asCi = async (method, path, body) => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
  const commandLine = (...args) =>
    cli(server, args, { PLINTH_URL: server.url, PLINTH_ORG: "acme", PLINTH_TOKEN: token });
  const pipeline = (name) => alice.read(`${ORG}/pipelines/${name}`);

  step("signs up, names an organization, and sees what to do first", async () => {
    const { page } = alice;
    await page.goto("/");
    await page.getByRole("link", { name: "Create an account" }).click();
    await assertAccessible(page, "the sign-up page");
    await alice.fillSignUp();
    await alice.nameOrg("Acme", "acme");
    await seen(page.getByRole("heading", { name: "Copy your first table" }));
    await assertAccessible(page, "the empty overview");
    await page.getByRole("link", { name: "Open the outbox" }).click();
    await alice.followMail(/^Confirm/);
    await seen(page.getByRole("heading", { name: "Your e-mail is verified" }));
    await page.getByRole("link", { name: "Continue" }).click();
    await seen(page.getByRole("heading", { name: "Copy your first table" }));
  });

  step("provisions the sample pipeline with three clicks from the overview", async () => {
    const { page } = alice;
    const presses = await countPresses(page);
    await page.getByRole("link", { name: "New pipeline" }).first().click();
    await page.getByRole("radiogroup", { name: "Source" }).getByText("shop", { exact: true }).click();
    await seen(page.getByRole("checkbox", { name: "public.orders" }));
    await picture(page, "wizard-light");
    await page.getByRole("button", { name: "Go" }).click();
    await seen(page.getByRole("heading", { name: FIRST }));
    assert.deepEqual(await presses(), { clicks: 3, keys: 0, chosen: 0 });
  });

  step("watches it copy and then stream, on the page as it was opened", async () => {
    const { page } = alice;
    await page.evaluate(() => {
      window.neverReloaded = true;
    });
    if (picturing) {
      await seen(stateOf(page.getByRole("main"), "snapshotting"));
      await page.waitForFunction(
        () => Number(document.querySelector('[aria-label="Snapshot"]')?.ariaValueNow) > 25,
      );
      await picture(page, "pipeline-light");
      await picture(page, "pipeline-dark", { dark: true });
    }
    await seen(stateOf(page.getByRole("main"), "streaming"));
    const tables = page.getByRole("table", { name: "Progress of each table" }).getByRole("row");
    await seen(tables.filter({ hasText: "public.orders" }).locator('[data-state="streaming"]'));
    const shown = page.getByRole("region", { name: "Live numbers" }).or(page.getByLabel("Live numbers"));
    const copied = async () =>
      Number(
        await shown
          .getByTitle(/^[\d,]+$/)
          .getAttribute("title")
          .then(plain),
      );
    const first = await eventually(copied, (rows) => rows > 0, "rows on the page");
    await eventually(copied, (rows) => rows > first, "more rows on the page, from the shop's own life");
    assert.equal(await page.evaluate(() => window.neverReloaded), true);
    await assertAccessible(page, "a streaming pipeline");
  });

  step("is told by one event stream: what is known is not asked for again", async () => {
    assert.ok(
      alice.streams.includes(`${server.url}${ORG}/events`),
      `no event stream of the org: ${alice.streams}`,
    );
    const asked = await requestsDuring(alice.page, 10_000);
    // Money has no events of its own: it follows the reports of the pipeline, gathered to one reading in 5 s.
    assert.deepEqual(
      asked.filter((each) => each !== `GET ${ORG}/bill`),
      [],
    );
    assert.ok(asked.length <= 3, `the bill was read ${asked.length} times in 10 s`);
  });

  step("pauses and resumes it; while nothing happens the page asks for nothing", async () => {
    const { page } = alice;
    await page.getByRole("button", { name: "Pause" }).click();
    await seen(stateOf(page.getByRole("main"), "paused"));
    const quiet = () => requestsDuring(page, 10_000);
    await eventually(
      quiet,
      (asked) => asked.length === 0,
      "10 s without a request on the page of a paused pipeline",
    );
    await page.getByRole("button", { name: "Resume" }).click();
    await seen(stateOf(page.getByRole("main"), "streaming"));
    assert.equal(await page.evaluate(() => window.neverReloaded), true);
    await page.getByRole("tab", { name: "Events" }).click();
    const events = page.getByRole("list", { name: "Events" });
    for (const said of [/^Paused by alice/i, /^Resumed by alice/i])
      await seen(events.getByRole("button", { name: said }));
    for (const state of ["paused", "streaming"])
      await seen(events.getByRole("button", { name: new RegExp(`^Is ${state} by a worker`) }));
    await gone(events.getByRole("button", { name: /^Reported progress/ }));
    await page.getByRole("switch", { name: "Progress reports" }).click();
    await seen(events.getByRole("button", { name: /^Reported progress/ }));
    await page.getByRole("tab", { name: "Overview" }).click();
  });

  step("makes a service account and a token, which is shown once", async () => {
    const { page } = alice;
    await page.getByRole("link", { name: "Service accounts" }).click();
    await page.getByRole("button", { name: "New service account" }).click();
    await page.getByLabel("Name", { exact: true }).fill("ci");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByLabel("New token for").fill("github");
    await page.getByRole("button", { name: "Create token" }).click();
    token = await page.getByLabel("New token", { exact: true }).inputValue();
    assert.match(token, /^plinth_sat_/);
    await assertAccessible(page, "a new token");
    await page.getByRole("button", { name: "Done" }).click();
    await page
      .getByRole("row")
      .filter({ hasText: "ci" })
      .getByRole("button", { name: "Credentials" })
      .click();
    await seen(page.getByRole("row").filter({ hasText: "github" }).getByText("works"));
    assert.ok(!(await page.content()).includes(token), "the token is shown a second time");
    await page.getByRole("button", { name: "Done" }).click();
  });

  step("makes a login to the database in the same place, and revokes it", async () => {
    const { page } = alice;
    await page
      .getByRole("row")
      .filter({ hasText: "ci" })
      .getByRole("button", { name: "Credentials" })
      .click();
    await page.getByRole("tab", { name: "SQL logins" }).click();
    await page.getByLabel("New SQL login for").fill("reports");
    await page.getByRole("button", { name: "Create SQL login" }).click();
    const address = await page.getByLabel("New SQL login", { exact: true }).inputValue();
    assert.match(address, /^postgres:\/\/plinth_sql_\w+:[\w-]+@127\.0\.0\.1:\d+\/plinth_cell$/);
    const row = page.getByRole("row").filter({ hasText: "reports" });
    await seen(row.getByText("works"));
    await assertAccessible(page, "a new login to the database");
    await picture(page, "sql-login-light", { height: 640 });
    await row.getByRole("button", { name: "Revoke reports" }).click();
    await seen(row.getByText("revoked"));
    await page.getByRole("button", { name: "Done" }).click();
  });

  step("provisions the next one from CI by file, and waits for it", async () => {
    const { page } = alice;
    await page.getByRole("link", { name: "Pipelines", exact: true }).click();
    await seen(rowOf(page, FIRST));
    const file = join(server.home, "orders.yaml");
    await writeFile(file, MANIFEST);
    const dry = await commandLine("apply", "-f", file, "--dry-run");
    assert.equal(dry.code, 0, dry.stderr);
    assert.equal(
      (await alice.call("GET", `${ORG}/pipelines/orders-to-lake`)).status,
      404,
      "a dry run has kept something",
    );
    const applied = await commandLine("apply", "-f", file);
    assert.equal(applied.code, 0, applied.stderr);
    assert.match(applied.stdout, /connection\/lake created[\s\S]*pipeline\/orders-to-lake created/);
    await seen(rowOf(page, "orders-to-lake"));
    const watched = await commandLine(
      "watch",
      "pipelines",
      "orders-to-lake",
      "--until",
      "streaming",
      "--timeout",
      "5m",
    );
    assert.equal(watched.code, 0, watched.stderr);
    assert.match(watched.stdout, /streaming/);
    await seen(stateOf(rowOf(page, "orders-to-lake"), "streaming"));
    const again = await commandLine("apply", "-f", file);
    assert.match(again.stdout, /pipeline\/orders-to-lake unchanged/, again.stderr);
  });

  step("provisions one more by the API, and sees it complete on the page", async () => {
    const made = await asCi("POST", `${ORG}/pipelines`, ONCE);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const { page } = alice;
    await seen(stateOf(rowOf(page, ONCE.name), "completed"));
    const done = await asCi("GET", `${ORG}/pipelines/${ONCE.name}`);
    assert.equal(done.body.status.state, "completed");
    assert.ok(done.body.status.rows > 0, JSON.stringify(done.body.status));
    assert.equal(done.body.created_by.name, "ci");
    await assertAccessible(page, "the list of pipelines");
  });

  step("invites a teammate by a mail that is in the outbox", async () => {
    const { page } = alice;
    await page.getByRole("link", { name: "Members" }).click();
    await page.getByRole("button", { name: "Invite" }).click();
    bob = await Person.arrive(browser, server, "Bob");
    await page.getByLabel("E-mail").fill(bob.email);
    await page.getByRole("checkbox", { name: /^Developer/ }).uncheck();
    await page.getByRole("checkbox", { name: /^Viewer/ }).check();
    await assertAccessible(page, "the invitation");
    await page.getByRole("button", { name: "Send invitation" }).click();
    await seen(page.getByText(`A link is on its way to ${bob.email}`));
    await page.getByRole("button", { name: "Done" }).click();
    await bob.followMail(/acme/i);
    await seen(bob.page.getByRole("heading", { name: "Join Acme" }));
    await bob.page.getByRole("link", { name: "Create an account" }).click();
    await bob.fillSignUp();
    await bob.page.getByRole("button", { name: "Accept and continue" }).click();
    await seen(bob.page.getByRole("heading", { name: "Overview" }));
    const members = page.getByRole("table", { name: "Members" }).getByRole("row");
    await seen(members.filter({ hasText: bob.email }).getByText("viewer"));
    await gone(page.getByRole("table", { name: "Open invitations" }));
    await picture(page, "members-light");
  });

  step("the teammate sees the pipelines live, made in the console, by CI and by the API", async () => {
    const { page } = bob;
    await page.getByRole("link", { name: "Pipelines", exact: true }).click();
    for (const name of [FIRST, "orders-to-lake", ONCE.name]) await seen(rowOf(page, name));
    await seen(stateOf(rowOf(page, FIRST), "streaming"));
    await page.evaluate(() => {
      window.neverReloaded = true;
    });
    await alice.page.goto(`${PAGE}/pipelines/${FIRST}`);
    await alice.page.getByRole("button", { name: "Pause" }).click();
    await seen(stateOf(rowOf(page, FIRST), "paused"));
    const brief = { ...ONCE, name: "brief" };
    assert.equal((await asCi("POST", `${ORG}/pipelines`, withSchema(brief, "brief"))).status, 201);
    await seen(stateOf(rowOf(page, brief.name), "completed"));
    assert.equal((await asCi("DELETE", `${ORG}/pipelines/${brief.name}`)).status, 202);
    await gone(rowOf(page, brief.name));
    assert.equal(await page.evaluate(() => window.neverReloaded), true);
  });

  step("the teammate is offered nothing that a viewer may not do, and is refused it by the API", async () => {
    const { page } = bob;
    await assertNotOffered(page, [
      ["link", "New pipeline"],
      ["link", "Service accounts"],
      ["link", "Usage and bill"],
    ]);
    await page.getByRole("link", { name: FIRST }).click();
    await seen(page.getByRole("heading", { name: FIRST }));
    await seen(page.getByRole("tab", { name: "Configuration" }));
    await assertNotOffered(page, [
      ["button", "Pause"],
      ["button", "Resume"],
      ["link", "Edit"],
      ["button", "More actions"],
    ]);
    await page.goto(`${PAGE}/pipelines/new`);
    await seen(page.getByRole("heading", { name: "Your role does not create pipelines" }));
    await page.goto(`${PAGE}/connections/shop`);
    await seen(page.getByText("Used by"));
    await assertNotOffered(page, [
      ["link", "Edit"],
      ["button", "More actions"],
    ]);
    const menu = page.getByRole("navigation", { name: "Main" });
    await menu.getByRole("link", { name: "Connections" }).click();
    await seen(page.getByRole("table", { name: "Connections" }).getByRole("link", { name: "shop" }));
    await assertNotOffered(page, [["link", "New connection"]]);
    await menu.getByRole("link", { name: "Members" }).click();
    await seen(page.getByRole("table", { name: "Members" }).getByRole("row").nth(2));
    await assertNotOffered(page, [["button", "Invite"]]);
    await menu.getByRole("link", { name: "Settings" }).click();
    await seen(page.getByLabel("Shown name"));
    await assertNotOffered(page, [["button", "Save"]]);
    const of = `${ORG}/pipelines/${FIRST}`;
    await assertRefused(bob, "POST", `${ORG}/pipelines`, { ...ONCE, name: "forced" });
    await assertRefused(bob, "PATCH", of, { spec: { paused: false } });
    await assertRefused(bob, "DELETE", of);
    await assertRefused(bob, "GET", `${ORG}/bill`);
    await assertRefused(bob, "POST", `${ORG}/invitations`, { email: "dave@example.com", roles: ["viewer"] });
    assert.equal((await pipeline(FIRST)).status.state, "paused");
  });

  step("a stranger sees nothing of it: not by address, not by the API", async () => {
    carol = await Person.arrive(browser, server, "Carol");
    const { page } = carol;
    await page.goto("/signup");
    await carol.fillSignUp();
    await carol.nameOrg("Northwind", "northwind");
    await seen(page.getByRole("heading", { name: "Copy your first table" }));
    const { id } = await pipeline(FIRST);
    for (const path of [
      PAGE,
      `${PAGE}/pipelines/${FIRST}`,
      `${PAGE}/bill`,
      `/orgs/northwind/pipelines/${id}`,
    ]) {
      await page.goto(path);
      await seen(page.getByText(/Nothing here|not found/i));
      assert.ok(!(await page.content()).includes("orders-to-lake"), `${path} tells the name of a pipeline`);
    }
    const hidden = [
      "",
      "/pipelines",
      `/pipelines/${FIRST}`,
      "/connections/shop",
      "/events",
      "/usage",
      "/bill",
      "/members",
    ];
    for (const path of hidden) await assertNotThere(carol, "GET", `${ORG}${path}`);
    await assertNotThere(carol, "GET", `/v1/orgs/northwind/pipelines/${id}`);
    await assertNotThere(carol, "PATCH", `${ORG}/pipelines/${FIRST}`, { spec: { paused: false } });
    await assertNotThere(carol, "DELETE", `${ORG}/pipelines/${id}`);
    await assertNotThere(carol, "POST", `${ORG}/pipelines`, { ...ONCE, name: "forced" });
    const listed = await carol.read("/v1/orgs/northwind/pipelines?deleted=true");
    assert.deepEqual(listed.items, []);
  });

  step("a stranger's folder of files by the same name is another one", async () => {
    const NORTH = "/v1/orgs/northwind";
    const inside = async (person, org) => {
      const { status, body } = await person.call("POST", `${org}/connections/lake/actions/discover`, {});
      assert.equal(status, 200, JSON.stringify(body));
      return body;
    };
    assert.equal((await carol.call("POST", `${NORTH}/connections`, folder("lake"))).status, 201);
    const { page } = carol;
    await page.goto("/orgs/northwind/connections/lake");
    await page.getByRole("button", { name: "Look inside" }).click();
    await seen(page.getByText(/does not exist|no such|is empty|no file/i));
    assert.ok(!JSON.stringify(await inside(carol, NORTH)).includes("orders"), "the first org's file is seen");

    const { body: made } = await carol.call("POST", `${NORTH}/pipelines`, {
      ...ONCE,
      spec: { ...ONCE.spec, destination: { connection: "lake" } },
    });
    await page.goto(`/orgs/northwind/pipelines/${made.name}`);
    await seen(stateOf(page.getByRole("main"), "completed"));
    await page.goto("/orgs/northwind/connections/lake");
    await page.getByRole("button", { name: "Look inside" }).click();
    const tables = page.getByRole("table", { name: "Tables", exact: true });
    await seen(tables.getByRole("row").filter({ hasText: "public.customers" }));
    assert.equal(await tables.getByRole("row").filter({ hasText: "orders" }).count(), 0);
    const first = JSON.stringify(await inside(alice, ORG));
    assert.ok(first.includes("public.orders") && !first.includes("customers"), first);
  });

  aside("the dashboard agrees with the rows that were copied", async () => {
    const { page } = alice;
    const { id, status } = await pipeline(ONCE.name);
    const now = Date.now();
    const window = {
      from: new Date(now - 3_600_000).toISOString(),
      to: new Date(now + 60_000).toISOString(),
    };
    const query = new URLSearchParams({
      name: "rows_copied",
      aggregate: "last",
      bucket_secs: "3600",
      resource: id,
      ...window,
    });
    const measured = async () => {
      const { series } = await alice.read(`${ORG}/metrics/query?${query}&group_by=table`);
      return series.map(({ group, points }) => ({ table: group.table, rows: points.at(-1).value }));
    };
    const expected = status.tables.map(({ name, rows }) => ({ table: name, rows }));
    await eventually(
      measured,
      (rows) => JSON.stringify(rows) === JSON.stringify(expected),
      `${JSON.stringify(expected)}`,
    );
    await page.goto(`${PAGE}/pipelines/${ONCE.name}?tab=metrics`);
    const compact = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 });
    const text = status.rows < 10_000 ? status.rows.toLocaleString("en-US") : compact.format(status.rows);
    await seen(page.getByRole("img", { name: `Rows copied. public.customers: now ${text}` }));
    await assertAccessible(page, "a dashboard");
  });

  aside("the dashboard of a streaming pipeline moves with it", async () => {
    const { page } = alice;
    await page.goto(`${PAGE}/pipelines/${FIRST}?tab=metrics`);
    await page.getByRole("button", { name: "Resume" }).click();
    await seen(stateOf(page.getByRole("main"), "streaming"));
    await seen(page.getByRole("img", { name: /^Throughput by table\. .*public\.orders: now/ }));
    await picture(page, "dashboard-light");
  });

  step("the bill has a line for each meter and resource, whose records add up to it", async () => {
    const { page } = alice;
    const { id, status } = await pipeline(ONCE.name);
    const read = () => alice.read(`${ORG}/bill`);
    const lineOf = (bill) =>
      bill.lines.find((line) => line.meter === "rows_copied" && line.resource?.id === id);
    const settledLine = (bill) => lineOf(bill) && equal(lineOf(bill).quantity, String(status.rows));
    const bill = await eventually(read, settledLine, `a line of ${status.rows} rows for ${ONCE.name}`);
    for (const meter of ["rows_copied", "bytes_copied", "pipeline_hours", "pipeline_created"]) {
      const of = bill.lines.filter((line) => line.meter === meter).map((line) => line.resource?.name);
      for (const name of [FIRST, ONCE.name])
        assert.ok(of.includes(name), `no line of ${meter} for ${name}: ${of}`);
    }
    const amounts = bill.subtotals.map(({ amount }) => amount);
    assert.ok(addUpTo(amounts, bill.total), `${amounts} is not ${bill.total}`);
    const line = lineOf(bill);
    const quantities = (await alice.readAll(line.drill)).map(({ quantity }) => quantity);
    assert.equal(quantities.length, line.records);
    assert.ok(addUpTo(quantities, line.quantity), `${quantities} is not ${line.quantity}`);

    await page.getByRole("link", { name: "Usage and bill" }).click();
    const group = page.getByRole("region", { name: "Rows copied" });
    await group.getByRole("button", { name: new RegExp(ONCE.name) }).click();
    await settled(page);
    await assertAccessible(page, "the bill");
    await picture(page, "bill-light");
    await group.getByRole("link", { name: /usage record/ }).click();
    const records = page.getByRole("table", { name: "Usage records" }).locator("tbody tr");
    await seen(page.getByRole("button", { name: `Show all resources, not only ${ONCE.name}` }));
    await eventually(
      () => records.count(),
      (count) => count === line.records,
      `${line.records} records on the page`,
    );
    const shown = (await records.locator("td:nth-child(3)").allTextContents()).map(plain);
    assert.ok(addUpTo(shown, line.quantity), `${shown} is not ${line.quantity}`);
    await assertAccessible(page, "the usage records");
  });

  step("the command line tells the same bill", async () => {
    const told = await commandLine("bill", "-o", "json");
    assert.equal(told.code, 0, told.stderr);
    const rows = JSON.parse(told.stdout).lines.find(
      (line) => line.meter === "rows_copied" && line.resource?.name === ONCE.name,
    );
    assert.ok(equal(rows.quantity, String((await pipeline(ONCE.name)).status.rows)));
  });

  step("every page looks as it should in the documentation", () => takeGallery(alice.page, PAGE, FIRST));

  step("nothing went wrong on any page meanwhile", async () => {
    for (const person of people()) person.assertNoProblems();
  });
});
