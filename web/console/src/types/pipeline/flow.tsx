import type { Resource } from "@plinth/client";
import {
  Card,
  cn,
  formatBytes,
  formatCompact,
  Progress,
  pluralOf,
  StatusDot,
  type Tone,
  TypeIcon,
  useOrg,
  useResource,
} from "@plinth/react";
import { Link } from "@tanstack/react-router";
import { addressOf, type ConnectionSpec, kindIcon, kindLabel, serverName } from "../connection/model";
import { isMoving, pipelineSpec, pipelineStatus, progressOf, shownState } from "./model";

/** Source, stream, destination: the two ends with what they say they are, and the rate between them. */
export function Flow({ resource }: { resource: Resource }) {
  const spec = pipelineSpec(resource);
  const status = pipelineStatus(resource);
  const shown = shownState(resource);
  const moving = isMoving(status.state) && shown.state === status.state;
  const share = status.state === "snapshotting" ? progressOf(status) : null;
  return (
    <Card>
      <div className="grid items-center gap-3 md:grid-cols-[minmax(0,1fr)_minmax(9rem,0.8fr)_minmax(0,1fr)] md:gap-5">
        <End label="Source" name={spec.source.connection} peer={status.source} moving={moving} />
        <div className="flex flex-col items-center gap-1.5 max-md:py-1">
          <p className="num font-medium text-ink text-sm">
            {moving
              ? `${formatCompact(Math.round(status.rows_per_second ?? 0))} rows/s`
              : idleText(shown.state)}
          </p>
          <Stream moving={moving} failed={status.state === "failed"} />
          <p className="num text-faint text-xs">
            {moving
              ? `${formatBytes(status.bytes_per_second ?? 0)}/s`
              : `${formatCompact(status.rows ?? 0)} ${pluralOf("row", status.rows ?? 0)} copied`}
          </p>
        </div>
        <End
          label="Destination"
          name={spec.destination.connection}
          peer={status.destination}
          moving={moving}
        />
      </div>
      {share !== null ? (
        <div className="mt-5 flex items-center gap-3">
          <Progress label="Snapshot" value={share} className="h-2" />
          <span className="num shrink-0 font-medium text-ink text-sm">{Math.floor(share * 100)} %</span>
        </div>
      ) : null}
    </Card>
  );
}

function idleText(state: string): string {
  const texts: Record<string, string> = {
    pending: "Waiting for a worker",
    connecting: "Connecting",
    paused: "Paused",
    pausing: "Pausing",
    resuming: "Resuming",
    completed: "All copied",
    failed: "Stopped",
    deleting: "Being deleted",
    deleted: "Deleted",
  };
  return texts[state] ?? "";
}

function End(props: {
  label: string;
  name: string;
  peer: { connected: boolean; server?: string } | undefined;
  moving: boolean;
}) {
  const { slug } = useOrg();
  const connection = useResource<ConnectionSpec>("connections", props.name);
  const spec = connection.data?.spec;
  const tone: Tone = props.peer === undefined ? "idle" : props.peer.connected ? "live" : "warn";
  const text =
    props.peer === undefined ? "Not connected yet" : props.peer.connected ? "Connected" : "Not connected";
  return (
    <div className="flex min-w-0 items-start gap-3 rounded-md border border-line bg-sunken/50 p-3.5">
      <div className="flex size-8 shrink-0 items-center justify-center rounded-sm border border-line bg-surface text-muted">
        <TypeIcon name={spec ? kindIcon(spec) : "plug"} className="size-4" />
      </div>
      <div className="min-w-0">
        <p className="text-faint text-xs">{props.label}</p>
        <Link
          to="/orgs/$org/$plural/$name"
          params={{ org: slug, plural: "connections", name: props.name }}
          search={{}}
          className="block truncate font-medium text-ink hover:underline"
        >
          {props.name}
        </Link>
        <p className="truncate font-mono text-faint text-xs">{spec ? addressOf(spec) : " "}</p>
        <p className="mt-1.5 flex items-center gap-1.5 text-muted text-xs">
          <StatusDot tone={tone} />
          <span className="truncate" title={props.peer?.server}>
            {text}
            {props.peer?.server ? ` · ${serverName(props.peer.server)}` : spec ? ` · ${kindLabel(spec)}` : ""}
          </span>
        </p>
      </div>
    </div>
  );
}

/** Grains that run from left to right while rows do. */
function Stream({ moving, failed }: { moving: boolean; failed: boolean }) {
  return (
    <svg
      viewBox="0 0 160 12"
      className="h-3 w-full max-w-60 max-md:rotate-90 max-md:w-10"
      aria-hidden
      fill="none"
    >
      <line
        x1="0"
        y1="6"
        x2="160"
        y2="6"
        strokeWidth="1.5"
        className={cn(failed ? "stroke-bad/60" : "stroke-line")}
        strokeDasharray={failed ? "4 4" : undefined}
      />
      {moving
        ? GRAINS.map((grain) => (
            <circle key={grain.delay} r={grain.r} cy="6" className="fill-accent motion-reduce:hidden">
              <animate
                attributeName="cx"
                from="-4"
                to="164"
                dur={`${grain.secs}s`}
                begin={`-${grain.delay}s`}
                repeatCount="indefinite"
              />
            </circle>
          ))
        : null}
    </svg>
  );
}

const GRAINS = [
  { delay: 0, secs: 2.1, r: 2.2 },
  { delay: 0.35, secs: 2.6, r: 1.6 },
  { delay: 0.8, secs: 2.1, r: 1.9 },
  { delay: 1.2, secs: 2.9, r: 1.4 },
  { delay: 1.55, secs: 2.3, r: 2.2 },
  { delay: 2, secs: 2.7, r: 1.5 },
];
