import { type AuthorizeAnswer, type AuthorizeQuestion, Plinth, type Resource } from "@plinth/client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { expect, test } from "vitest";
import { Button } from "../components/button";
import { Can } from "../components/can";
import { useAuthorize } from "./authorize";
import { OrgProvider, PlinthProvider } from "./context";
import { keys } from "./keys";

interface Body {
  questions: AuthorizeQuestion[];
  principal?: string;
}

const PERMISSIONS = ["pipelines:view", "pipelines:pause", "pipelines:create"];

/** A server that permits what `allows` says, and keeps what it was asked. */
function open(children: ReactNode, allows: (question: AuthorizeQuestion) => boolean) {
  const asked: Body[] = [];
  const json = (value: unknown, status = 200) =>
    new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json" } });
  const fetch = async (input: RequestInfo | URL) => {
    const request = input as Request;
    if (request.url.endsWith("/permissions")) return json({ permissions: PERMISSIONS });
    const body = (await request.json()) as Body;
    asked.push(body);
    const unknown = body.questions.findIndex((each) => each.action === "nothing:known");
    if (unknown >= 0) {
      const errors = [{ pointer: `/questions/${unknown}/action`, message: "is not an action" }];
      return json({ code: "validation_failed", title: "t", status: 422, errors }, 422);
    }
    const answers: AuthorizeAnswer[] = body.questions.map((question) => ({
      allowed: allows(question),
      everything: false,
      reason: allows(question) ? "you may" : "no policy permits it",
      statements: [],
      requires: [],
    }));
    return json({ answers });
  };
  const plinth = new Plinth({ baseUrl: "http://plinth.test", fetch: fetch as typeof globalThis.fetch });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={queries}>
      <PlinthProvider client={plinth}>
        <OrgProvider slug="acme">{children}</OrgProvider>
      </PlinthProvider>
    </QueryClientProvider>,
  );
  return { asked, queries };
}

function Answers({ questions, principal }: { questions: AuthorizeQuestion[]; principal?: string }) {
  const { answers, error } = useAuthorize(questions, { principal });
  return (
    <output>
      {answers.map((answer) => (answer ? (answer.allowed ? "yes" : "no") : "?")).join(" ")}
      {error ? " failed" : ""}
    </output>
  );
}

const pause = (resource: string) => ({ action: "pipelines:pause", resource });

test("what a page asks at one time is one call, and one answer is not asked for twice", async () => {
  const { asked, queries } = open(
    <>
      <Answers questions={[pause("a"), pause("b")]} />
      <Answers questions={[pause("b")]} />
    </>,
    ({ resource }) => resource === "b",
  );
  await waitFor(() =>
    expect(screen.getAllByRole("status").map((each) => each.textContent)).toEqual(["no yes", "yes"]),
  );
  expect(asked).toEqual([{ questions: [pause("a"), pause("b")] }]);
  await queries.invalidateQueries({ queryKey: keys.answers("acme") });
  expect(asked).toHaveLength(2);
});

test("a question about somebody else names them", async () => {
  const { asked } = open(<Answers principal="user_2" questions={[pause("a")]} />, () => true);
  expect(await screen.findByText("yes")).toBeVisible();
  expect(asked[0]?.principal).toBe("user_2");
});

test("a question that cannot be asked does not take the others with it", async () => {
  const { asked } = open(<Answers questions={[{ action: "nothing:known" }, pause("a")]} />, () => true);
  expect(await screen.findByText("? yes failed")).toBeVisible();
  expect(asked).toHaveLength(2);
});

function PauseButton(props: { resource?: Resource | string; fallback?: ReactNode; onClick?: () => void }) {
  return (
    <Can action="pipelines:pause" resource={props.resource} fallback={props.fallback}>
      <Button onClick={props.onClick}>Pause</Button>
    </Can>
  );
}

test("what is allowed can be done", async () => {
  let paused = 0;
  open(<PauseButton resource="a" onClick={() => (paused += 1)} />, () => true);
  const button = await screen.findByRole("button", { name: "Pause" });
  await waitFor(() => expect(button).not.toHaveAttribute("aria-disabled"));
  await userEvent.click(screen.getByRole("button", { name: "Pause" }));
  expect(paused).toBe(1);
});

test("what is refused does nothing, and tells why", async () => {
  let paused = 0;
  open(<PauseButton resource="a" onClick={() => (paused += 1)} />, () => false);
  await waitFor(() => expect(screen.getByRole("button", { name: "Pause" })).toHaveAttribute("aria-haspopup"));
  const button = screen.getByRole("button", { name: "Pause" });
  expect(button).toHaveAttribute("aria-disabled", "true");
  await userEvent.click(button);
  const why = await screen.findByRole("dialog", { name: "Why can't I?" });
  expect(why).toHaveTextContent("No policy permits it.");
  expect(why).toHaveTextContent("pipelines:pause is missing here. Owners and admins");
  expect(paused).toBe(0);
});

test("a thing that was read with its actions needs no question until somebody asks why", async () => {
  const resource = { id: "pipeline_1", _actions: ["view"] } as unknown as Resource;
  const { asked } = open(<PauseButton resource={resource} />, () => false);
  const button = await screen.findByRole("button", { name: "Pause" });
  expect(asked).toEqual([]);
  await userEvent.click(button);
  expect(await screen.findByText("No policy permits it.")).toBeVisible();
  expect(asked).toEqual([{ questions: [pause("pipeline_1")] }]);
});

test("something else can stand in the place of what is refused", async () => {
  open(<PauseButton resource="a" fallback={<p>Ask an admin</p>} />, () => false);
  expect(await screen.findByText("Ask an admin")).toBeVisible();
  expect(screen.queryByRole("button")).not.toBeInTheDocument();
});

test("what no policy could ever permit is not offered, and not asked", async () => {
  const { asked, queries } = open(
    <Can action="pipelines:delete" resource="a">
      <Button>Delete</Button>
    </Can>,
    () => true,
  );
  await waitFor(() => expect(queries.getQueryData(keys.permissions("acme"))).toBeDefined());
  expect(screen.queryByRole("button")).not.toBeInTheDocument();
  expect(asked).toEqual([]);
});

test("a link that is refused leads nowhere", async () => {
  open(
    <Can action="pipelines:create" draft={{ properties: { environment: "production" } }}>
      <Button asChild>
        <a href="/new">New pipeline</a>
      </Button>
    </Can>,
    () => false,
  );
  expect(await screen.findByRole("button", { name: "New pipeline" })).toHaveAttribute(
    "aria-disabled",
    "true",
  );
  expect(screen.queryByRole("link")).not.toBeInTheDocument();
});
