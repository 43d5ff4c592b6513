import { permissionsOptions, productOptions } from "@plinth/react";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouterHistory,
  redirect,
} from "@tanstack/react-router";
import { preferredOrg, type RouterContext, rememberOrg, requireUser } from "./session";
import { RootLayout } from "./shell/root-layout";
import { NotFoundPage, RouteError, RoutePending } from "./shell/route-states";

/** The router reads numbers out of the address as numbers; here all of them are text. */
const text = (value: unknown): string | undefined => {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
};

const rootRoute = createRootRouteWithContext<RouterContext>()({
  component: RootLayout,
  notFoundComponent: NotFoundPage,
  beforeLoad: ({ context }) =>
    context.queries.ensureQueryData(productOptions(context.plinth)).then(() => undefined),
});

const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: async ({ context, location }) => {
    const me = await requireUser(context, location.href);
    const org = preferredOrg(me);
    throw org ? redirect({ to: "/orgs/$org", params: { org } }) : redirect({ to: "/new-org" });
  },
});

/** Reads these members of the address, each as text or not at all. */
function texts<Name extends string>(...names: Name[]) {
  return (search: Record<string, unknown>): { [Each in Name]?: string } => {
    const found = names.map((name) => [name, text(search[name])]).filter(([, value]) => value !== undefined);
    return Object.fromEntries(found);
  };
}
const withNext = texts("next", "email");
const withToken = texts("token");
const listSearch = texts("search", "state", "sort");

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/login",
  validateSearch: withNext,
  component: lazyRouteComponent(() => import("./pages/auth/login"), "LoginPage"),
});
const signupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/signup",
  validateSearch: withNext,
  component: lazyRouteComponent(() => import("./pages/auth/signup"), "SignupPage"),
});
const forgotRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/forgot",
  validateSearch: withNext,
  component: lazyRouteComponent(() => import("./pages/auth/password"), "ForgotPage"),
});
const resetRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/reset",
  validateSearch: withToken,
  component: lazyRouteComponent(() => import("./pages/auth/password"), "ResetPage"),
});
const verifyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/verify",
  validateSearch: withToken,
  component: lazyRouteComponent(() => import("./pages/auth/verify"), "VerifyPage"),
});
const inviteRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/invite",
  validateSearch: withToken,
  component: lazyRouteComponent(() => import("./pages/auth/invite"), "InvitePage"),
});
const outboxRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/outbox",
  component: lazyRouteComponent(() => import("./pages/outbox"), "OutboxPage"),
});

const userRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "user",
  beforeLoad: ({ context, location }) => requireUser(context, location.href).then(() => undefined),
});
const newOrgRoute = createRoute({
  getParentRoute: () => userRoute,
  path: "/new-org",
  component: lazyRouteComponent(() => import("./pages/new-org"), "NewOrgPage"),
});
const accountRoute = createRoute({
  getParentRoute: () => userRoute,
  path: "/account",
  component: lazyRouteComponent(() => import("./pages/account"), "AccountPage"),
});

