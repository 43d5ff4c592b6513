import type { OrgClient, Plinth } from "@plinth/client";
import { createContext, type ReactNode, useContext, useMemo } from "react";

const PlinthContext = createContext<Plinth | null>(null);
const OrgContext = createContext<{ slug: string; client: OrgClient } | null>(null);

/** Hands the API client to every hook below it. The application brings its own `QueryClientProvider`. */
export function PlinthProvider({ client, children }: { client: Plinth; children: ReactNode }) {
  return <PlinthContext.Provider value={client}>{children}</PlinthContext.Provider>;
}

export function usePlinth(): Plinth {
  const client = useContext(PlinthContext);
  if (!client) throw new Error("`usePlinth` needs a `PlinthProvider` above it");
  return client;
}

/** Everything below is about this organization. Live updates come with `LiveProvider`. */
export function OrgProvider({ slug, children }: { slug: string; children: ReactNode }) {
  const plinth = usePlinth();
  const value = useMemo(() => ({ slug, client: plinth.org(slug) }), [plinth, slug]);
  return <OrgContext.Provider value={value}>{children}</OrgContext.Provider>;
}

export function useOrg(): { slug: string; client: OrgClient } {
  const org = useContext(OrgContext);
  if (!org) throw new Error("`useOrg` needs an `OrgProvider` above it");
  return org;
}
