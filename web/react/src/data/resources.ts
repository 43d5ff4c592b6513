import {
  isPlinthError,
  type Page,
  type Resource,
  type ResourceInput,
  type ResourceListParams,
} from "@plinth/client";
import {
  type InfiniteData,
  type QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useMemo } from "react";
import { useOrg } from "./context";
import { keys } from "./keys";

export type ResourcePages = InfiniteData<Page<Resource>, string | undefined>;

/** A list of resources, page by page; kept current by the event stream. */
export function useResources<Spec = Resource["spec"], Status = NonNullable<Resource["status"]>>(
  plural: string,
  params: Omit<ResourceListParams, "cursor"> = {},
  options: { enabled?: boolean } = {},
) {
  const { slug, client } = useOrg();
  const query = useInfiniteQuery({
    queryKey: keys.resourceList(slug, plural, params),
    queryFn: ({ pageParam, signal }) =>
      client
        .resources<Resource["spec"], NonNullable<Resource["status"]>>(plural)
        .list({ ...params, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: (previous) => previous,
    enabled: options.enabled ?? true,
  });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items), [query.data]);
  return {
    items: items as Resource<Spec, Status>[] | undefined,
    error: query.error,
    refetch: query.refetch,
    isFetching: query.isFetching,
    isPlaceholder: query.isPlaceholderData,
    more: {
      hasMore: query.hasNextPage,
      loading: query.isFetchingNextPage,
      load: () => void query.fetchNextPage(),
    },
  };
}

/** One resource by name or id, with what the caller may do to it; kept current by the event stream. */
export function useResource<Spec = Resource["spec"], Status = NonNullable<Resource["status"]>>(
  plural: string,
  nameOrId: string,
  options: { enabled?: boolean } = {},
) {
  const { slug, client } = useOrg();
  return useQuery({
    queryKey: keys.resource(slug, plural, nameOrId),
    queryFn: ({ signal }) =>
      client.resources<Spec, Status>(plural).get(nameOrId, { include: "actions", signal }),
    enabled: options.enabled ?? true,
  });
}

export interface PatchInput {
  resource: Resource;
  patch: { owner?: string | null; properties?: unknown; spec?: unknown };
  /** What the user already sees while the server decides; taken back when it refuses. */
  optimistic?: (resource: Resource) => Resource;
}

export interface VerbInput {
  resource: Resource;
  /** As the type declares it, such as `pause`. */
  verb: string;
  /** What the user already sees while the server decides; taken back when it refuses. */
  optimistic?: (resource: Resource) => Resource;
}

/** Changes to resources of one type. Every answer goes into the cache at once; the event stream confirms it. */
export function useResourceMutations(plural: string) {
  const { slug, client } = useOrg();
  const queries = useQueryClient();
  const api = client.resources<Resource["spec"], NonNullable<Resource["status"]>>(plural);
  const settle = (resource: Resource) => putResource(queries, slug, plural, resource);
  // Who may not see policies is not told when they change: a refusal says that what is known of them is old.
  const doubt = (error: unknown) => {
    if (!isPlinthError(error) || error.code !== "forbidden") return;
    for (const queryKey of [keys.permissions(slug), keys.answers(slug), keys.resources(slug, plural)])
      void queries.invalidateQueries({ queryKey });
  };

  const create = useMutation({
    mutationFn: (input: ResourceInput) => api.create(input),
    onSuccess: (resource) => {
      settle(resource);
      return queries.invalidateQueries({ queryKey: keys.resourceLists(slug, plural) });
    },
    onError: doubt,
  });
  const patch = useMutation({
    mutationFn: ({ resource, patch }: PatchInput) =>
      api.patch(resource.id, patch, { version: resource.version }),
    onMutate: ({ resource, optimistic }) => {
      if (optimistic) settle(optimistic(resource));
    },
    onSuccess: settle,
    onError: (error, { resource }) => {
      settle(resource);
      doubt(error);
      if (isPlinthError(error) && error.code === "version_mismatch") {
        void queries.invalidateQueries({ queryKey: keys.resources(slug, plural) });
      }
    },
  });
  const carryOut = useMutation({
    mutationFn: ({ resource, verb }: VerbInput) => api.carryOut(resource.id, verb),
    onMutate: ({ resource, optimistic }) => {
      if (optimistic) settle(optimistic(resource));
    },
    onSuccess: settle,
    onError: (error, { resource }) => {
      settle(resource);
      doubt(error);
    },
  });
  const remove = useMutation({
    mutationFn: (resource: Resource) => api.delete(resource.id, { version: resource.version }),
    onSuccess: (_answer, resource) => {
      void queries.invalidateQueries({ queryKey: keys.resource(slug, plural, resource.id) });
      return queries.invalidateQueries({ queryKey: keys.resourceLists(slug, plural) });
    },
    onError: doubt,
  });
  const undelete = useMutation({
    mutationFn: (resource: Resource) => api.undelete(resource.id),
    onSuccess: (resource) => {
      settle(resource);
      return queries.invalidateQueries({ queryKey: keys.resourceLists(slug, plural) });
    },
    onError: doubt,
  });
  return { create, patch, carryOut, remove, undelete };
}

/** Puts one state of a resource wherever the cache shows it: details by name and by id, and rows of lists. */
export function putResource(
  queries: QueryClient,
  org: string,
  plural: string,
  resource: Partial<Resource> & { id: string },
): boolean {
  let found = false;
  for (const [key, cached] of queries.getQueriesData<Resource>({ queryKey: keys.resources(org, plural) })) {
    if (cached?.id !== resource.id) continue;
    queries.setQueryData<Resource>(key, { ...cached, ...resource });
    found = true;
  }
  const lists = queries.getQueriesData<ResourcePages>({ queryKey: keys.resourceLists(org, plural) });
  for (const [key, cached] of lists) {
    if (!cached?.pages.some((page) => page.items.some((item) => item.id === resource.id))) continue;
    found = true;
    queries.setQueryData<ResourcePages>(key, replaceRow(cached, resource));
  }
  return found;
}

function replaceRow(data: ResourcePages, resource: Partial<Resource> & { id: string }): ResourcePages {
  const pages = data.pages.map((page) => ({
    ...page,
    items: page.items.map((item) => (item.id === resource.id ? { ...item, ...resource } : item)),
  }));
  return { ...data, pages };
}

/** Takes a row out of the lists that do not show deleted resources. */
export function dropRow(
  queries: QueryClient,
  org: string,
  plural: string,
  id: string,
  everywhere: boolean,
): void {
  const lists = queries.getQueriesData<ResourcePages>({ queryKey: keys.resourceLists(org, plural) });
  for (const [key, cached] of lists) {
    const params = key[4] as ResourceListParams | undefined;
    if (!cached || (params?.deleted && !everywhere)) continue;
    const pages = cached.pages.map((page) => ({
      ...page,
      items: page.items.filter((item) => item.id !== id),
    }));
    queries.setQueryData<ResourcePages>(key, { ...cached, pages });
  }
}
