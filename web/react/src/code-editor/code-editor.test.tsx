import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { CodeEditor } from "./code-editor";

const TEXT = 'permit (principal,\n  action == Action::"foo:bar", resource);';

test("the editor is a field with a name, and shows the text that it is given", () => {
  const { rerender } = render(<CodeEditor label="Policy in Cedar" value={TEXT} onChange={() => undefined} />);
  const field = screen.getByRole("textbox", { name: "Policy in Cedar" });
  expect(field).toHaveTextContent("permit (principal,");
  rerender(<CodeEditor label="Policy in Cedar" value="forbid (..);" onChange={() => undefined} invalid />);
  expect(field).toHaveTextContent("forbid (..);");
  expect(field).toBeInvalid();
});

test("a finding is marked at its line and column, and one beyond the text at its end", () => {
  const findings = [
    { severity: "error" as const, line: 2, column: 13, message: "unrecognized action" },
    { severity: "warning" as const, line: 9, column: 1, message: "nothing there" },
  ];
  const { container } = render(
    <CodeEditor label="Policy" value={TEXT} onChange={() => undefined} findings={findings} />,
  );
  const marked = [...container.querySelectorAll(".cm-lintRange-error")].map((each) => each.textContent);
  expect(marked.join("")).toBe("Action");
});
