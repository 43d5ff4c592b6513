// Access: an admin writes a policy in the form, a contractor sees and may less, and it is changed, reverted and deleted.

import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { gone, openBrowser, PASSWORD, Person, seen } from "./lib/browser.js";
import { rowOf } from "./lib/console.js";
import { assertInSight, assertNotOffered, assertNotThere, assertRefused } from "./lib/expect.js";
import { assertAccessible, contrastFaultsInDark, faultsOf, settled } from "./lib/inspect.js";
import { picture } from "./lib/picture.js";
import { startServer } from "./lib/server.js";
import { stepsOf } from "./lib/steps.js";
import { eventually } from "./lib/wait.js";

const ORG = "/v1/orgs/acme";
const PAGE = "/orgs/acme";
/** Their properties; none of them runs. */
const PIPELINES = {
  "dev-data": { environment: "development", team: "data" },
  "dev-sales": { environment: "development", team: "sales" },
  "prod-data": { environment: "production", team: "data" },
};
const CEDAR = `forbid (
  principal in Group::"contractors",
  action in [Action::"resources:*"],
  resource is Pipeline
)
when { resource.properties has environment && resource.properties.environment == "production" };


permit (
  principal in Group::"contractors",
  action in [Action::"pipelines:pause", Action::"pipelines:resume"],
  resource is Pipeline
)
when { resource.properties has team && resource.properties.team == "data" };
`;

/** What is made has to say where it belongs. */
const MAKERS = `permit (
  principal in Group::"contractors",
  action in [Action::"pipelines:create", Action::"pipelines:update"],
  resource
)
when { resource.properties has environment && resource.properties.environment == "development" };

permit (principal in Group::"contractors", action == Action::"connections:create", resource)
when { resource.properties has environment && ["development", "staging"].contains(resource.properties.environment) };
`;

