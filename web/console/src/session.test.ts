import { PlinthError } from "@plinth/client";
import { expect, test } from "vitest";
import { fieldError, otherError, slugify } from "./lib/form-errors";
import { safeNext } from "./session";

test("after login only paths of this console are followed", () => {
  expect(safeNext("/orgs/acme/members?x=1")).toBe("/orgs/acme/members?x=1");
  for (const evil of [
    "https://evil.test",
    "//evil.test",
    "/\\evil.test",
    "javascript:alert(1)",
    "",
    undefined,
  ]) {
    expect(safeNext(evil)).toBe("/");
  }
});

test("a slug holds only what the server takes", () => {
  expect(slugify("  Acme Data, Inc. ")).toBe("acme-data-inc");
  expect(slugify("Škoda Überraschung")).toBe("skoda-uberraschung");
  expect(slugify("a".repeat(80))).toHaveLength(63);
  expect(slugify("!!!")).toBe("");
});

test("errors go to their fields, and what has no field is told above", () => {
  const problem = { type: "", title: "t", status: 422, code: "validation_failed" };
  const error = new PlinthError({ ...problem, errors: [{ pointer: "/slug", message: "is taken" }] });
  expect(fieldError(error, "/slug")).toBe("Is taken");
  expect(otherError(error, ["/slug"])).toBeUndefined();
  expect(otherError(error, ["/name"])).toBe(error);
  expect(otherError(null, [])).toBeUndefined();
});
