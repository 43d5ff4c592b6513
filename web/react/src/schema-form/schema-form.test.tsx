import { type FieldError, Plinth, type Product } from "@plinth/client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Suspense, useState } from "react";
import { expect, test, vi } from "vitest";
import { OrgProvider, PlinthProvider } from "../data/context";
import { keys } from "../data/keys";
import { SchemaForm } from "./schema-form";

const connection = {
  type: "object",
  required: ["kind"],
  discriminator: { propertyName: "kind" },
  oneOf: [
    {
      title: "PostgreSQL",
      type: "object",
      additionalProperties: false,
      required: ["kind", "host", "user"],
      properties: {
        kind: { const: "postgres", "x-plinth-immutable": true },
        host: { title: "Host", type: "string", minLength: 1, maxLength: 253 },
        port: { title: "Port", type: "integer", minimum: 1, maximum: 65535, default: 5432 },
        user: { title: "User", type: "string", maxLength: 63, "x-plinth-immutable": true },
        password: { title: "Password", type: "string", "x-plinth-secret": true },
      },
    },
    {
      title: "Files",
      type: "object",
      additionalProperties: false,
      required: ["kind", "directory"],
      properties: {
        kind: { const: "files", "x-plinth-immutable": true },
        directory: { title: "Folder", type: "string" },
      },
    },
  ],
};

const pipeline = {
  type: "object",
  required: ["source"],
  properties: {
    source: { title: "Source", type: "string", "x-plinth-reference": "connection" },
    paused: { title: "Paused", type: "boolean" },
    mode: { title: "Mode", type: "string", enum: ["snapshot", "incremental"] },
  },
};

function Harness(props: {
  schema: object;
  initial?: unknown;
  onSubmit: (value: unknown) => void;
  editing?: boolean;
  secretsSet?: string[];
  errors?: FieldError[];
}) {
  const { initial, ...rest } = props;
  const [value, setValue] = useState<unknown>(initial ?? {});
  return (
    <SchemaForm {...rest} schema={rest.schema as never} id="form" value={value} onChange={setValue}>
      <button type="submit">Save</button>
    </SchemaForm>
  );
}

function show(element: React.ReactNode) {
  const list = { items: [{ id: "connection_1", name: "shop", spec: { kind: "postgres" } }], next: null };
  const fetch = async () =>
    new Response(JSON.stringify(list), { headers: { "content-type": "application/json" } });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const types = [
    { name: "connection", plural: "connections", title: "Connection", title_plural: "Connections" },
  ];
  queries.setQueryData(keys.product, { types } as unknown as Product);
  render(
    <QueryClientProvider client={queries}>
      <PlinthProvider client={new Plinth({ baseUrl: "http://plinth.test", fetch })}>
        <OrgProvider slug="acme">
          <Suspense fallback="loading">{element}</Suspense>
        </OrgProvider>
      </PlinthProvider>
    </QueryClientProvider>,
  );
}

test("secrets are password inputs, and numbers come out as numbers", async () => {
  const onSubmit = vi.fn();
  show(<Harness schema={connection} onSubmit={onSubmit} />);
  const password = screen.getByLabelText(/^Password/);
  expect(password).toHaveAttribute("type", "password");
  await userEvent.type(screen.getByRole("textbox", { name: "Host" }), "db.test");
  await userEvent.type(screen.getByRole("textbox", { name: "User" }), "reader");
  await userEvent.type(password, "s3cret");
  const port = screen.getByRole("textbox", { name: /^Port/ });
  await userEvent.clear(port);
  await userEvent.type(port, "6543");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(onSubmit).toHaveBeenCalledWith({
    kind: "postgres",
    host: "db.test",
    port: 6543,
    user: "reader",
    password: "s3cret",
  });
});

test("what is missing is said at its field, about the chosen kind only", async () => {
  const onSubmit = vi.fn();
  show(<Harness schema={connection} onSubmit={onSubmit} />);
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(onSubmit).not.toHaveBeenCalled();
  expect(screen.getByRole("textbox", { name: "Host" })).toHaveAccessibleDescription(/This field is needed/);
  expect(screen.getByRole("textbox", { name: /^Port/ })).not.toBeInvalid();
  expect(screen.queryByText(/oneOf|does not match/)).not.toBeInTheDocument();
});

test("a number out of range is refused with its limit", async () => {
  const onSubmit = vi.fn();
  show(
    <Harness
      schema={connection}
      initial={{ kind: "postgres", host: "a", user: "b", port: 70000 }}
      onSubmit={onSubmit}
    />,
  );
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(onSubmit).not.toHaveBeenCalled();
  expect(screen.getByRole("textbox", { name: /^Port/ })).toHaveAccessibleDescription(/65535 or less/);
});

test("choosing another kind shows its fields and drops those of the first", async () => {
  const onSubmit = vi.fn();
  show(
    <Harness schema={connection} initial={{ kind: "postgres", host: "a", user: "b" }} onSubmit={onSubmit} />,
  );
  await userEvent.click(screen.getByRole("radio", { name: "Files" }));
  await userEvent.type(screen.getByRole("textbox", { name: "Folder" }), "/data");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(onSubmit).toHaveBeenCalledWith({ kind: "files", directory: "/data" });
});

test("when editing, the kind and immutable fields stay and a set secret may be left empty", async () => {
  const onSubmit = vi.fn();
  show(
    <Harness
      schema={connection}
      initial={{ kind: "postgres", host: "a", port: 5432, user: "b" }}
      onSubmit={onSubmit}
      editing
      secretsSet={["/password"]}
    />,
  );
  expect(screen.getByRole("radio", { name: "Files" })).toBeDisabled();
  expect(screen.getByRole("textbox", { name: "User" })).toHaveAttribute("readonly");
  expect(screen.getByRole("textbox", { name: "Host" })).not.toHaveAttribute("readonly");
  expect(screen.getByLabelText(/^Password/)).toHaveAttribute(
    "placeholder",
    expect.stringContaining("is set"),
  );
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(onSubmit).toHaveBeenCalledWith({ kind: "postgres", host: "a", port: 5432, user: "b" });
});

test("errors of the server are shown at the fields that their pointers name", () => {
  const errors = [{ pointer: "/host", message: "points into the operator's network" }];
  show(
    <Harness
      schema={connection}
      initial={{ kind: "postgres", host: "a", user: "b" }}
      onSubmit={vi.fn()}
      errors={errors}
    />,
  );
  expect(screen.getByRole("textbox", { name: "Host" })).toHaveAccessibleDescription(/operator's network/);
});

test("a reference is picked from the resources that exist", async () => {
  const onSubmit = vi.fn();
  show(<Harness schema={pipeline} onSubmit={onSubmit} />);
  await userEvent.click(await screen.findByRole("combobox", { name: "Source" }));
  await userEvent.click(await screen.findByRole("option", { name: /shop/ }));
  await userEvent.click(screen.getByRole("switch", { name: "Paused" }));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(onSubmit).toHaveBeenCalledWith(expect.objectContaining({ source: "shop", paused: true }));
});
