import { expect, test } from "vitest";
import { withoutAddedDefaults } from "./defaults";

const SCHEMA = {
  properties: {
    interval: { type: "integer", default: 10 },
    readers: { type: "integer", default: 2 },
    source: { properties: { format: { default: "csv" }, name: { type: "string" } } },
    limits: { properties: { rows: { default: 5 } } },
  },
};

test("defaults that the form has added are not saved, the ones that were there are", () => {
  const before = { interval: 10, source: { name: "a" } };
  const shown = { interval: 10, readers: 2, source: { name: "a", format: "csv" }, limits: { rows: 5 } };
  expect(withoutAddedDefaults(SCHEMA, before, shown)).toEqual(before);
});

test("what was chosen is saved, also beside defaults", () => {
  const shown = { readers: 4, source: { name: "b", format: "csv" }, limits: { rows: 5 }, own: 1 };
  expect(withoutAddedDefaults(SCHEMA, {}, shown)).toEqual({ readers: 4, source: { name: "b" }, own: 1 });
});

test("the chosen branch of a schema knows its defaults", () => {
  const branch = (kind: string, port: number) => ({
    properties: { kind: { const: kind }, port: { default: port } },
  });
  const schema = { oneOf: [branch("a", 1), branch("b", 2)] };
  expect(withoutAddedDefaults(schema, { kind: "b" }, { kind: "b", port: 2 })).toEqual({ kind: "b" });
  expect(withoutAddedDefaults(schema, { kind: "b" }, { kind: "b", port: 1 })).toEqual({ kind: "b", port: 1 });
});
