import { useProduct } from "@plinth/react";
import { Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

/** Around every page: the skip link, and the focus that follows a change of page. */
export function RootLayout() {
  useFocusOnNavigation();
  return (
    <>
      <a
        href="#main"
        className="sr-only z-50 rounded-sm bg-ink px-3 py-2 text-on-ink focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to content
      </a>
      <Outlet />
    </>
  );
}

/** Screen readers stay where they were when a router swaps the page: focus goes to the new content. */
function useFocusOnNavigation(): void {
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  const previous = useRef(path);
  useEffect(() => {
    if (previous.current === undefined || previous.current === path) {
      previous.current = path;
      return;
    }
    previous.current = path;
    if (document.activeElement === null || document.activeElement === document.body) {
      document.getElementById("main")?.focus({ preventScroll: true });
    }
  }, [path]);
}

export function useTitle(...parts: (string | undefined)[]): void {
  const product = useProduct();
  const title = [...parts.filter(Boolean), product.title].join(" · ");
  useEffect(() => {
    document.title = title;
  }, [title]);
}
