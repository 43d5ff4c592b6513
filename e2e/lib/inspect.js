// What has to be true of every page: no serious accessibility violation, and nothing wider than the screen.

import assert from "node:assert/strict";
import { AxeBuilder } from "@axe-core/playwright";

export const WIDE = { width: 1440, height: 900 };
export const NARROW = { width: 390, height: 844 };
const GRAVE = ["serious", "critical"];

/** The page has its content: a heading, and no placeholder left. */
export async function settled(page) {
  // An open menu hides the rest of the page from those who do not see it.
  await page.getByRole("heading", { level: 1, includeHidden: true }).first().waitFor();
  await page.waitForFunction(() => {
    const waiting = document.querySelector(
      "main [aria-hidden].animate-shimmer, main [class*='animate-shimmer'][aria-hidden]",
    );
    return waiting === null && document.fonts.status === "loaded";
  });
}

/** Serious faults that the page has, each with its place and what to do. */
export async function violations(page) {
  return graveOf(await new AxeBuilder({ page }).analyze());
}

/** What cannot be read in the dark. The page is light before and after. */
export async function contrastFaultsInDark(page) {
  const faults = async () => graveOf(await new AxeBuilder({ page }).withRules(["color-contrast"]).analyze());
  await page.emulateMedia({ colorScheme: "dark" });
  await calm(page);
  const first = await faults();
  // A text that changed while its colours did can be caught between two colours; a true fault stays.
  const lasting = first.length > 0 ? await calm(page).then(faults) : [];
  await page.emulateMedia({ colorScheme: "light" });
  await calm(page);
  return lasting;
}

/** No transition is under way. */
async function calm(page) {
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every(
        (each) => each.playState !== "running" || each.effect.getComputedTiming().iterations === Infinity,
      ),
  );
}

export async function assertAccessible(page, what) {
  assert.deepEqual(await violations(page), [], `accessibility of ${what}`);
}

/** What is said when the page is wider than its screen; else nothing. */
export async function overflow(page) {
  const { content, screen } = await page.evaluate(() => ({
    content: document.scrollingElement.scrollWidth,
    screen: window.innerWidth,
  }));
  return content > screen ? [`${content} px wide on a screen of ${screen} px`] : [];
}

/** What is wrong with a page: accessibility in the light, contrast in the dark, width on a narrow screen. */
export async function faultsOf(page, path) {
  const light = (await violations(page)).map((fault) => `${path}: ${fault}`);
  const dark = (await contrastFaultsInDark(page)).map((fault) => `${path}, dark: ${fault}`);
  await page.setViewportSize(NARROW);
  const wide = (await overflow(page)).map((fault) => `${path}: ${fault}`);
  await page.setViewportSize(WIDE);
  return [...light, ...dark, ...wide];
}

function graveOf({ violations: found }) {
  const grave = found.filter(({ impact }) => GRAVE.includes(impact));
  return grave.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} (${help}): ${target.join(" ")}: ${failureSummary}`),
  );
}