describe("access", () => {
  let server;
  let browser;
  let alice;
  let bob;
  let policy;
  const { step, aside } = stepsOf(() => [alice, bob].filter(Boolean));

  before(async () => {
    server = await startServer({ sampleRows: 1000 });
    browser = await openBrowser();
    alice = await Person.arrive(browser, server, "Alice");
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const stored = async () =>
    (await alice.read(`${ORG}/policies`)).items.find(({ name }) => name === "contractors");
  const idOf = async (person) =>
    (await alice.read(`${ORG}/members`)).items.find(({ email }) => email === person.email).user_id;
  const replaced = async (change) => {
    const { name, description, text } = await stored();
    const answer = await alice.call("PUT", `${ORG}/policies/${policy}`, {
      name,
      description,
      text,
      ...change,
    });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  };

  step("an organization with pipelines of two environments and a viewer", async () => {
    const { email, name } = alice;
    const signup = { email, name, password: PASSWORD, session: "cookie" };
    const made = await alice.context.request.post("/v1/signup", { data: signup });
    assert.equal(made.status(), 201, await made.text());
    assert.equal((await alice.call("POST", "/v1/orgs", { slug: "acme", name: "Acme" })).status, 201);
    await alice.followMail(/^Confirm/);
    await seen(alice.page.getByRole("heading", { name: "Your e-mail is verified" }));
    for (const [pipeline, properties] of Object.entries(PIPELINES)) {
      const answer = await alice.call("POST", `${ORG}/pipelines`, pausedPipeline(pipeline, properties));
      assert.equal(answer.status, 201, JSON.stringify(answer.body));
    }
    bob = await Person.arrive(browser, server, "Bob");
    const invited = { email: bob.email, roles: ["viewer"] };
    assert.equal((await alice.call("POST", `${ORG}/invitations`, invited)).status, 201);
    await bob.followMail(/acme/i);
    await bob.page.getByRole("link", { name: "Create an account" }).click();
    await bob.fillSignUp();
    await bob.page.getByRole("button", { name: "Accept and continue" }).click();
    await seen(bob.page.getByRole("heading", { name: "Overview" }));
    await bob.page.goto(`${PAGE}/pipelines`);
    for (const pipeline of Object.keys(PIPELINES)) await seen(rowOf(bob.page, pipeline));
    await assertNotOffered(bob.page, [["link", "Access"]]);
  });

  step("a member is put into a group, where roles are given", async () => {
    const { page } = alice;
    await page.goto(`${PAGE}/members`);
    await page.getByRole("button", { name: "Actions for Bob" }).click();
    await page.getByRole("menuitem", { name: "Change access" }).click();
    await page.getByLabel("Groups").fill("contractors");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Add attribute" }).click();
    await page.getByLabel("Attribute 1 name").fill("team");
    await page.getByLabel("Attribute 1 value").fill("data");
    await assertAccessible(page, "the access of a member");
    await page.getByRole("button", { name: "Save" }).click();
    await gone(page.getByRole("dialog"));
    await seen(page.getByRole("table", { name: "Members" }).getByText("contractors"));
    const { items } = await alice.read(`${ORG}/members`);
    const { groups, attributes, roles } = items.find((member) => member.email === bob.email);
    assert.deepEqual(
      { groups, attributes, roles },
      { groups: ["contractors"], attributes: { team: "data" }, roles: ["viewer"] },
    );
  });

  step("an admin writes a policy in the form", async () => {
    const { page } = alice;
    await page.getByRole("link", { name: "Access" }).click();
    await seen(page.getByRole("heading", { name: "No policies of your own yet" }));
    await page.getByRole("link", { name: "New policy" }).first().click();
    await page.getByLabel("Name", { exact: true }).fill("contractors");
    await page.getByLabel("Description").fill("Contractors stay out of production");
    const first = page.getByRole("group", { name: "Statement 1" });
    await first.getByRole("radio", { name: "Forbid" }).check({ force: true });
    await first.getByLabel("Group", { exact: true }).fill("contractors");
    await first.getByRole("button", { name: "Remove resources:view" }).click();
    await seen(first.getByText("All actions"));
    await addAction(page, first, "resources:*");
    await fillTarget(page, first, "environment", "production");
    await page.getByRole("button", { name: "Add statement" }).click();
    const second = page.getByRole("group", { name: "Statement 2" });
    await second.getByLabel("Group", { exact: true }).fill("contractors");
    await second.getByRole("button", { name: "Remove resources:view" }).click();
    for (const action of ["pipelines:pause", "pipelines:resume"]) await addAction(page, second, action);
    await fillTarget(page, second, "team", "data");
    await assertAccessible(page, "the form of a policy");
    assert.deepEqual(await contrastFaultsInDark(page), []);
  });

  step("what the form says is seen as Cedar, and previewed, before it is kept", async () => {
    const { page } = alice;
    await page.getByRole("tab", { name: "Cedar" }).click();
    const editor = page.getByRole("textbox", { name: "Policy in Cedar" });
    await seen(editor);
    assert.equal(await textOf(editor), CEDAR.trimEnd());
    await seen(page.getByText("It is valid"));
    await assertAccessible(page, "the editor of Cedar");
    assert.deepEqual(await contrastFaultsInDark(page), []);
    await picture(page, "policy-light");
    await page.getByRole("tab", { name: "Form" }).click();
    await page.getByRole("button", { name: "Preview" }).click();
    const preview = page.getByRole("region", { name: "Preview" });
    await seen(preview);
    await assertInSight(preview, "the preview");
    await seen(preview.getByText("1 principal gains"));
    await seen(preview.getByText("1 principal loses"));
    const lost = preview.getByRole("list", { name: "Changes" }).getByRole("listitem");
    await seen(lost.filter({ hasText: "Bob loses pipelines:view" }).getByRole("link", { name: "prod-data" }));
    await picture(page, "preview-light");
    assert.deepEqual((await alice.read(`${ORG}/policies`)).items, []);
    await page.getByRole("button", { name: "Create policy" }).click();
    await seen(page.getByRole("heading", { name: "contractors" }));
    await seen(page.getByText("Version 1"));
    await seen(page.getByText(/^Group contractors may not do/));
    const kept = await stored();
    policy = kept.id;
    assert.equal(kept.text, CEDAR);
  });

  step("the contractor sees development alone", async () => {
    const { page } = bob;
    await page.goto(`${PAGE}/pipelines`);
    for (const pipeline of ["dev-data", "dev-sales"]) await seen(rowOf(page, pipeline));
    assert.equal(await rowOf(page, "prod-data").count(), 0);
    await assertNotThere(bob, "GET", `${ORG}/pipelines/prod-data`);
  });

  step(
    "what the policies permit on one is offered there, and elsewhere a disabled button tells why",
    async () => {
      const { page } = bob;
      await page.getByRole("link", { name: "dev-data" }).click();
      await seen(page.getByRole("heading", { name: "dev-data" }));
      const resume = page.getByRole("button", { name: "Resume" });
      await seen(resume);
      assert.equal(await resume.isEnabled(), true);
      await page.goto(`${PAGE}/pipelines/dev-sales`);
      await seen(resume);
      assert.equal(await resume.isDisabled(), true);
      await resume.focus();
      await page.keyboard.press("Enter");
      const why = page.getByRole("dialog", { name: "Why can't I?" });
      await seen(why.getByText("Owners and admins of the organization can grant it"));
      await seen(why.getByText("pipelines:resume").first());
      await seen(why.getByText(/do not let you do/));
      await assertAccessible(page, "why something is refused");
      assert.deepEqual(await contrastFaultsInDark(page), []);
      await picture(page, "why-light", { height: 520 });
      await page.keyboard.press("Escape");
      await assertNotOffered(page, [
        ["link", "Edit"],
        ["button", "Edit"],
        ["button", "More actions"],
      ]);
      await assertRefused(bob, "POST", `${ORG}/pipelines/dev-sales/resume`);
    },
  );

  step("a row offers what may be done to it, and tells why not", async () => {
    const { page } = bob;
    await page.goto(`${PAGE}/pipelines`);
    const open = async (pipeline) => {
      await page.getByRole("button", { name: `Actions for ${pipeline}` }).click();
      const items = page.getByRole("menuitem");
      await seen(items.first());
      assert.equal(await items.count(), 1, "more is offered than anybody may do");
      return items.filter({ hasText: "Resume" });
    };
    const refused = await open("dev-sales");
    assert.equal(await refused.getAttribute("aria-disabled"), "true");
    await seen(refused.getByText(/Owners and admins can grant pipelines:resume/));
    await picture(page, "row-menu-light", { height: 520 });
    await page.keyboard.press("Escape");
    const allowed = await open("dev-data");
    assert.equal(await allowed.getAttribute("aria-disabled"), null);
    await page.keyboard.press("Escape");
    await alice.page.goto(`${PAGE}/pipelines`);
    await alice.page.getByRole("button", { name: "Actions for dev-sales" }).click();
    for (const item of ["Resume", "Edit", "Delete"])
      await seen(alice.page.getByRole("menuitem", { name: item }));
    await alice.page.keyboard.press("Escape");
  });

  aside("Cedar that is not valid says where, and cannot be saved", async () => {
    const { page } = alice;
    await page.goto(`${PAGE}/policies/${policy}/edit`);
    await page.getByRole("tab", { name: "Cedar" }).click();
    await write(page, `${CEDAR}permit (principal, action == Action::"nothing:known", resource);`);
    await seen(page.getByRole("list", { name: "Findings" }).getByText(/^15:30/));
    await seen(page.getByText("It cannot be saved like this"));
    await assertAccessible(page, "a policy that is not valid");
    await page.getByRole("button", { name: "Save changes" }).click();
    await page.getByRole("tab", { name: "Form" }).click();
    await seen(page.getByText("The other view can be made of it once these are mended"));
    assert.equal((await stored()).version, 1);
  });

  aside("a policy that says more than the form can stays Cedar", async () => {
    const { page } = alice;
    await page.goto(`${PAGE}/policies/${policy}/edit`);
    await page.getByRole("tab", { name: "Cedar" }).click();
    await write(page, "permit (principal, action, resource) unless { context.local.hour == 8 };");
    await seen(page.getByText("This policy says more than the form can"));
    await page.getByRole("tab", { name: "Form" }).click();
    await seen(page.getByRole("textbox", { name: "Policy in Cedar" }));
    await write(page, 'permit (principal in Group::"nobody", action, resource);');
    await gone(page.getByText("This policy says more than the form can"));
    await page.getByRole("tab", { name: "Form" }).click();
    await seen(page.getByRole("group", { name: "Statement 1" }).getByText("All actions"));
    assert.equal(await page.getByLabel("Group", { exact: true }).inputValue(), "nobody");
  });

  aside("a change that somebody else made meanwhile is not overwritten", async () => {
    const { page } = alice;
    await page.goto(`${PAGE}/policies/${policy}/edit`);
    await seen(page.getByRole("group", { name: "Statement 1" }));
    const { version } = await stored();
    await replaced({ description: "Changed by somebody else" });
    await page.getByLabel("Description").fill("Changed here");
    await page.getByRole("button", { name: "Save changes" }).click();
    await seen(page.getByRole("alert").filter({ hasText: `It has version ${version + 1} by now` }));
    assert.equal((await stored()).description, "Changed by somebody else");
  });

  step("another wording is a version, and a version can be had back", async () => {
    const { page } = alice;
    const { version } = await stored();
    await replaced({ text: CEDAR.slice(CEDAR.indexOf("permit")) });
    await bob.page.goto(`${PAGE}/pipelines`);
    await seen(rowOf(bob.page, "prod-data"));
    await page.goto(`${PAGE}/policies/${policy}?tab=history`);
    const newest = page.getByRole("region", { name: `What version ${version + 1} changed` });
    await seen(newest.getByText("forbid ("));
    await assertAccessible(page, "the versions of a policy");
    await page.getByRole("button", { name: `Revert to version ${version}` }).click();
    await seen(page.getByRole("region", { name: "What would change" }));
    const preview = page.getByRole("dialog").getByRole("region", { name: "Preview" });
    await seen(preview.getByText("1 principal loses"));
    await seen(preview.getByRole("listitem").filter({ hasText: "Bob loses pipelines:view" }));
    await assertAccessible(page, "a revert");
    assert.deepEqual(await contrastFaultsInDark(page), []);
    await page.getByRole("dialog").getByRole("button", { name: "Revert" }).click();
    await gone(page.getByRole("dialog"));
    await seen(page.getByRole("region", { name: `What version ${version + 2} changed` }));
    assert.equal((await stored()).text, CEDAR);
    await bob.page.reload();
    await seen(rowOf(bob.page, "dev-data"));
    assert.equal(await rowOf(bob.page, "prod-data").count(), 0);
  });

  step("a form asks about its draft as it is typed, and offers what policies allow", async () => {
    const { page } = bob;
    const made = await alice.call("POST", `${ORG}/policies`, { name: "makers", text: MAKERS });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    await page.goto(`${PAGE}/connections/new`);
    await page.getByLabel("Name", { exact: true }).fill("own-files");
    const environment = page.getByRole("combobox", { name: "environment" });
    await seen(environment);
    await seen(page.getByText("As it stands, this would be refused"));
    const create = page.getByRole("button", { name: "Create connection" });
    assert.equal(await create.isDisabled(), true);
    await create.focus();
    await page.keyboard.press("Enter");
    const why = page.getByRole("dialog", { name: "Why can't I?" });
    await seen(why.getByText("The property environment has to be development or staging."));
    await assertAccessible(page, "why a draft is refused");
    assert.deepEqual(await contrastFaultsInDark(page), []);
    await page.keyboard.press("Escape");
    await environment.click();
    await page.getByRole("option", { name: "staging" }).click();
    await gone(page.getByText("As it stands, this would be refused"));
    await eventually(() => create.isEnabled(), Boolean, "a draft that is allowed can be sent");
    assert.deepEqual(await faultsOf(page, "a draft that is allowed"), []);
    await assertRefused(bob, "POST", `${ORG}/connections`, {
      name: "own-files",
      spec: { kind: "files", directory: "own", format: "csv" },
    });
  });

  step("the wizard fills in the one value that is allowed", async () => {
    const { page } = bob;
    await page.goto(`${PAGE}/pipelines/new`);
    await page.getByRole("radiogroup", { name: "Source" }).getByText("shop", { exact: true }).click();
    const review = page.getByRole("complementary", { name: "Review" });
    const environment = review.getByRole("combobox", { name: "environment" });
    await seen(environment.getByText("development"));
    const go = review.getByRole("button", { name: "Go" });
    await eventually(() => go.isEnabled(), Boolean, "the pipeline can be made");
    assert.deepEqual(await faultsOf(page, "the wizard with a required property"), []);
    await go.click();
    await seen(page.getByRole("heading", { name: /^shop-to-/ }));
    await seen(page.getByText("environment: development"));
    await page.getByRole("link", { name: "Edit" }).click();
    await seen(page.getByRole("combobox", { name: "environment" }).getByText("development"));
    await eventually(
      () => page.getByRole("button", { name: "Save changes" }).isEnabled(),
      Boolean,
      "what is allowed can be saved",
    );
    const name = /pipelines\/([^/]+)\/edit/.exec(page.url())[1];
    await page.goto(`${PAGE}/pipelines`);
    assert.ok([200, 202].includes((await alice.call("DELETE", `${ORG}/pipelines/${name}`)).status));
    const { items } = await alice.read(`${ORG}/policies`);
    const makers = items.find((each) => each.name === "makers");
    assert.equal((await alice.call("DELETE", `${ORG}/policies/${makers.id}`)).status, 204);
  });

  step("what was refused is listed, and leads to who may do what", async () => {
    const { page } = alice;
    await page.goto(`${PAGE}/policies?tab=refusals`);
    const table = page.getByRole("table", { name: "Refused requests" });
    const row = table.getByRole("row").filter({ hasText: "pipelines:resume" });
    await seen(row.getByRole("link", { name: "dev-sales" }));
    await seen(row.getByText("1", { exact: true }));
    await assertAccessible(page, "refused requests");
    await picture(page, "refused-light", { height: 520 });
    await row.getByRole("link", { name: "Bob" }).click();
    await seen(page.getByRole("list", { name: "What Bob may do" }));
  });

  step("who may do what is seen at a glance, each with its reason", async () => {
    const { page } = alice;
    await page.goto(`${PAGE}/policies?tab=people`);
    const mine = page.getByRole("list", { name: "What Alice may do" });
    const cell = mine.getByRole("button", { name: "Grant owner everywhere" });
    await seen(cell);
    await cell.click();
    const { permissions } = await alice.read(`${ORG}/permissions`);
    assert.equal(await mine.getByRole("button").count(), permissions.length, "a permission without a cell");
    await seen(page.getByRole("dialog", { name: "members:grant-owner" }).getByText(/permitted by/));
    await page.keyboard.press("Escape");
    const id = await idOf(bob);
    await page.goto(`${PAGE}/policies?tab=people&principal=${id}`);
    const theirs = page.getByRole("list", { name: "What Bob may do" });
    await seen(theirs.getByRole("button", { name: "Pause on some" }));
    await seen(theirs.getByRole("button", { name: "Grant owner no" }));
    await picture(page, "matrix-light", { height: 960 });
    await page.getByText("One kind, all people").click();
    await page.getByLabel("Kind of things").click();
    await page.getByRole("option", { name: "Pipelines" }).click();
    const everybody = page.getByRole("table", { name: "Who may do what: Pipelines" });
    const his = everybody.getByRole("row").filter({ hasText: "Bob" });
    await seen(his.getByRole("button", { name: "on some" }).first());
    await seen(
      everybody
        .getByRole("row")
        .filter({ hasText: "Alice" })
        .getByRole("button", { name: "everywhere" })
        .nth(6),
    );
    await assertAccessible(page, "who may do what to pipelines");
    await picture(page, "matrix-kind-light", { height: 520 });
    await page.getByRole("tab", { name: "Roles" }).click();
    await seen(page.getByRole("region", { name: "Role Viewer" }).getByText('Role::"viewer"'));
  });

  step("what was unusual is listed, with the risk that it comes to", async () => {
    const { page } = alice;
    const wrong = { email: bob.email, password: "not the one that it is", session: "cookie" };
    for (let count = 0; count < 3; count += 1)
      assert.equal((await alice.call("POST", "/v1/login", wrong)).status, 401);
    const id = await idOf(bob);
    const signals = async () => (await alice.read(`${ORG}/signals?principal=${id}`)).items.length;
    await eventually(signals, (count) => count >= 3, "failed logins are signals");
    await page.goto(`${PAGE}/policies?tab=signals&principal=${id}`);
    const table = page.getByRole("table", { name: "Signals" });
    await seen(table.getByText("Failed login").first());
    await seen(page.getByRole("list", { name: "Parts of the risk" }));
    await picture(page, "signals-light", { height: 640 });
    await page.setViewportSize({ width: 390, height: 844 });
    await page.reload();
    await seen(table.getByRole("columnheader", { name: "Weight" }));
    await seen(
      table
        .getByText(/127\.0\.0\.1|::1|127\.0\.0\.0/)
        .locator("visible=true")
        .first(),
    );
    await assertInSight(page.getByRole("tab", { name: "Signals" }), "the chosen tab");
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  aside("a change of policies is seen live by those who may see them, and told by the activity", async () => {
    const { page } = alice;
    await page.goto(`${PAGE}/policies`);
    await seen(page.getByRole("table", { name: "Policies" }).getByRole("link", { name: "contractors" }));
    await seen(page.locator('[data-live="live"]').first());
    const made = {
      name: "night",
      text: "forbid (principal, action, resource) when { context.local.hour > 24 };",
    };
    const { body } = await alice.call("POST", `${ORG}/policies`, made);
    await seen(page.getByRole("table", { name: "Policies" }).getByRole("link", { name: "night" }));
    await seen(page.getByRole("row").filter({ hasText: "night" }).getByText("Cedar"));
    assert.equal((await alice.call("DELETE", `${ORG}/policies/${body.id}`)).status, 204);
    await gone(page.getByRole("link", { name: "night" }));
    await page.goto(`${PAGE}/events?kind=policy`);
    await seen(page.getByRole("list", { name: "Events" }).getByText("night").first());
  });

  aside("every page of it is accessible, light and dark, and fits a narrow screen", async () => {
    const { page } = alice;
    const of = `${PAGE}/policies`;
    const paths = [
      "",
      "?tab=roles",
      "?tab=people",
      "?tab=refusals",
      "?tab=signals",
      "/new",
      `/${policy}`,
      `/${policy}?tab=history`,
      `/${policy}/edit`,
    ];
    const faults = [];
    for (const path of paths) {
      await page.goto(`${of}${path}`);
      await settled(page);
      faults.push(...(await faultsOf(page, path)));
    }
    await page.goto(`${of}/${policy}/edit`);
    await page.getByRole("tab", { name: "Cedar" }).click();
    await seen(page.getByRole("textbox", { name: "Policy in Cedar" }));
    faults.push(...(await faultsOf(page, "the editor of Cedar")));
    assert.deepEqual(faults, []);
  });

  step("a policy is deleted after its name was typed", async () => {
    const { page } = alice;
    await page.goto(`${PAGE}/policies/${policy}`);
    await page.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: "Delete policy" }).click();
    const dialog = page.getByRole("dialog");
    const confirm = dialog.getByRole("button", { name: "Delete policy" });
    assert.equal(await confirm.isEnabled(), false, "it can be deleted by accident");
    await dialog.getByLabel(/to confirm/).fill("contractors");
    await confirm.click();
    await seen(page.getByRole("heading", { name: "No policies of your own yet" }));
    const { status } = await alice.call("GET", `${ORG}/policies/${policy}`);
    assert.equal(status, 404);
    const visible = async () => (await bob.read(`${ORG}/pipelines`)).items.length;
    await eventually(visible, (count) => count === Object.keys(PIPELINES).length, "all pipelines again");
  });

  step("who may not see events stays in the organization", async () => {
    const id = await idOf(bob);
    const changed = await alice.call("PATCH", `${ORG}/members/${id}`, { roles: ["billing"], groups: [] });
    assert.equal(changed.status, 200, JSON.stringify(changed.body));
    const { page } = bob;
    await page.goto(`${PAGE}/bill`);
    await seen(page.getByRole("heading", { name: "Usage and bill" }));
    await seen(page.locator('[data-live="closed"]').first());
    await settled(page);
    assert.equal(new URL(page.url()).pathname, `${PAGE}/bill`);
    assert.equal(await page.getByText(/no longer have access/).count(), 0);
    await page.goto(PAGE);
    await seen(page.getByRole("heading", { name: "Overview" }));
  });

  step("an owner to whom everything is forbidden takes it back in the console", async () => {
    const { page } = alice;
    const made = await alice.call("POST", `${ORG}/policies`, {
      name: "nobody",
      text: "forbid (principal, action, resource);",
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    await page.goto(PAGE);
    await page.getByRole("link", { name: "Access" }).click();
    await page.getByRole("table", { name: "Policies" }).getByRole("link", { name: "nobody" }).click();
    await page.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: "Delete policy" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(/to confirm/).fill("nobody");
    await dialog.getByRole("button", { name: "Delete policy" }).click();
    await seen(page.getByRole("heading", { name: "No policies of your own yet" }));
    await page.goto(`${PAGE}/pipelines`);
    await seen(rowOf(page, "dev-data"));
  });

  step("nothing went wrong on any page meanwhile", async () => {
    alice.assertNoProblems();
    bob.assertNoProblems();
  });
});

function pausedPipeline(name, properties) {
  return {
    name,
    properties,
    spec: {
      source: { connection: "shop", tables: [{ name: "public.orders", cursor: "updated_at" }] },
      destination: { connection: "warehouse", schema: name.replace("-", "_") },
      mode: "incremental",
      interval_secs: 60,
      paused: true,
    },
  };
}

async function addAction(page, statement, action) {
  await statement.getByLabel("To do what").click();
  await page.getByPlaceholder("Search actions").fill(action);
  await page.getByRole("option", { name: action }).first().click();
  await seen(statement.getByRole("button", { name: `Remove ${action}` }));
}

/** Pipelines with this property. */
async function fillTarget(page, statement, property, value) {
  await statement.getByLabel("On what").click();
  await page.getByRole("option", { name: "Pipelines", exact: true }).click();
  await statement.getByRole("button", { name: "Add property" }).click();
  await statement.getByLabel("Name of property 1").fill(property);
  await statement.getByLabel("Value of property 1").fill(value);
}

/** The lines of the editor as its reader sees them. */
function textOf(editor) {
  return editor.evaluate((element) =>
    [...element.querySelectorAll(".cm-line")]
      .map((line) => line.textContent)
      .join("\n")
      .trimEnd(),
  );
}

async function write(page, text) {
  const editor = page.getByRole("textbox", { name: "Policy in Cedar" });
  await seen(editor);
  await editor.fill(text);
}
