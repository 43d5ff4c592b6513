import type {
  EventListParams,
  Invitation,
  Member,
  MetricQuery,
  PlinthEvent,
  ServiceAccount,
  UsageListParams,
} from "@plinth/client";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useOrg } from "./context";
import { keys } from "./keys";

const WHOLE_LIST = { limit: 500 };

/** The event log with filters, newest first; new events are put on top as they happen. */
export function useEvents(params: Omit<EventListParams, "cursor" | "after" | "order"> = {}, enabled = true) {
  const { slug, client } = useOrg();
  const query = useInfiniteQuery({
    queryKey: keys.eventList(slug, params),
    queryFn: ({ pageParam, signal }) => client.events({ ...params, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: (previous) => previous,
    enabled,
  });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items), [query.data]);
  return {
    items: items as PlinthEvent[] | undefined,
    error: query.error,
    refetch: query.refetch,
    more: {
      hasMore: query.hasNextPage,
      loading: query.isFetchingNextPage,
      load: () => void query.fetchNextPage(),
    },
  };
}

export function useMembers(enabled = true) {
  const { slug, client } = useOrg();
  return useQuery({
    queryKey: keys.members(slug),
    queryFn: async ({ signal }): Promise<Member[]> => (await client.members(WHOLE_LIST, { signal })).items,
    enabled,
  });
}

export function useInvitations(enabled = true) {
  const { slug, client } = useOrg();
  return useQuery({
    queryKey: keys.invitations(slug),
    queryFn: async ({ signal }): Promise<Invitation[]> =>
      (await client.invitations(WHOLE_LIST, { signal })).items,
    enabled,
  });
}

export function useServiceAccounts(enabled = true) {
  const { slug, client } = useOrg();
  return useQuery({
    queryKey: keys.serviceAccounts(slug),
    queryFn: async ({ signal }): Promise<ServiceAccount[]> =>
      (await client.serviceAccounts(WHOLE_LIST, { signal })).items,
    enabled,
  });
}

export function useTokens(serviceAccount: string) {
  const { slug, client } = useOrg();
  return useQuery({
    queryKey: keys.tokens(slug, serviceAccount),
    queryFn: async ({ signal }) => (await client.tokens(serviceAccount, { signal })).items,
  });
}

export function useSqlLogins(serviceAccount: string) {
  const { slug, client } = useOrg();
  return useQuery({
    queryKey: keys.sqlLogins(slug, serviceAccount),
    queryFn: async ({ signal }) => (await client.sqlLogins(serviceAccount, { signal })).items,
  });
}

/** One metric over the last `spanSecs`, up to now; re-read when status events say that there is news. */
export function useMetric(query: Omit<MetricQuery, "from" | "to">, spanSecs: number, enabled = true) {
  const { slug, client } = useOrg();
  return useQuery({
    queryKey: keys.metric(slug, query, spanSecs),
    queryFn: async ({ signal }) => {
      const to = Date.now();
      const from = to - spanSecs * 1000;
      const series = await client.queryMetrics(
        { ...query, from: new Date(from).toISOString(), to: new Date(to).toISOString() },
        { signal },
      );
      return { series, from: from / 1000, to: to / 1000 };
    },
    placeholderData: (previous) => previous,
    enabled,
  });
}

export function useBill(query: { period?: string; resource?: string } = {}, enabled = true) {
  const { slug, client } = useOrg();
  return useQuery({
    queryKey: keys.bill(slug, query),
    queryFn: ({ signal }) => client.bill(query, { signal }),
    placeholderData: (previous) => previous,
    enabled,
  });
}

export function useUsage(params: Omit<UsageListParams, "cursor">, enabled = true) {
  const { slug, client } = useOrg();
  const query = useInfiniteQuery({
    queryKey: keys.usage(slug, params),
    queryFn: ({ pageParam, signal }) => client.usage({ ...params, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    enabled,
  });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items), [query.data]);
  return {
    items,
    error: query.error,
    refetch: query.refetch,
    more: {
      hasMore: query.hasNextPage,
      loading: query.isFetchingNextPage,
      load: () => void query.fetchNextPage(),
    },
  };
}
