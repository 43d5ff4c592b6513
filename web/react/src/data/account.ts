import type { Me, Plinth, Product, ResourceType } from "@plinth/client";
import { queryOptions, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { useOrg, usePlinth } from "./context";
import { keys } from "./keys";

export function meOptions(plinth: Plinth) {
  return queryOptions({
    queryKey: keys.me,
    queryFn: ({ signal }) => plinth.me({ signal }),
    staleTime: 60_000,
    retry: false,
  });
}

export function productOptions(plinth: Plinth) {
  return queryOptions({
    queryKey: keys.product,
    queryFn: ({ signal }) => plinth.product({ signal }),
    staleTime: 5 * 60_000,
  });
}

export function permissionsOptions(plinth: Plinth, org: string) {
  return queryOptions({
    queryKey: keys.permissions(org),
    queryFn: async ({ signal }) => new Set(await plinth.org(org).permissions({ signal })),
    staleTime: 60_000,
  });
}

/** Who is signed in; the page that needs it is shown once it is known. */
export function useMe(): Me {
  return useSuspenseQuery(meOptions(usePlinth())).data;
}

/** What is sold here: names, resource types, menu, dashboards. */
export function useProduct(): Product {
  return useSuspenseQuery(productOptions(usePlinth())).data;
}

/** One resource type by its plural or its name. */
export function useResourceType(name: string): ResourceType | undefined {
  return useProduct().types.find((type) => type.plural === name || type.name === name);
}

/** `can("pipelines:create")`: what the caller may do here. Nothing is offered until it is known. */
export function useCan(): (permission: string) => boolean {
  const { slug } = useOrg();
  const { data } = useQuery(permissionsOptions(usePlinth(), slug));
  return useCallback((permission: string) => data?.has(permission) ?? false, [data]);
}
