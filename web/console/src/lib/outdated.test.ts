import { expect, test, vi } from "vitest";
import { reloadWhenOutdated } from "./outdated";

test("a part that is no more loads the page anew, once", () => {
  const reload = vi.fn();
  reloadWhenOutdated(reload);
  const fail = () => window.dispatchEvent(new Event("vite:preloadError", { cancelable: true }));
  expect(fail(), "the error is taken care of").toBe(false);
  expect(fail(), "the second error is shown").toBe(true);
  expect(reload).toHaveBeenCalledOnce();
});
