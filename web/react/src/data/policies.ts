import type {
  Policy,
  PolicyCheck,
  PolicyImpact,
  PolicyInput,
  PolicySays,
  PolicyVersion,
  RefusedRequest,
  RolePolicy,
} from "@plinth/client";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { useOrg } from "./context";
import { keys } from "./keys";
import { useRested } from "./rested";

/** The org's policies, by name. */
export function usePolicies(enabled = true) {
  const { slug, client } = useOrg();
  const query = useInfiniteQuery({
    queryKey: keys.policies(slug),
    queryFn: ({ pageParam, signal }) => client.policies.list({ limit: 100, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    enabled,
  });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items), [query.data]);
  return {
    items: items as Policy[] | undefined,
    error: query.error,
    refetch: query.refetch,
    more: {
      hasMore: query.hasNextPage,
      loading: query.isFetchingNextPage,
      load: () => void query.fetchNextPage(),
    },
  };
}

export function usePolicy(id: string) {
  const { slug, client } = useOrg();
  return useQuery({
    queryKey: keys.policy(slug, id),
    queryFn: ({ signal }): Promise<Policy> => client.policies.get(id, { signal }),
  });
}

/** What a policy said before, newest first; also when it is deleted. */
export function usePolicyVersions(id: string) {
  const { slug, client } = useOrg();
  const query = useInfiniteQuery({
    queryKey: keys.policyVersions(slug, id),
    queryFn: ({ pageParam, signal }) =>
      client.policies.versions(id, { limit: 50, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items), [query.data]);
  return {
    items: items as PolicyVersion[] | undefined,
    error: query.error,
    refetch: query.refetch,
    more: {
      hasMore: query.hasNextPage,
      loading: query.isFetchingNextPage,
      load: () => void query.fetchNextPage(),
    },
  };
}

/** What policies have refused in the last days, newest first. No event tells of it: it is read when it is looked at. */
export function useRefusals() {
  const { slug, client } = useOrg();
  const query = useInfiniteQuery({
    queryKey: keys.refusals(slug),
    queryFn: ({ pageParam, signal }) =>
      client.policies.refusals({ limit: 100, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    staleTime: 0,
  });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items), [query.data]);
  return {
    items: items as RefusedRequest[] | undefined,
    error: query.error,
    refetch: query.refetch,
    isFetching: query.isFetching,
    more: {
      hasMore: query.hasNextPage,
      loading: query.isFetchingNextPage,
      load: () => void query.fetchNextPage(),
    },
  };
}

/** The product's roles as policies. */
export function useRoles(enabled = true) {
  const { slug, client } = useOrg();
  return useQuery({
    queryKey: keys.roles(slug),
    queryFn: ({ signal }): Promise<RolePolicy[]> => client.roles({ signal }),
    staleTime: 5 * 60_000,
    enabled,
  });
}

/** Looks at a draft once it rests. What is known of the draft before stays until then; `null` is no draft. */
export function usePolicyCheck(draft: PolicySays | null) {
  const { slug, client } = useOrg();
  const rested = useRested(draft);
  const query = useQuery({
    queryKey: keys.policyCheck(slug, rested),
    queryFn: ({ signal }): Promise<PolicyCheck> => client.policies.check(rested as PolicySays, { signal }),
    enabled: rested !== null,
    placeholderData: (previous) => previous,
    gcTime: 60_000,
  });
  const current = JSON.stringify(rested) === JSON.stringify(draft) && !query.isPlaceholderData;
  return { data: query.data, error: query.error, isChecking: query.isFetching || !current };
}

/** What a change is made to: a policy as it was read, or none yet. */
export interface PolicyChangeInput {
  policy: Policy | undefined;
  input: PolicyInput;
}

/** Changes to policies. Previews are dry runs: all checks, nothing kept, and what would change for whom. */
export function usePolicyMutations() {
  const { slug, client } = useOrg();
  const queries = useQueryClient();
  const api = client.policies;
  // What may be seen and done anywhere may have changed.
  const settle = () => queries.invalidateQueries({ queryKey: keys.org(slug) });

  const save = useMutation({
    mutationFn: ({ policy, input }: PolicyChangeInput) =>
      policy ? api.replace(policy.id, input, { version: policy.version }) : api.create(input),
    onSuccess: settle,
  });
  const preview = useMutation({
    mutationFn: ({ policy, input }: PolicyChangeInput) =>
      policy
        ? api.replace(policy.id, input, { version: policy.version, dryRun: true })
        : api.create(input, { dryRun: true }),
  });
  const revert = useMutation({
    mutationFn: ({ policy, version }: { policy: Policy; version: number }) =>
      api.revert(policy.id, version, { version: policy.version }),
    onSuccess: settle,
  });
  const previewRevert = useMutation({
    mutationFn: async ({ policy, version }: { policy: Policy; version: number }) =>
      (await api.revert(policy.id, version, { version: policy.version, dryRun: true })).impact,
  });
  const remove = useMutation({
    mutationFn: (policy: Policy) => api.delete(policy.id, { version: policy.version }),
    onSuccess: (_answer, policy) => {
      queries.removeQueries({ queryKey: keys.policy(slug, policy.id), exact: true });
      return settle();
    },
  });
  const previewRemoval = useMutation({
    mutationFn: async (policy: Policy): Promise<PolicyImpact | undefined> =>
      (await api.delete(policy.id, { version: policy.version, dryRun: true }))?.impact,
  });
  return { save, preview, revert, previewRevert, remove, previewRemoval };
}
