import type { JsonObject, PropertyRequirement } from "@plinth/client";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test } from "vitest";
import { PropertiesField } from "./properties";
import { withoutSecrets } from "./secrets";

/** A form whose requirements come later, as an answer does. */
function Form(props: { value?: JsonObject; requires?: PropertyRequirement[] }) {
  const [value, setValue] = useState<JsonObject>(props.value ?? {});
  const [requires, setRequires] = useState<PropertyRequirement[]>([]);
  return (
    <>
      <PropertiesField value={value} onChange={setValue} requires={requires} />
      <button type="button" onClick={() => setRequires(props.requires ?? [])}>
        Answered
      </button>
      <output>{JSON.stringify(value)}</output>
    </>
  );
}

async function open(requires: PropertyRequirement[], value: JsonObject = {}) {
  render(<Form value={value} requires={requires} />);
  await userEvent.click(screen.getByRole("button", { name: "Answered" }));
  return () => JSON.parse(screen.getByRole("status").textContent ?? "") as JsonObject;
}

test("a property that has to have one value is there with it, and is not taken away", async () => {
  const value = await open([{ environment: ["development"] }], { cost: 7 });
  expect(value()).toEqual({ cost: 7, environment: "development" });
  expect(screen.getByRole("combobox", { name: "environment" })).toHaveTextContent("development");
  expect(screen.queryByRole("button", { name: /^Remove/ })).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Add property" }));
  await userEvent.type(screen.getByLabelText("Property 2 name"), "team");
  await userEvent.type(screen.getByLabelText("Property 2 value"), "data");
  expect(value()).toEqual({ cost: 7, environment: "development", team: "data" });
});

test("a property with several values is asked for, and is not there before it is chosen", async () => {
  const value = await open([{ environment: ["development", "staging"] }]);
  expect(value()).toEqual({});
  const field = screen.getByRole("combobox", { name: "environment" });
  expect(field).toHaveAttribute("aria-required", "true");
  expect(field).toBeInvalid();
  field.focus();
  await userEvent.keyboard("{Enter}");
  await userEvent.click(await screen.findByRole("option", { name: "staging" }));
  expect(value()).toEqual({ environment: "staging" });
});

test("a value that is not allowed stays in sight until another one is chosen", async () => {
  const value = await open([{ environment: ["development"] }], { environment: "production" });
  const field = screen.getByRole("combobox", { name: "environment" });
  expect(field).toHaveTextContent("production");
  expect(field).toBeInvalid();
  expect(value()).toEqual({ environment: "production" });
});

test("alternatives are offered until one of them is met", async () => {
  const value = await open([{ environment: ["development"] }, { team: ["data"], site: ["north"] }]);
  expect(value()).toEqual({});
  await userEvent.click(screen.getByRole("button", { name: "team is data, and site is north" }));
  expect(value()).toEqual({ team: "data", site: "north" });
  expect(screen.queryByText(/require one of these/)).not.toBeInTheDocument();
  await userEvent.clear(screen.getByLabelText("Property 1 value"));
  expect(screen.getByRole("button", { name: "environment is development" })).toBeVisible();
});

test("secrets are left out of questions, in lists and in the chosen branch as well", () => {
  const secret = { type: "string", "x-plinth-secret": true };
  const branch = (kind: string, own: object) => ({ properties: { kind: { const: kind }, ...own } });
  const schema = {
    oneOf: [branch("a", { key: secret }), branch("b", { key: { type: "string" } })],
    properties: {
      hosts: { items: { properties: { name: {}, password: secret } } },
      login: { properties: { password: secret } },
    },
  };
  const value = (kind: string) => ({ kind, key: "k" });
  expect(withoutSecrets(schema, value("b"))).toEqual(value("b"));
  const { properties } = schema;
  expect(
    withoutSecrets({ properties }, { hosts: [{ name: "a", password: "p" }], login: { password: "p" } }),
  ).toEqual({ hosts: [{ name: "a" }], login: {} });
  expect(withoutSecrets({ oneOf: schema.oneOf }, value("a"))).toEqual({ kind: "a" });
});
