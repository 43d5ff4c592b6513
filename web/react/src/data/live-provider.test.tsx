import { Plinth } from "@plinth/client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { OrgProvider, PlinthProvider } from "./context";
import { keys } from "./keys";
import { LiveProvider, useLiveState } from "./live-provider";

/** Below the provider, with a server whose stream, org and permissions answer so. */
function open(statuses: { stream: number; org: number }, permissions: string[]) {
  const asked: string[] = [];
  const fetch = async (input: RequestInfo | URL) => {
    const request = input as Request;
    const path = new URL(request.url).pathname.replace("/v1/orgs/acme", "");
    asked.push(path);
    if (path === "/permissions") return Response.json({ permissions });
    const status = path === "/events" ? statuses.stream : statuses.org;
    return Response.json({ code: "c", title: "t", status }, { status });
  };
  const plinth = new Plinth({ baseUrl: "http://plinth.test", fetch: fetch as typeof globalThis.fetch });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const onLost = vi.fn();
  render(
    <QueryClientProvider client={queries}>
      <PlinthProvider client={plinth}>
        <OrgProvider slug="acme">
          <LiveProvider onLost={onLost}>
            <State />
          </LiveProvider>
        </OrgProvider>
      </PlinthProvider>
    </QueryClientProvider>,
  );
  return { asked, queries, onLost };
}

function State() {
  return <output>{useLiveState()}</output>;
}

test("who may not see events has no stream, and reads again when the page comes back", async () => {
  const { asked, queries, onLost } = open({ stream: 403, org: 403 }, ["bill:view"]);
  await waitFor(() => expect(screen.getByRole("status")).toHaveTextContent("closed"));
  const read = vi.fn(async () => 1);
  await queries.fetchQuery({ queryKey: [...keys.org("acme"), "bill"], queryFn: read });
  window.dispatchEvent(new Event("focus"));
  await waitFor(() => expect(asked.filter((path) => path === "/permissions")).toHaveLength(2));
  expect(queries.getQueryState([...keys.org("acme"), "bill"])?.isInvalidated).toBe(true);
  expect(asked).not.toContain("/events");
  expect(onLost).not.toHaveBeenCalled();
});

test.each([
  { stream: 403, org: 200 },
  { stream: 404, org: 403 },
  { stream: 404, org: 200 },
])("a stream that is refused is no lost organization: %o", async (statuses) => {
  const { asked, onLost } = open(statuses, ["events:view"]);
  await waitFor(() => expect(asked).toContain("/events"));
  await waitFor(() => expect(screen.getByRole("status")).toHaveTextContent("closed"));
  expect(onLost).not.toHaveBeenCalled();
});

test("an organization that is gone is told", async () => {
  const { onLost } = open({ stream: 404, org: 404 }, ["events:view"]);
  await waitFor(() => expect(onLost).toHaveBeenCalledTimes(1));
});
