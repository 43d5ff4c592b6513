// Steps that build on one another: after one has failed the others say so at once, where they would each wait in vain.

import { it } from "node:test";

/**
 * `step` is one that later steps need, `aside` one that none does. `people()` are those whose pages are pictured when one
 * fails.
 */
export function stepsOf(people) {
  let broken = null;
  const define = (onFailure) => (name, run) =>
    it(name, { timeout: 600_000 }, async () => {
      if (broken) throw new Error(`not reached: "${broken}" failed`);
      try {
        await run();
      } catch (error) {
        onFailure(name);
        const traces = await Promise.all(people().map((person) => person.leaveTrace(name)));
        throw new Error([error.message, ...traces].join("\n  "), { cause: error });
      }
    });
  const breaks = (name) => {
    broken = name;
  };
  return { step: define(breaks), aside: define(() => undefined) };
}
