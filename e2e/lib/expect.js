// What the walk expects again and again of people: what they press, what they are offered, what they are refused.

import assert from "node:assert/strict";
import { eventually } from "./wait.js";

/** Counts what the hand does from now on, real presses only. `chosen` are the keys that choose and do not only move. */
export async function countPresses(page) {
  await page.evaluate(() => {
    window.presses = { clicks: 0, keys: 0, chosen: 0 };
    document.addEventListener("pointerdown", (event) => event.isTrusted && window.presses.clicks++, true);
    document.addEventListener(
      "keydown",
      ({ isTrusted, key }) => {
        if (!isTrusted) return;
        window.presses.keys++;
        if (key === "Enter" || key === " ") window.presses.chosen++;
      },
      true,
    );
  });
  return () => page.evaluate(() => window.presses);
}

/** Goes on with the Tab key until the focus, to be seen, is on this. Fails when a round of the page does not come by. */
export async function tabTo(page, locator, what) {
  for (let presses = 0; presses < 80; presses += 1) {
    if (await locator.evaluate((element) => element.matches(":focus-visible"))) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`80 times Tab did not lead to ${what}`);
}

/** It can be read without scrolling. */
export async function assertInSight(locator, what) {
  const inside = () =>
    locator.first().evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return top >= 0 && bottom <= window.innerHeight;
    });
  await eventually(inside, (is) => is, `${what} in sight`, 10_000);
}

export async function assertNotOffered(page, controls) {
  for (const [role, name] of controls) {
    assert.equal(
      await page.getByRole(role, { name, exact: true }).count(),
      0,
      `${role} "${name}" is offered`,
    );
  }
}

export async function assertRefused(person, method, path, data) {
  const { status, body } = await person.call(method, path, data);
  assert.equal(status, 403, `${method} ${path}: ${JSON.stringify(body)}`);
  assert.equal(body.code, "forbidden");
}

export async function assertNotThere(person, method, path, data) {
  const { status, body } = await person.call(method, path, data);
  assert.equal(status, 404, `${method} ${path}: ${JSON.stringify(body)}`);
  assert.equal(body.code, "not_found");
}
