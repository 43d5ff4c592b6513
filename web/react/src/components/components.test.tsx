import { PlinthError } from "@plinth/client";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test, vi } from "vitest";
import { Button } from "./button";
import { CopyOnce } from "./code";
import { ConfirmDialog } from "./dialog";
import { ErrorState } from "./error-state";
import { Field } from "./field";
import { Input } from "./input";
import { DiffView } from "./json";
import { Menu, MenuItem } from "./menu";
import { Progress } from "./progress";
import { StatusBadge } from "./status";
import { Table } from "./table";
import { TagsInput } from "./tags-input";
import { ToastProvider, useToast } from "./toast";

test("a pending button keeps focus and refuses clicks", async () => {
  const onClick = vi.fn();
  render(
    <Button pending onClick={onClick}>
      Save
    </Button>,
  );
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(onClick).not.toHaveBeenCalled();
  expect(screen.getByRole("button", { name: "Save" })).toHaveAttribute("aria-busy", "true");
});

test("a field ties its label, hint and error to the control", () => {
  render(
    <Field label="Name" hint="Lower case" error="Is taken">
      {(control) => <Input {...control} />}
    </Field>,
  );
  const input = screen.getByRole("textbox", { name: "Name" });
  expect(input).toBeInvalid();
  expect(input).toHaveAccessibleDescription("Lower case Is taken");
});

test("what cannot be undone has to be typed first", async () => {
  const onConfirm = vi.fn();
  render(
    <ConfirmDialog
      open
      onOpenChange={() => undefined}
      title="Delete it?"
      confirm="Delete"
      typed="nightly"
      onConfirm={onConfirm}
    />,
  );
  const dialog = screen.getByRole("dialog", { name: "Delete it?" });
  const button = within(dialog).getByRole("button", { name: "Delete" });
  expect(button).toBeDisabled();
  await userEvent.type(within(dialog).getByRole("textbox", { name: /Type nightly to confirm/ }), "nightly");
  await userEvent.click(button);
  expect(onConfirm).toHaveBeenCalledOnce();
});

test("a menu is worked by keyboard alone", async () => {
  const onSelect = vi.fn();
  render(
    <Menu trigger={<Button>More</Button>}>
      <MenuItem onSelect={() => undefined}>First</MenuItem>
      <MenuItem onSelect={onSelect}>Second</MenuItem>
    </Menu>,
  );
  screen.getByRole("button", { name: "More" }).focus();
  await userEvent.keyboard("{Enter}{ArrowDown}{Enter}");
  expect(onSelect).toHaveBeenCalledOnce();
});

interface Row {
  name: string;
  rows: number;
}
const ROWS: Row[] = [
  { name: "orders", rows: 20 },
  { name: "customers", rows: 300 },
];

function names(): (string | null)[] {
  return screen
    .getAllByRole("row")
    .slice(1)
    .map((row) => within(row).getAllByRole("cell")[0]?.textContent ?? null);
}

test("a table sorts here by the columns that have values, numbers as numbers", async () => {
  render(
    <Table
      label="Tables"
      rows={ROWS}
      rowKey={(row) => row.name}
      initialSort={{ id: "name", desc: false }}
      columns={[
        { id: "name", header: "Name", value: (row) => row.name, cell: (row) => row.name },
        { id: "rows", header: "Rows", value: (row) => row.rows, cell: (row) => row.rows },
        { id: "note", header: "Note", cell: () => "" },
      ]}
    />,
  );
  expect(names()).toEqual(["customers", "orders"]);
  expect(screen.getByRole("columnheader", { name: "Name" })).toHaveAttribute("aria-sort", "ascending");
  await userEvent.click(screen.getByRole("button", { name: "Rows" }));
  expect(names()).toEqual(["orders", "customers"]);
  expect(screen.queryByRole("button", { name: "Note" })).not.toBeInTheDocument();
});

test("a table that the server sorts only tells what is wanted", async () => {
  const onSortChange = vi.fn();
  render(
    <Table
      label="Tables"
      rows={ROWS}
      rowKey={(row) => row.name}
      sort={{ id: "name", desc: false }}
      onSortChange={onSortChange}
      columns={[{ id: "name", header: "Name", sortable: true, cell: (row) => row.name }]}
    />,
  );
  await userEvent.click(screen.getByRole("button", { name: "Name" }));
  expect(onSortChange).toHaveBeenCalledWith(expect.objectContaining({ id: "name", desc: true }));
  expect(names()).toEqual(["orders", "customers"]);
});

test("an empty table teaches instead of being empty", () => {
  render(<Table label="Tables" rows={[]} rowKey={() => ""} columns={[]} empty={<p>Make your first</p>} />);
  expect(screen.getByText("Make your first")).toBeVisible();
  expect(screen.queryByRole("table")).not.toBeInTheDocument();
});

