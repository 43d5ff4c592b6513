import { actionKinds, useCan, useMembers, useProduct, useServiceAccounts } from "@plinth/react";
import { useMemo } from "react";
import type { Names } from "./words";

export interface Person {
  id: string;
  name: string;
  kind: "user" | "service_account";
  groups: string[];
}

/** Members and service accounts, as far as the reader may see them. */
export function usePeople(enabled = true): Person[] {
  const can = useCan();
  const members = useMembers(enabled && can("members:view"));
  const accounts = useServiceAccounts(enabled && can("service-accounts:view"));
  return useMemo(
    () => [
      ...(members.data ?? []).map(({ user_id, name, email, groups }) => ({
        id: user_id,
        name: name || email,
        kind: "user" as const,
        groups,
      })),
      ...(accounts.data ?? []).map(({ id, name, groups }) => ({
        id,
        name,
        kind: "service_account" as const,
        groups,
      })),
    ],
    [members.data, accounts.data],
  );
}

/** Groups that somebody is in. */
export function groupsOf(people: Person[]): string[] {
  return [...new Set(people.flatMap((person) => person.groups))].sort();
}

export function useNames(): Names {
  const product = useProduct();
  const people = usePeople();
  return useMemo(
    () => ({
      people: new Map(people.map((person) => [person.id, person.name])),
      kinds: actionKinds(product),
    }),
    [people, product],
  );
}
