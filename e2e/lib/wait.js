// Waiting for conditions. Nothing in this suite waits for time to pass, except to watch that something does *not* happen.

import { setTimeout as pause } from "node:timers/promises";

const EVERY_MS = 200;
/** Machines are noisy: a deadline says that something hangs, not that it is slow. */
export const PATIENCE_MS = Number(process.env.PLINTH_E2E_PATIENCE_SECS ?? 90) * 1000;

/** Reads until `holds` is true of what was read, and returns that; fails with the last value otherwise. */
export async function eventually(read, holds, what, timeoutMs = PATIENCE_MS) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > deadline) {
      throw new Error(`waited ${timeoutMs / 1000} s for ${what}; last seen: ${JSON.stringify(value)}`);
    }
    await pause(EVERY_MS);
  }
}

/** Requests that the page begins while it is watched for so long, each as `METHOD /path`. */
export async function requestsDuring(page, watchMs) {
  const seen = [];
  const note = (request) => seen.push(`${request.method()} ${new URL(request.url()).pathname}`);
  page.on("request", note);
  const began = await page.evaluate(() => performance.now());
  await page.waitForFunction((end) => performance.now() > end, began + watchMs, { polling: 250 });
  page.off("request", note);
  return seen;
}