const orgRoute = createRoute({
  getParentRoute: () => userRoute,
  path: "/orgs/$org",
  component: lazyRouteComponent(() => import("./shell/org-layout"), "OrgLayout"),
  beforeLoad: async ({ context, params }) => {
    await context.queries.ensureQueryData(permissionsOptions(context.plinth, params.org));
    rememberOrg(params.org);
  },
});
const overviewRoute = createRoute({
  getParentRoute: () => orgRoute,
  path: "/",
  component: lazyRouteComponent(() => import("./pages/org/overview"), "OverviewPage"),
});
const membersRoute = createRoute({
  getParentRoute: () => orgRoute,
  path: "/members",
  component: lazyRouteComponent(() => import("./pages/org/members"), "MembersPage"),
});
const serviceAccountsRoute = createRoute({
  getParentRoute: () => orgRoute,
  path: "/service-accounts",
  component: lazyRouteComponent(() => import("./pages/org/service-accounts"), "ServiceAccountsPage"),
});
const eventsRoute = createRoute({
  getParentRoute: () => orgRoute,
  path: "/events",
  validateSearch: texts("kind", "operation", "actor", "subject", "property"),
  component: lazyRouteComponent(() => import("./pages/org/activity"), "ActivityPage"),
});
const billRoute = createRoute({
  getParentRoute: () => orgRoute,
  path: "/bill",
  validateSearch: texts("period", "resource"),
  component: lazyRouteComponent(() => import("./pages/org/bill"), "BillPage"),
});
const usageRoute = createRoute({
  getParentRoute: () => orgRoute,
  path: "/usage",
  validateSearch: texts("meter", "resource", "from", "to"),
  component: lazyRouteComponent(() => import("./pages/org/usage"), "UsagePage"),
});
const settingsRoute = createRoute({
  getParentRoute: () => orgRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("./pages/org/settings"), "SettingsPage"),
});
const policiesRoute = createRoute({
  getParentRoute: () => orgRoute,
  path: "/policies",
  validateSearch: texts("tab", "principal", "kind"),
  component: lazyRouteComponent(() => import("./pages/org/policy/policies"), "PoliciesPage"),
});
const newPolicyRoute = createRoute({
  getParentRoute: () => orgRoute,
  path: "/policies/new",
  component: lazyRouteComponent(() => import("./pages/org/policy/editor"), "PolicyNewPage"),
});
const policyRoute = createRoute({
  getParentRoute: () => orgRoute,
  path: "/policies/$policy",
  validateSearch: texts("tab"),
  component: lazyRouteComponent(() => import("./pages/org/policy/detail"), "PolicyPage"),
});
const editPolicyRoute = createRoute({
  getParentRoute: () => orgRoute,
  path: "/policies/$policy/edit",
  component: lazyRouteComponent(() => import("./pages/org/policy/editor"), "PolicyEditPage"),
});
const resourcesRoute = createRoute({
  getParentRoute: () => orgRoute,
  path: "/$plural",
  validateSearch: (search: Record<string, unknown>): ReturnType<typeof listSearch> & { deleted?: true } => ({
    ...listSearch(search),
    ...(search.deleted === true ? { deleted: true } : {}),
  }),
  component: lazyRouteComponent(() => import("./pages/org/resource-list"), "ResourceListPage"),
});
const newResourceRoute = createRoute({
  getParentRoute: () => orgRoute,
  path: "/$plural/new",
  component: lazyRouteComponent(() => import("./pages/org/resource-new"), "ResourceNewPage"),
});
const resourceRoute = createRoute({
  getParentRoute: () => orgRoute,
  path: "/$plural/$name",
  validateSearch: texts("tab"),
  component: lazyRouteComponent(() => import("./pages/org/resource-detail"), "ResourceDetailPage"),
});
const editResourceRoute = createRoute({
  getParentRoute: () => orgRoute,
  path: "/$plural/$name/edit",
  component: lazyRouteComponent(() => import("./pages/org/resource-edit"), "ResourceEditPage"),
});

const routeTree = rootRoute.addChildren([
  indexRoute,
  loginRoute,
  signupRoute,
  forgotRoute,
  resetRoute,
  verifyRoute,
  inviteRoute,
  outboxRoute,
  userRoute.addChildren([
    newOrgRoute,
    accountRoute,
    orgRoute.addChildren([
      overviewRoute,
      membersRoute,
      serviceAccountsRoute,
      eventsRoute,
      billRoute,
      usageRoute,
      settingsRoute,
      policiesRoute,
      newPolicyRoute,
      policyRoute,
      editPolicyRoute,
      resourcesRoute,
      newResourceRoute,
      resourceRoute,
      editResourceRoute,
    ]),
  ]),
]);

/** `history` stands in for the browser's in tests. */
export function createConsoleRouter(context: RouterContext, history?: RouterHistory) {
  return createRouter({
    routeTree,
    history,
    context,
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    defaultErrorComponent: RouteError,
    defaultPendingComponent: RoutePending,
    defaultPendingMs: 200,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
