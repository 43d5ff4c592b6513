// Chromium, and the people in it: each has a profile of their own, and whatever goes wrong on their pages is kept.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { PATIENCE_MS } from "./wait.js";

const PLACES = [
  process.env.PLINTH_CHROMIUM,
  process.env.CHROME_BIN,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const ARGUMENTS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
/** The browser and the router report refused requests, which the walk provokes; what the page makes of them counts. */
const EXPECTED =
  /^(Failed to load resource: the server responded with a status of 4\d\d|PlinthError: there is no such)/;
export const PASSWORD = "correct horse battery staple";

export async function openBrowser() {
  const executablePath = PLACES.find((place) => place && existsSync(place));
  if (!executablePath) throw new Error("no Chromium found: install it, or name it in PLINTH_CHROMIUM");
  return chromium.launch({ executablePath, headless: true, chromiumSandbox: false, args: ARGUMENTS });
}

/** A person with a browser profile of their own. */
export class Person {
  /** `options` are those of a browser context, such as `viewport` and `colorScheme`. */
  static async arrive(browser, server, name, options = {}) {
    const context = await browser.newContext({
      baseURL: server.url,
      viewport: { width: 1440, height: 900 },
      locale: "en-US",
      timezoneId: "UTC",
      reducedMotion: "reduce",
      ...options,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    return new Person(name, context, await context.newPage());
  }

  constructor(name, context, page) {
    this.name = name;
    this.email = `${name.toLowerCase()}@example.com`;
    this.context = context;
    this.page = page;
    this.problems = [];
    /** Event streams that the pages have opened, by address. */
    this.streams = [];
    page.on("pageerror", (error) => this.problems.push(`exception: ${error.stack ?? error}`));
    page.on("console", (message) => {
      if (message.type() === "error" && !EXPECTED.test(message.text())) {
        this.problems.push(`console: ${message.text()}`);
      }
    });
    page.on("response", (response) => {
      if (response.headers()["content-type"]?.startsWith("text/event-stream"))
        this.streams.push(response.url());
      if (response.status() >= 500) this.problems.push(`${response.status()} ${response.url()}`);
    });
  }

  /** Fills in the sign-up form, wherever the page that shows it came from. */
  async fillSignUp() {
    const { page } = this;
    await page.getByLabel("Name", { exact: true }).fill(this.name);
    await page.getByLabel("E-mail").fill(this.email);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Create account" }).click();
  }

  async nameOrg(name, slug) {
    const { page } = this;
    await seen(page.getByRole("heading", { name: /organization/i }));
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByLabel("Address").fill(slug);
    await page.getByRole("button", { name: "Create organization" }).click();
    await seen(page.getByRole("heading", { name: "Overview" }));
  }

  /** Opens the newest mail to this person with such a subject in the outbox, and follows the link in it. */
  async followMail(subject) {
    const { page } = this;
    await page.goto("/outbox");
    await page
      .getByRole("button")
      .filter({ hasText: subject })
      .filter({ hasText: this.email })
      .first()
      .click();
    await seen(page.getByText(`To ${this.email}`));
    await page.getByRole("article").getByRole("link").first().click();
  }

  /** A call to the API as this person: the session's cookie, with its CSRF token where one is needed. */
  async call(method, path, data) {
    const headers = {};
    if (method !== "GET") {
      const me = await (await this.context.request.get("/v1/me")).json();
      headers["x-csrf-token"] = me.csrf_token;
    }
    const response = await this.context.request.fetch(path, { method, headers, data });
    const text = await response.text();
    return { status: response.status(), body: text ? JSON.parse(text) : null };
  }

  /** A read that has to succeed. */
  async read(path) {
    const { status, body } = await this.call("GET", path);
    assert.equal(status, 200, `GET ${path}: ${JSON.stringify(body)}`);
    return body;
  }

  /** All items of a list, page by page. `path` has a query already. */
  async readAll(path) {
    const items = [];
    for (let next = ""; next !== null; ) {
      const page = await this.read(`${path}${next && `&cursor=${encodeURIComponent(next)}`}`);
      items.push(...page.items);
      next = page.next;
    }
    return items;
  }

  /** Where the page was when something failed, for those who look for the cause. */
  async leaveTrace(label) {
    const folder = join(tmpdir(), "plinth-e2e-failures");
    await mkdir(folder, { recursive: true });
    const path = join(folder, `${label}-${this.name.toLowerCase()}.png`.replace(/[^a-z0-9.-]+/gi, "-"));
    await this.page.screenshot({ path }).catch(() => undefined);
    return `${this.name} was at ${this.page.url()}, see ${path}`;
  }

  assertNoProblems() {
    assert.deepEqual(this.problems, [], `problems on the pages of ${this.name}`);
  }
}

/** Waits until it is to be seen, and returns it. */
export async function seen(locator) {
  await locator.first().waitFor({ state: "visible" });
  return locator;
}

export async function gone(locator) {
  await locator.first().waitFor({ state: "detached" });
}
