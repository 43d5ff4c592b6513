import { PlinthError, type PolicyStatement } from "@plinth/client";
import { expect, test } from "vitest";
import { findingsOf, gapsOf } from "./draft";
import { type Names, statementText } from "./words";

const names: Names = {
  people: new Map([["user_1", "Mara"]]),
  kinds: [{ kind: "pipelines", type: "pipeline", title: "Pipelines", actions: ["view"] }],
};

test.each<[PolicyStatement, string]>([
  [{ effect: "permit", subject: "everybody" }, "Everybody may do anything to everything."],
  [
    {
      effect: "forbid",
      subject: { user: "user_1" },
      actions: ["pipelines:*"],
      resource: { type: "pipeline" },
    },
    "Mara may not do `pipelines:*` to pipelines.",
  ],
  [
    {
      effect: "permit",
      subject: { group: "contractors" },
      actions: ["resources:view"],
      resource: { properties: { environment: "development", team: { principal: "team" } } },
      when: [{ within_networks: ["203.0.113.0/24"] }, { weekdays: ["monday", "friday"] }, { until_hour: 18 }],
    },
    "Group contractors may do `resources:view` to everything with `environment` = `development` and `team` = their own `team`, from `203.0.113.0/24`, on monday, friday, until 18:00.",
  ],
  [
    { effect: "forbid", subject: "everybody", actions: ["*"], when: [{ outside_countries: ["DE"] }, { risk_at_least: 70 }] },
    "Everybody may not do `*` to everything, from anywhere but `DE`, at a risk of 70 or more.",
  ],
])("a statement is a sentence", (statement, sentence) => {
  expect(statementText(statement, names)).toBe(sentence);
});

test("what is still to be filled in is known before the server is asked", () => {
  expect(gapsOf({ effect: "permit", subject: "everybody" })).toEqual([]);
  expect(gapsOf({ effect: "permit", subject: { group: "" } })).toEqual(["Say for whom it is."]);
  expect(
    gapsOf({ effect: "permit", subject: { attributes: {} }, when: [{ within_networks: [] }] }),
  ).toHaveLength(2);
});

test("a refusal of the wording has its place, and other errors are none of it", () => {
  const errors = [
    { pointer: "/text", message: "line 3, column 5: `x` is not known; did you mean `y`?" },
    { pointer: "/text", message: "`context.country` is never known on this server" },
    { pointer: "/name", message: "is taken" },
  ];
  const refused = new PlinthError({ type: "", title: "t", status: 422, code: "validation_failed", errors });
  expect(findingsOf(undefined, refused)).toEqual([
    { severity: "error", line: 3, column: 5, message: "`x` is not known; did you mean `y`?" },
    { severity: "error", message: "`context.country` is never known on this server" },
  ]);
});
