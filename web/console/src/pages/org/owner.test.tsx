import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { ALL, open, wait, widget } from "../../fake-server";

test("the owner is named, and is another one when the form is saved", async () => {
  const owned = { ...widget, owner: "user_1" };
  const people = {
    "GET /v1/orgs/acme/widgets/left-handed": () => owned,
    "GET /v1/orgs/acme/members": () => ({
      items: [{ user_id: "user_1", name: "Mara", email: "mara@acme.test", roles: ["owner"], groups: [] }],
      next: null,
    }),
    "GET /v1/orgs/acme/service-accounts": () => ({
      items: [{ id: "sa_1", name: "ci", roles: ["developer"], groups: [], attributes: {} }],
      next: null,
    }),
  };
  const { sent } = open("/orgs/acme/widgets/left-handed", [...ALL, "widgets:view", "widgets:update"], {
    ...people,
    "POST /v1/orgs/acme/authorize": () => ({
      answers: [{ allowed: true, everything: true, reason: "", statements: [], requires: [] }],
    }),
    "PATCH /v1/orgs/acme/widgets/widget_1": () => ({ ...owned, owner: "sa_1", version: 2 }),
  });
  expect(await screen.findByText("owned by Mara", undefined, wait)).toBeVisible();
  await userEvent.click(screen.getByRole("link", { name: "Edit" }));
  const owner = await screen.findByRole("combobox", { name: "Owner" }, wait);
  expect(owner).toHaveTextContent("Mara");
  await userEvent.click(owner);
  const choices = await screen.findAllByRole("option");
  expect(choices.map((choice) => choice.textContent)).toEqual(["Nobody", "MaraYou", "ciService account"]);
  await userEvent.click(screen.getByRole("option", { name: /^ci/ }));
  await waitFor(() => {
    const asked = sent.findLast((each) => each.call.endsWith("/authorize"))?.body;
    expect(asked).toMatchObject({ questions: [{ action: "widgets:update", draft: { owner: "sa_1" } }] });
  }, wait);
  await userEvent.click(screen.getByRole("button", { name: "Save changes" }));
  await waitFor(() => expect(sent.some((each) => each.call.startsWith("PATCH"))).toBe(true));
  expect(sent.find((each) => each.call.startsWith("PATCH"))?.body).toEqual({ owner: "sa_1" });
});
