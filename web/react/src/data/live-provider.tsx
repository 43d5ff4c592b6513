import type { PlinthError, PlinthEvent, Product, StreamState } from "@plinth/client";
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";
import { useOrg, usePlinth } from "./context";
import { keys } from "./keys";
import { CachePatcher } from "./live";

interface Live {
  state: StreamState;
  subscribe: (listener: (event: PlinthEvent) => void) => () => void;
}

const LiveContext = createContext<Live>({ state: "closed", subscribe: () => () => undefined });

/** The one event stream of the organization above it: everything on the page is kept current by it, nothing polls. */
export function LiveProvider({
  children,
  onError,
}: {
  children: ReactNode;
  onError?: (error: PlinthError) => void;
}) {
  const plinth = usePlinth();
  const { slug } = useOrg();
  const queries = useQueryClient();
  const [state, setState] = useState<StreamState>("connecting");
  const listeners = useRef(new Set<(event: PlinthEvent) => void>());
  const onErrorRef = useRef(onError);
  onErrorRef.current = onError;

  useEffect(() => {
    const patcher = new CachePatcher(queries, slug, () => queries.getQueryData<Product>(keys.product));
    const stream = plinth.events({
      org: slug,
      onState: setState,
      onEvent: (event) => {
        patcher.apply(event);
        for (const listener of listeners.current) listener(event);
      },
      // Lists that were read before the stream stood may lack what came in between.
      onOpen: (resumed) => (resumed ? undefined : patcher.refreshAll()),
      onError: (error) => onErrorRef.current?.(error),
    });
    setState(stream.state);
    return () => {
      stream.close();
      patcher.close();
    };
  }, [plinth, queries, slug]);

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
