import { render, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { TextDiff } from "./text-diff";

test("a line that changed is there as it was and as it is, the others once", () => {
  render(<TextDiff label="Changes" before={"permit (\n  a\n);"} after={"permit (\n  b\n);\n"} />);
  const lines = within(screen.getByRole("region", { name: "Changes" })).getAllByRole("listitem");
  expect(lines.map((line) => line.textContent)).toEqual(["permit (", "−removed   a", "+added   b", ");"]);
});
