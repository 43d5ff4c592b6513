import "@fontsource-variable/geist/wght.css";
import "@fontsource-variable/geist-mono/wght.css";
import "./main.css";
import { isPlinthError, Plinth } from "@plinth/client";
import { applyTheme, PlinthProvider, ToastProvider } from "@plinth/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { reloadWhenOutdated } from "./lib/outdated";
import { createConsoleRouter } from "./router";
import { goToLogin } from "./session";

applyTheme();
reloadWhenOutdated();

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // The event stream keeps what is shown current; a page that comes back shows what is known at once.
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) =>
        failures < 2 && isPlinthError(error) && (error.status === 0 || error.status >= 502),
    },
  },
});
const plinth = new Plinth({ onUnauthenticated: () => goToLogin(router, queries) });
const router = createConsoleRouter({ plinth, queries });

const root = document.getElementById("root");
if (!root) throw new Error("the page has no `root` element");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <PlinthProvider client={plinth}>
        <ToastProvider>
          <RouterProvider router={router} />
        </ToastProvider>
      </PlinthProvider>
    </QueryClientProvider>
  </StrictMode>,
);
