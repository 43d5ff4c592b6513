import { PlinthError, type PolicyStatement } from "@plinth/client";
import { expect, test } from "vitest";
import { draftOf, findingsOf, gapsOf, saysOf } from "./draft";
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
    {
      effect: "forbid",
      subject: "everybody",
      actions: ["*"],
      when: [{ outside_countries: ["DE"] }, { risk_at_least: 70 }],
    },
    "Everybody may not do `*` to everything, from anywhere but `DE`, at a risk of 70 or more.",
  ],
  [
    { effect: "forbid", subject: "everybody", when: [{ from_hour: 22 }, { until_hour: 6 }] },
    "Everybody may not do anything to everything, from 22:00 over midnight until 6:00.",
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
    { pointer: "/text", line: 3, column: 5, message: "`x` is not known", hint: "did you mean `y`?" },
    { pointer: "/statements/1/when/0/until_hour", message: "has to be a whole number from 1 to 24" },
    { pointer: "/text", message: "`context.country` is never known on this server" },
    { pointer: "/name", message: "is taken" },
  ];
  const refused = new PlinthError({ type: "", title: "t", status: 422, code: "validation_failed", errors });
  expect(findingsOf(undefined, refused)).toEqual([
    { severity: "error", line: 3, column: 5, message: "`x` is not known; did you mean `y`?" },
    {
      severity: "error",
      message: "Statement 2, until an hour: has to be a whole number from 1 to 24",
    },
    { severity: "error", message: "`context.country` is never known on this server" },
  ]);
});

test("what is left open in the form is left out, and not sent as nothing", () => {
  const open: PolicyStatement = {
    effect: "permit",
    subject: "everybody",
    actions: [],
    resource: { properties: {} },
    when: [],
  };
  expect(saysOf([draftOf(open)])).toEqual({ statements: [{ effect: "permit", subject: "everybody" }] });
});
