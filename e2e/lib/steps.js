// Steps that build on one another: after one has failed the others say so at once, where they would each wait in vain.

import { it } from "node:test";

/** `people()` are those whose pages are pictured when a step fails. With `last`, no other step needs this one. */
export function stepsOf(people) {
  let broken = null;
  return (name, run, { last = false } = {}) =>
    it(name, { timeout: 600_000 }, async () => {
      if (broken) throw new Error(`not reached: "${broken}" failed`);
      try {
        await run();
      } catch (error) {
        if (!last) broken = name;
        const traces = await Promise.all(people().map((person) => person.leaveTrace(name)));
        throw new Error([error.message, ...traces].join("\n  "), { cause: error });
      }
    });
}
