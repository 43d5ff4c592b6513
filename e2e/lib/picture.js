// The screenshots of the documentation, taken by the test that shows the same thing: `PLINTH_SCREENSHOTS=1 npm test`.

import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { settled } from "./inspect.js";

const FOLDER = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const MAX_BYTES = 200_000;

export const picturing = process.env.PLINTH_SCREENSHOTS === "1";

/** Pictures the page as it is, when pictures are wanted. `options`: `dark`, `width`, `height`. */
export async function picture(page, name, { dark = false, width = 1440, height = 900 } = {}) {
  if (!picturing) return;
  const before = page.viewportSize();
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: dark ? "dark" : "light", reducedMotion: "no-preference" });
  await page.mouse.move(width - 1, height - 1);
  await settled(page);
  const path = `${FOLDER}${name}.png`;
  await page.screenshot({ path, animations: "disabled", caret: "hide" });
  await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  const { size } = await stat(path);
  assert.ok(size < MAX_BYTES, `${name}.png has ${size} bytes`);
}