test("an error says what happened, what to do, and the request id", async () => {
  const retry = vi.fn();
  const error = new PlinthError(
    {
      type: "about:blank",
      title: "rate limited",
      status: 429,
      code: "rate_limited",
      detail: "too many requests",
      request_id: "req_42",
    },
    { retryAfterSecs: 9 },
  );
  render(<ErrorState error={error} retry={retry} />);
  expect(screen.getByRole("alert")).toHaveTextContent("Too many requests. Try again in 9 s.");
  expect(screen.getByRole("button", { name: "Copy request id" })).toHaveTextContent("req_42");
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(retry).toHaveBeenCalledOnce();
});

test("what is wrong with one field is said once, and of many each", () => {
  const problem = (errors: { pointer: string; message: string }[], detail: string) =>
    new PlinthError({
      type: "about:blank",
      title: "validation failed",
      status: 422,
      code: "x",
      detail,
      errors,
    });
  const { rerender } = render(
    <ErrorState error={problem([{ pointer: "/token", message: "is too old" }], "`/token` is too old")} />,
  );
  expect(screen.getByRole("alert")).toHaveTextContent(/^Validation failedToken is too old\.$/);
  const both = [
    { pointer: "/spec/port", message: "is too large" },
    { pointer: "/name", message: "is needed" },
  ];
  rerender(<ErrorState error={problem(both, "`/spec/port` is too large")} />);
  expect(screen.getAllByRole("listitem")).toHaveLength(2);
});

test("a sortable header stands flush with its column", () => {
  const columns = (["left", "right"] as const).map((align) => ({
    id: align,
    header: align,
    align,
    value: (row: Row) => row.rows,
    cell: (row: Row) => row.rows,
  }));
  render(<Table label="Tables" rows={ROWS} rowKey={(row) => row.name} columns={columns} />);
  for (const name of ["left", "right"]) {
    const header = screen.getByRole("button", { name });
    expect(header.querySelector("svg")).toHaveClass("absolute");
  }
});

test("a secret is shown with the warning that it is shown once", () => {
  render(<CopyOnce label="New token" secret="plinth_sat_x" />);
  expect(screen.getByRole("textbox", { name: "New token" })).toHaveValue("plinth_sat_x");
  expect(screen.getByText(/not shown again/)).toBeVisible();
});

test("states are told by words and progress by numbers, never by colour alone", () => {
  render(
    <>
      <StatusBadge state="snapshotting" />
      <Progress label="orders progress" value={0.42} />
    </>,
  );
  expect(screen.getByText("Snapshotting")).toBeVisible();
  expect(screen.getByRole("progressbar", { name: "orders progress" })).toHaveAttribute("aria-valuenow", "42");
});

test("a difference tells added, changed and removed in words too", () => {
  render(<DiffView before={{ a: 1, b: 2 }} after={{ b: 3, c: 4 }} />);
  const items = screen.getAllByRole("listitem").map((item) => item.textContent?.replace(/[+−~]/, ""));
  expect(items).toEqual(["removed a1", "changed b23", "added c4"]);
});

function Shout() {
  const toast = useToast();
  const [count, setCount] = useState(0);
  return (
    <Button
      onClick={() => {
        toast({ tone: "bad", title: `Failed ${count}` });
        setCount(count + 1);
      }}
    >
      Shout
    </Button>
  );
}

test("a failed action stays on screen until it is dismissed", async () => {
  render(
    <ToastProvider>
      <Shout />
    </ToastProvider>,
  );
  await userEvent.click(screen.getByRole("button", { name: "Shout" }));
  expect(await screen.findByText("Failed 0")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Dismiss" }));
  expect(screen.queryByText("Failed 0")).not.toBeInTheDocument();
});

test("texts are added by Enter, a comma or leaving the field, each once, and the last taken back", async () => {
  function Groups() {
    const [value, setValue] = useState(["a"]);
    return <TagsInput aria-label="Groups" value={value} onChange={setValue} />;
  }
  render(<Groups />);
  const input = screen.getByRole("textbox", { name: "Groups" });
  await userEvent.type(input, "b,a,c{Enter}d");
  await userEvent.tab();
  const names = () => screen.getAllByRole("button").map((button) => button.getAttribute("aria-label"));
  expect(names()).toEqual(["Remove a", "Remove b", "Remove c", "Remove d"]);
  await userEvent.type(input, "{Backspace}");
  await userEvent.click(screen.getByRole("button", { name: "Remove a" }));
  expect(names()).toEqual(["Remove b", "Remove c"]);
});

test("a menu item that is refused says why and does nothing", async () => {
  const onSelect = vi.fn();
  render(
    <Menu trigger={<Button>More</Button>}>
      <MenuItem why="No policy permits it." onSelect={onSelect}>
        Delete
      </MenuItem>
    </Menu>,
  );
  await userEvent.click(screen.getByRole("button", { name: "More" }));
  const item = screen.getByRole("menuitem", { name: "Delete No policy permits it." });
  await userEvent.click(item);
  expect(onSelect).not.toHaveBeenCalled();
  expect(item).toHaveAttribute("aria-disabled", "true");
});
