import type { Risk, Signal } from "@plinth/client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useOrg } from "./context";
import { keys } from "./keys";

/** Nothing calls out that a signal was noted or has ended: how often it is looked at, in milliseconds. */
const PERIOD_MS = 15_000;

/** What was unusual, newest first; of one member or service account with its risk, when one is given by its id. */
export function useSignals(principal: string | undefined) {
  const { slug, client } = useOrg();
  const query = useInfiniteQuery({
    queryKey: keys.signals(slug, principal),
    queryFn: ({ pageParam, signal }) =>
      client.signals({ ...(principal ? { principal } : {}), limit: 50, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: PERIOD_MS,
  });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items), [query.data]);
  return {
    items: items as Signal[] | undefined,
    risk: query.data?.pages[0]?.risk as Risk | null | undefined,
    error: query.error,
    refetch: query.refetch,
    more: {
      hasMore: query.hasNextPage,
      loading: query.isFetchingNextPage,
      load: () => void query.fetchNextPage(),
    },
  };
}
