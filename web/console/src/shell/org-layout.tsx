import { Button, ErrorBoundary, LiveProvider, OrgProvider, Sheet, useMe, useToast } from "@plinth/react";
import { getRouteApi, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { Menu as MenuIcon } from "lucide-react";
import { useState } from "react";
import { ProductLogo } from "./product-logo";
import { Sidebar } from "./sidebar";
import { VerifyBanner } from "./verify-banner";

const route = getRouteApi("/user/orgs/$org");

/** The frame of an organization: navigation, and the one event stream that keeps every page in it current. */
export function OrgLayout() {
  const { org } = route.useParams();
  const toast = useToast();
  const navigate = useNavigate();
  return (
    <OrgProvider key={org} slug={org}>
      <LiveProvider
        onLost={() => {
          toast({ tone: "bad", title: "You no longer have access to this organization" });
          void navigate({ to: "/" });
        }}
      >
        <div className="flex min-h-dvh max-lg:flex-col">
          <aside className="sticky top-0 hidden h-dvh w-58 shrink-0 border-line border-r bg-sunken/70 lg:block">
            <Sidebar />
          </aside>
          <MobileBar />
          <Content />
        </div>
      </LiveProvider>
    </OrgProvider>
  );
}

function Content() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <main id="main" tabIndex={-1} className="min-w-0 grow outline-none">
      <VerifyBanner />
      <div className="mx-auto w-full max-w-300 px-4 py-5 sm:px-6 lg:px-8 lg:py-7">
        <ErrorBoundary resetKey={path}>
          <Outlet />
        </ErrorBoundary>
      </div>
    </main>
  );
}

function MobileBar() {
  const [open, setOpen] = useState(false);
  return (
    <header className="sticky top-0 z-30 flex h-13 items-center gap-2 border-line border-b bg-canvas/92 px-3 backdrop-blur lg:hidden">
      <Button
        variant="ghost"
        size="icon"
        aria-label="Menu"
        aria-expanded={open}
        onClick={() => setOpen(true)}
      >
        <MenuIcon aria-hidden />
      </Button>
      <ProductLogo className="size-5" />
      <OrgName />
      <Sheet open={open} onOpenChange={setOpen} title="Navigation">
        <Sidebar onNavigate={() => setOpen(false)} />
      </Sheet>
    </header>
  );
}

function OrgName() {
  const { org } = route.useParams();
  const name = useMe().orgs.find((each) => each.slug === org || each.id === org)?.name ?? org;
  return <span className="truncate font-semibold text-ink">{name}</span>;
}
