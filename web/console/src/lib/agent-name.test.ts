import { expect, test } from "vitest";
import { agentName } from "./agent-name";

test.each([
  [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0 Safari/537.36",
    "Chrome on Linux",
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/144.0 Safari/537.36 Edg/144.0",
    "Edge on Windows",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19.0 Safari/604.1",
    "Safari on iOS",
  ],
  ["curl/7.88.1", "curl/7.88.1"],
  ["", "Unknown program"],
])("%s is called %s", (userAgent, name) => {
  expect(agentName(userAgent)).toBe(name);
});
