import type { Me, Page, PlinthEvent, Product, Resource, ResourceListParams } from "@plinth/client";
import type { InfiniteData, QueryClient, QueryKey } from "@tanstack/react-query";
import { eventMatches } from "./event-filter";
import { keys } from "./keys";
import { dropRow, putResource } from "./resources";

/** How long changes that need a re-read are gathered before it happens, in milliseconds. */
const SOON_MS = 300;
/** Numbers that have no events of their own (metrics, bill) follow status events at most this often. */
const LATER_MS = 5000;

/**
 * Carries events of one organization into the query cache. What an event contains is written into the cache;
 * what it only hints at (members, bills) is marked stale, gathered, so that a burst of events costs one re-read.
 */
export class CachePatcher {
  private readonly pending = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly queries: QueryClient,
    private readonly org: string,
    private readonly product: () => Product | undefined,
  ) {}

  apply(event: PlinthEvent): void {
    this.patchEventLists(event);
    const product = this.product();
    const type = product?.types.find((each) => each.name === event.data.kind);
    // Without the product nobody knows what the event is about.
    if (!product) this.markSoon(keys.org(this.org));
    else if (type) this.patchResource(type.plural, event);
    else this.markNoun(event);
  }

  /** Something may have been missed: everything shown is read again. */
  refreshAll(): void {
    void this.queries.invalidateQueries({ queryKey: keys.org(this.org) });
  }

  close(): void {
    for (const timer of this.pending.values()) clearTimeout(timer);
    this.pending.clear();
  }

  private patchResource(plural: string, event: PlinthEvent): void {
    const after = currentState(event);
    const gone = after === null && event.data.before !== null;
    if (gone || after?.deleted_at) {
      dropRow(this.queries, this.org, plural, event.subject, gone);
    }
    if (gone) this.markSoon(keys.resources(this.org, plural));
    const known = after ? putResource(this.queries, this.org, plural, after) : true;
    const filtered = this.hasFilteredList(plural);
    if (!known || filtered || event.data.operation === "undelete" || after?.deleted_at) {
      if (event.data.operation !== "status" || filtered) this.markSoon(keys.resourceLists(this.org, plural));
    }
    this.markReads(plural);
    // What may be done to it hangs on what it is: a report changes nothing of that.
    if (after && event.data.operation !== "status") this.markActions(plural, event.subject);
    this.mark(keys.metrics(this.org), LATER_MS);
    this.mark(keys.bills(this.org), LATER_MS);
  }

  private markNoun(event: PlinthEvent): void {
    const { kind } = event.data;
    if (kind === "org") this.markSoon(keys.details(this.org));
    if (kind === "member") this.markSoon(keys.members(this.org));
    if (kind === "service_account") this.markSoon(keys.serviceAccounts(this.org));
    if (kind === "member" || kind === "service_account") {
      this.markSoon(keys.permissions(this.org));
      this.markSoon(keys.answers(this.org));
    }
    // What may be seen of everything may be more or less from now on.
    if (kind === "policy" || (kind === "member" && this.isReader(event.subject)))
      this.markSoon(keys.org(this.org));
    if (kind === "invitation") this.markSoon(keys.invitations(this.org));
    if (kind === "token") this.markSoon(["org", this.org, "tokens"]);
    if (kind === "sql_login") this.markSoon(["org", this.org, "sql-logins"]);
    if (kind === "org" || kind === "member") this.markSoon(keys.me);
  }

  private isReader(subject: string): boolean {
    return this.queries.getQueryData<Me>(keys.me)?.user?.id === subject;
  }

  /** Answers and `_actions` about this resource are read again where they are shown. */
  private markActions(plural: string, id: string): void {
    const shown = this.queries.getQueriesData<Resource>({ queryKey: keys.resources(this.org, plural) });
    for (const [key, cached] of shown) if (cached?.id === id && cached._actions) this.markSoon(key);
    const lists = this.queries.getQueryCache().findAll({ queryKey: keys.resourceLists(this.org, plural) });
    for (const { queryKey } of lists)
      if ((queryKey[4] as ResourceListParams | undefined)?.include) this.markSoon(queryKey);
    this.markSoon(keys.answers(this.org));
  }

  private patchEventLists(event: PlinthEvent): void {
    const lists = this.queries.getQueriesData<InfiniteData<Page<PlinthEvent>>>({
      queryKey: keys.eventLists(this.org),
    });
    for (const [key, cached] of lists) {
      const params = (key[3] ?? {}) as Parameters<typeof eventMatches>[1];
      const first = cached?.pages[0];
      if (!cached || !first || !eventMatches(event, params)) continue;
      if (first.items.some((item) => item.seq >= event.seq)) continue;
      const pages = [{ ...first, items: [event, ...first.items] }, ...cached.pages.slice(1)];
      this.queries.setQueryData(key, { ...cached, pages });
    }
  }

  /** A filter or search may now take in, or let go of, the row: only the server can say. */
  private hasFilteredList(plural: string): boolean {
    return this.queries
      .getQueryCache()
      .findAll({ queryKey: keys.resourceLists(this.org, plural), type: "active" })
      .some((query) => {
        const params = query.queryKey[4] as ResourceListParams | undefined;
        return Boolean(params?.filter?.length);
      });
  }

  /** An answer that is under way may be older than the event, and would undo it. */
  private markReads(plural: string): void {
    for (const queryKey of [keys.resources(this.org, plural), keys.resourceLists(this.org, plural)]) {
      const reads = this.queries.getQueryCache().findAll({ queryKey, fetchStatus: "fetching" });
      for (const read of reads) this.markSoon(read.queryKey);
    }
  }

  private markSoon(key: QueryKey): void {
    this.mark(key, SOON_MS);
  }

  private mark(queryKey: QueryKey, delayMs: number): void {
    const name = JSON.stringify(queryKey);
    if (this.pending.has(name)) return;
    const timer = setTimeout(() => {
      this.pending.delete(name);
      // A read is never broken off for the next one: a slow line would get no answer at all.
      if (this.queries.isFetching({ queryKey }) > 0) this.mark(queryKey, SOON_MS);
      else void this.queries.invalidateQueries({ queryKey });
    }, delayMs);
    this.pending.set(name, timer);
  }
}

/** What changes in a resource's life; the rest of a captured row (who made it, say) stays as the API told it. */
const CHANGING = [
  "name",
  "owner",
  "properties",
  "spec",
  "status",
  "generation",
  "version",
  "updated_at",
  "deleted_at",
] as const;

function currentState(event: PlinthEvent): (Partial<Resource> & { id: string }) | null {
  const { after } = event.data;
  if (after === null) return null;
  const known = CHANGING.filter((field) => field in after).map((field) => [field, after[field]]);
  return { ...Object.fromEntries(known), id: event.subject };
}
