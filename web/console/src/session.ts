import { isPlinthError, type Me, type Plinth } from "@plinth/client";
import { keys, meOptions } from "@plinth/react";
import type { QueryClient } from "@tanstack/react-query";
import { type AnyRouter, redirect } from "@tanstack/react-router";

export interface RouterContext {
  plinth: Plinth;
  queries: QueryClient;
}

const PUBLIC_PATHS = ["/login", "/signup", "/forgot", "/reset", "/verify", "/invite", "/outbox"];

/** A session that ended while the page was open: back to the login, and from there to where the user was. */
export function goToLogin(router: AnyRouter, queries: QueryClient): void {
  const { pathname, href } = router.state.location;
  if (PUBLIC_PATHS.includes(pathname) || !queries.getQueryData(keys.me)) return;
  queries.clear();
  void router.navigate({ to: "/login", search: { next: href } });
}

/** For routes that need a user: who it is, or a redirect to the login that leads back here. */
export async function requireUser({ plinth, queries }: RouterContext, href: string): Promise<Me> {
  try {
    return await queries.ensureQueryData(meOptions(plinth));
  } catch (error) {
    if (isPlinthError(error) && error.status === 401)
      throw redirect({ to: "/login", search: { next: href } });
    throw error;
  }
}

/** Only paths of this console are followed after login; anything else would be an open redirect. */
export function safeNext(next: string | undefined): string {
  return next?.startsWith("/") && !next.startsWith("//") && !next.startsWith("/\\") ? next : "/";
}

const LAST_ORG = "plinth.org";

export function rememberOrg(slug: string): void {
  try {
    localStorage.setItem(LAST_ORG, slug);
  } catch {
    // Storage may be blocked: the first organization is then the one to start with.
  }
}

export function preferredOrg(me: Me): string | undefined {
  let last: string | null = null;
  try {
    last = localStorage.getItem(LAST_ORG);
  } catch {
    // As above.
  }
  return (me.orgs.find((org) => org.slug === last) ?? me.orgs[0])?.slug;
}
