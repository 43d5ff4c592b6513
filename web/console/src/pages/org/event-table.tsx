import type { EventListParams, PlinthEvent } from "@plinth/client";
import {
  Button,
  CopyText,
  capitalize,
  cn,
  DiffView,
  EmptyState,
  ErrorState,
  formatDateTime,
  RelativeTime,
  Skeleton,
  StatusDot,
  useEvents,
  useOrg,
  useProduct,
} from "@plinth/react";
import { Link } from "@tanstack/react-router";
import { ChevronRight, ScrollText } from "lucide-react";
import { useState } from "react";
import {
  actorName,
  type EventRun,
  foldReports,
  kindTitle,
  nameOf,
  QUIET_PATHS,
  toneOfEvent,
  verbOf,
} from "./event-text";

/** The event log with filters. */
export function EventTable({ params }: { params: Omit<EventListParams, "cursor" | "after" | "order"> }) {
  return <EventList events={useEvents({ limit: 50, ...params })} />;
}

export interface EventListProps {
  events: ReturnType<typeof useEvents>;
  /** Leaves out whose event it is: the page around says so already. */
  compact?: boolean;
}

/** Events: newest first, live, each one open to its before and after. */
export function EventList({ events, compact }: EventListProps) {
  const [open, setOpen] = useState<number | null>(null);
  if (events.error && !events.items)
    return <ErrorState error={events.error} retry={() => void events.refetch()} />;
  if (!events.items) return <Skeleton className="h-40 w-full" />;
  if (events.items.length === 0) {
    return (
      <EmptyState title="No events" icon={<ScrollText aria-hidden />}>
        Every change, by whomever and in whatever way, is recorded here in order, with what was before and
        after.
      </EmptyState>
    );
  }
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface shadow-card">
      <ol aria-label="Events">
        {foldReports(events.items).map((run) => (
          <EventRow
            key={run.oldest}
            run={run}
            compact={compact}
            open={open === run.oldest}
            onToggle={() => setOpen(open === run.oldest ? null : run.oldest)}
          />
        ))}
      </ol>
      {events.more.hasMore ? (
        <div className="border-line border-t p-2 text-center">
          <Button variant="ghost" size="sm" pending={events.more.loading} onClick={events.more.load}>
            Older events
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function EventRow(props: { run: EventRun; compact?: boolean; open: boolean; onToggle: () => void }) {
  const { run, open } = props;
  const { event } = run;
  const { types } = useProduct();
  const type = types.find((each) => each.name === event.data.kind);
  const verb = `${verbOf(event, type)}${run.count > 1 ? ` ${run.count} times` : ""}`;
  const panel = `event-${run.oldest}`;
  return (
    <li className="border-line border-b last:border-b-0">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={panel}
        onClick={props.onToggle}
        className={cn(
          "grid w-full grid-cols-[1rem_0.5rem_minmax(0,1fr)_auto] items-center gap-x-3 px-3.5 py-2 text-left hover:bg-hover focus-visible:-outline-offset-2 pointer-coarse:py-3",
          open && "bg-hover",
        )}
      >
        <ChevronRight
          className={cn("size-4 text-faint transition-transform", open && "rotate-90")}
          aria-hidden
        />
        <StatusDot tone={toneOfEvent(event)} />
        <span className="min-w-0">
          <span className="flex min-w-0 flex-wrap items-baseline gap-x-1.5">
            {props.compact ? (
              <span className="font-medium text-ink">{capitalize(verb)}</span>
            ) : (
              <>
                <span className="text-faint text-xs">{kindTitle(event.data.kind, types)}</span>
                <span className="truncate font-medium text-ink">{nameOf(event)}</span>
                <span className="text-muted">{verb}</span>
              </>
            )}
            <span className="truncate text-faint text-xs">by {actorName(event)}</span>
          </span>
        </span>
        <span className="num flex items-baseline gap-3 text-faint text-xs">
          <RelativeTime at={event.time} />
          <span className="w-12 text-right max-sm:hidden">#{event.seq}</span>
        </span>
      </button>
      {open ? <EventDetails id={panel} event={event} before={run.before} /> : null}
    </li>
  );
}

function EventDetails(props: { id: string; event: PlinthEvent; before: EventRun["before"] }) {
  const { id, event } = props;
  const { slug } = useOrg();
  const type = useProduct().types.find((each) => each.name === event.data.kind);
  return (
    <div id={id} className="animate-fade border-line border-t bg-canvas px-4 py-4 sm:pl-11">
      <DiffView before={props.before} after={event.data.after} ignore={QUIET_PATHS} />
      <div className="mt-3 flex flex-wrap items-center gap-x-5 gap-y-1 text-faint text-xs">
        <span>{formatDateTime(event.time)}</span>
        <span className="flex min-w-0 items-center gap-1.5">
          Subject <CopyText text={event.subject} />
        </span>
        {event.data.actor.type === "worker" && event.data.actor.name ? (
          <span className="flex min-w-0 items-center gap-1.5">
            Worker <CopyText text={event.data.actor.name} />
          </span>
        ) : null}
        {event.requestid ? (
          <span className="flex min-w-0 items-center gap-1.5">
            Request <CopyText text={event.requestid} />
          </span>
        ) : null}
        {event.hash ? (
          <span className="flex min-w-0 max-w-60 items-center gap-1.5">
            Hash <CopyText text={event.hash} />
          </span>
        ) : null}
        {type && event.data.operation !== "purge" ? (
          <Link
            to="/orgs/$org/$plural/$name"
            params={{ org: slug, plural: type.plural, name: event.subject }}
            search={{}}
            className="font-medium text-accent hover:underline"
          >
            Open {type.title.toLowerCase()}
          </Link>
        ) : null}
        {event.data.kind === "policy" && event.data.operation !== "delete" ? (
          <Link
            to="/orgs/$org/policies/$policy"
            params={{ org: slug, policy: event.subject }}
            search={{}}
            className="font-medium text-accent hover:underline"
          >
            Open policy
          </Link>
        ) : null}
      </div>
    </div>
  );
}
