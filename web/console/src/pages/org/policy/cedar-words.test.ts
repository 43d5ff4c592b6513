import { expect, test } from "vitest";
import { partsOf, statementsOf } from "./cedar-words";

const said = (text: string) => statementsOf(text).map((each) => [each.effect, ...partsOf(each)]);

test("a statement that the form cannot say is shown in its parts", () => {
  const text = `// permit (nobody)
    @note("when; ) }")
    forbid (
      principal in Group::"a, (b",
      action in [Action::"x:view", Action::"y:view"], // what
      resource is Pipeline
    )
    when { resource.spec.mode == "}" &&
           context.risk > 5 }
    unless { principal.name like "a*" };
    permit (principal, action, resource);`;
  expect(said(text)).toEqual([
    [
      "forbid",
      { name: "Who", said: 'principal in Group::"a, (b"' },
      { name: "What", said: 'action in [Action::"x:view", Action::"y:view"]' },
      { name: "On what", said: "resource is Pipeline" },
      { name: "When", said: 'resource.spec.mode == "}" &&\ncontext.risk > 5' },
      { name: "Unless", said: 'principal.name like "a*"' },
    ],
    [
      "permit",
      { name: "Who", said: "everybody" },
      { name: "What", said: "everything" },
      { name: "On what", said: "everything" },
    ],
  ]);
});

test("a text that ends too early is no endless loop", () => {
  for (const text of ["permit", "permit (", "permit (principal", "forbid (a,b,c) when {", ""])
    expect(statementsOf(text).length).toBeLessThan(2);
});
