import { expect, test } from "vitest";
import { PlinthError, problemFrom } from "./problem";

test("a problem+json answer becomes a typed error with its fields", async () => {
  const body = {
    type: "https://plinth.dev/problems/validation_failed",
    title: "Validation failed",
    status: 422,
    code: "validation_failed",
    detail: "the spec is not valid",
    request_id: "req_1",
    errors: [{ pointer: "/spec/host", message: "is required" }],
  };
  const error = await problemFrom(new Response(JSON.stringify(body), { status: 422 }));
  expect(error).toBeInstanceOf(PlinthError);
  expect(error.code).toBe("validation_failed");
  expect(error.message).toBe("the spec is not valid");
  expect(error.requestId).toBe("req_1");
  expect(error.fieldErrors).toEqual([{ pointer: "/spec/host", message: "is required" }]);
});

test("an answer that is not a problem document stays readable", async () => {
  const headers = { "x-request-id": "req_2", "retry-after": "7" };
  const error = await problemFrom(new Response("<h1>bad gateway</h1>", { status: 502, statusText: "Bad Gateway", headers }));
  expect(error.code).toBe("unavailable");
  expect(error.message).toBe("Bad Gateway");
  expect(error.requestId).toBe("req_2");
  expect(error.retryAfterSecs).toBe(7);
});
