/** A console whose server answers from a table: for tests. */
import { Plinth } from "@plinth/client";
import { PlinthProvider, ToastProvider } from "@plinth/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, RouterProvider } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import { createConsoleRouter } from "./router";

/** Answers of a server, by method and path; what is not there is a 404 problem. */
export type Answers = Record<string, (request: Request) => unknown>;

export const ALL = ["pipelines", "connections", "members", "invitations", "service-accounts"].flatMap(
  (noun) => ["view", "create", "update", "delete"].map((verb) => `${noun}:${verb}`),
);
const USER = {
  id: "user_1",
  email: "mara@acme.test",
  name: "Mara",
  email_verified_at: "2026-01-01T00:00:00Z",
  created_at: "2026-01-01T00:00:00Z",
};
export const connection = (name: string, sample: string) => ({
  id: `connection_${name}`,
  org: "org_1",
  type: "connection",
  name,
  properties: { sample },
  spec: { kind: "postgres", host: "db.test", database: name, user: "u" },
  status: {},
  secrets_set: ["/password"],
  generation: 1,
  version: 1,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
  deleted_at: null,
  created_by: { type: "system", id: "system", name: "sample" },
});
export const widget = {
  ...connection("left", "x"),
  id: "widget_1",
  type: "widget",
  name: "left-handed",
  spec: { size: 3 },
  status: { state: "ready", load: 7 },
  _actions: ["view", "update"],
};
const type = (name: string, title: string, more: object = {}) => ({
  name,
  plural: `${name}s`,
  title,
  title_plural: `${title}s`,
  description: `What a ${name} is.`,
  icon: "box",
  reconciled: true,
  spec_schema: { type: "object", properties: { size: { title: "Size", type: "integer" } } },
  status_schema: { properties: { load: { title: "Load" } } },
  verbs: [],
  actions: [],
  ...more,
});

export function answers(permissions: string[]): Answers {
  const types = [
    type("pipeline", "Pipeline"),
    type("connection", "Connection", { reconciled: false, actions: ["check", "discover"] }),
    type("widget", "Widget"),
  ];
  return {
    "GET /v1/product": () => ({
      name: "etl",
      title: "Test product",
      description: "d",
      dev: false,
      revision: 1,
      menu: types.map((each) => ({ title: each.title_plural, icon: "box", type: each.name })),
      types,
      meters: [],
      plans: [],
      dashboards: [],
    }),
    "GET /v1/me": () => ({
      user: USER,
      service_account: null,
      csrf_token: "c",
      orgs: [{ id: "org_1", slug: "acme", name: "Acme", roles: ["owner"] }],
    }),
    "GET /v1/orgs/acme/permissions": () => ({ permissions }),
    "GET /v1/orgs/acme/pipelines": () => ({ items: [], next: null }),
    "GET /v1/orgs/acme/connections": () => ({
      items: [connection("warehouse", "destination"), connection("shop", "source")],
      next: null,
    }),
    "GET /v1/orgs/acme/widgets": () => ({ items: [widget], next: null }),
    "GET /v1/orgs/acme/widgets/left-handed": () => widget,
    "POST /v1/orgs/acme/connections/shop/actions/discover": () => ({
      ok: true,
      tables: [
        { name: "public.orders", kind: "table", rows_estimate: 5, cursor_candidates: ["id"], columns: [] },
      ],
    }),
  };
}

export function open(path: string, permissions: string[], more: Answers = {}) {
  const all: Answers = { ...answers(permissions), ...more };
  const sent: { call: string; body: unknown }[] = [];
  const fetch = async (input: RequestInfo | URL) => {
    const request = input as Request;
    const call = `${request.method} ${new URL(request.url).pathname}`;
    if (request.headers.get("accept") === "text/event-stream") {
      return new Promise<Response>((_, reject) => {
        request.signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
      });
    }
    const text = await request.text();
    sent.push({ call, body: text ? JSON.parse(text) : undefined });
    const answer = all[call];
    const headers = { "content-type": "application/json" };
    if (!answer)
      return new Response(JSON.stringify({ code: "not_found", title: call, status: 404 }), {
        status: 404,
        headers,
      });
    const value = answer(request);
    return value instanceof Response ? value : new Response(JSON.stringify(value), { headers });
  };
  const plinth = new Plinth({ baseUrl: "http://plinth.test", fetch: fetch as typeof globalThis.fetch });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const history = createMemoryHistory({ initialEntries: [path] });
  const router = createConsoleRouter({ plinth, queries }, history);
  render(
    <QueryClientProvider client={queries}>
      <PlinthProvider client={plinth}>
        <ToastProvider>
          <RouterProvider router={router} />
        </ToastProvider>
      </PlinthProvider>
    </QueryClientProvider>,
  );
  return { sent, router };
}

export const wait = { timeout: 30_000 };
