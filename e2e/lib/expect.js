// What the walk expects again and again of people: what they press, what they are offered, what they are refused.

import assert from "node:assert/strict";

/** Counts what the hand does from now on, real presses only: `{clicks, keys}`. */
export async function countPresses(page) {
  await page.evaluate(() => {
    window.presses = { clicks: 0, keys: 0 };
    document.addEventListener("pointerdown", (event) => event.isTrusted && window.presses.clicks++, true);
    document.addEventListener("keydown", (event) => event.isTrusted && window.presses.keys++, true);
  });
  return () => page.evaluate(() => window.presses);
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
