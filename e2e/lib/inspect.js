// What has to be true of every page: no serious accessibility violation, and nothing wider than the screen.

import assert from "node:assert/strict";
import { AxeBuilder } from "@axe-core/playwright";

const GRAVE = ["serious", "critical"];

/** The page has its content: a heading, and no placeholder left. */
export async function settled(page) {
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  await page.waitForFunction(() => {
    const waiting = document.querySelector("main [aria-hidden].animate-shimmer, main [class*='animate-shimmer'][aria-hidden]");
    return waiting === null && document.fonts.status === "loaded";
  });
}

export async function assertAccessible(page, what) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations.filter(({ impact }) => GRAVE.includes(impact));
  const told = grave.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id} (${help}): ${node.target.join(" ")}\n    ${node.failureSummary?.replaceAll("\n", "\n    ")}`),
  );
  assert.deepEqual(told, [], `accessibility of ${what}`);
}

export async function assertFits(page, what) {
  const { content, screen } = await page.evaluate(() => ({
    content: document.scrollingElement.scrollWidth,
    screen: window.innerWidth,
  }));
  assert.ok(content <= screen, `${what} is ${content} px wide on a screen of ${screen} px`);
}
