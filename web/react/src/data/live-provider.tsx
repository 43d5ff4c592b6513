import {
  isPlinthError,
  type OrgClient,
  type PlinthEvent,
  type Product,
  type StreamState,
} from "@plinth/client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";
import { permissionsOptions } from "./account";
import { useOrg, usePlinth } from "./context";
import { keys } from "./keys";
import { CachePatcher } from "./live";

interface Live {
  state: StreamState;
  subscribe: (listener: (event: PlinthEvent) => void) => () => void;
}

const LiveContext = createContext<Live>({ state: "closed", subscribe: () => () => undefined });

/** How often what is shown is read again where events may not be seen, in milliseconds. */
const POLL_MS = 30_000;

/**
 * The one event stream of the organization above it: everything on the page is kept current by it. Whoever may not see
 * events has no stream; what is shown is then read again now and then, and when the page comes back into sight.
 *
 * `onLost` is called when the organization is not there for the reader any more.
 */
export function LiveProvider({ children, onLost }: { children: ReactNode; onLost?: () => void }) {
  const plinth = usePlinth();
  const { slug } = useOrg();
  const queries = useQueryClient();
  const permissions = useQuery(permissionsOptions(plinth, slug));
  const may = permissions.data?.has("events:view");
  const [refused, setRefused] = useState(false);
  const [state, setState] = useState<StreamState>("connecting");
  const listeners = useRef(new Set<(event: PlinthEvent) => void>());
  const lose = useRef(onLost);
  lose.current = onLost;
  const isStreamed = may === true && !refused;
  const isPolled = may === false || refused;

  // biome-ignore lint/correctness/useExhaustiveDependencies: what was refused is tried again when rights have changed.
  useEffect(() => setRefused(false), [slug, may]);

  useEffect(() => {
    if (!isStreamed) return;
    const patcher = new CachePatcher(queries, slug, () => queries.getQueryData<Product>(keys.product));
    let closed = false;
    const stream = plinth.events({
      org: slug,
      onState: setState,
      onEvent: (event) => {
        patcher.apply(event);
        for (const listener of listeners.current) listener(event);
      },
      // Lists that were read before the stream stood may lack what came in between.
      onOpen: (resumed) => (resumed ? undefined : patcher.refreshAll()),
      onError: async (error) => {
        // Who is logged out is sent to the login by the client.
        if (error.status === 401) return;
        const gone = error.status === 404 && (await isGone(plinth.org(slug)));
        if (closed) return;
        if (gone) lose.current?.();
        else setRefused(true);
      },
    });
    setState(stream.state);
    return () => {
      closed = true;
      stream.close();
      patcher.close();
    };
  }, [plinth, queries, slug, isStreamed]);

  useEffect(() => {
    if (!isPolled) return;
    setState("closed");
    const refresh = () => {
      if (document.visibilityState === "hidden") return;
      void queries.invalidateQueries({ queryKey: keys.org(slug) });
    };
    const timer = setInterval(refresh, POLL_MS);
    window.addEventListener("focus", refresh);
    document.addEventListener("visibilitychange", refresh);
    return () => {
      clearInterval(timer);
      window.removeEventListener("focus", refresh);
      document.removeEventListener("visibilitychange", refresh);
    };
  }, [queries, slug, isPolled]);

  const { error } = permissions;
  useEffect(() => {
    if (!isPolled || !isPlinthError(error) || error.status !== 404) return;
    let closed = false;
    void isGone(plinth.org(slug)).then((gone) => (gone && !closed ? lose.current?.() : undefined));
    return () => {
      closed = true;
    };
  }, [plinth, slug, isPolled, error]);

  const live = useMemo<Live>(
    () => ({
      state,
      subscribe: (listener) => {
        listeners.current.add(listener);
        return () => listeners.current.delete(listener);
      },
    }),
    [state],
  );
  return <LiveContext.Provider value={live}>{children}</LiveContext.Provider>;
}

export function useLiveState(): StreamState {
  return useContext(LiveContext).state;
}

/** Calls back for each event as it arrives. */
export function useLiveEvent(listener: (event: PlinthEvent) => void): void {
  const { subscribe } = useContext(LiveContext);
  const ref = useRef(listener);
  ref.current = listener;
  useEffect(() => subscribe((event) => ref.current(event)), [subscribe]);
}

/** Whether the organization itself is not there for the reader, which one refused answer does not say. */
async function isGone(org: OrgClient): Promise<boolean> {
  try {
    await org.get();
    return false;
  } catch (error) {
    return isPlinthError(error) && error.status === 404;
  }
}
