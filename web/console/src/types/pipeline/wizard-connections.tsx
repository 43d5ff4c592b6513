import type { Resource } from "@plinth/client";
import { cn, Tag, TypeIcon } from "@plinth/react";
import { Plus } from "lucide-react";
import { lazy, Suspense, useId, useState } from "react";
import { addressOf, connectionSpec, kindIcon, kindLabel } from "../connection/model";
import { orderSources } from "./draft";

const ConnectionDialog = lazy(() =>
  import("../connection/dialog").then((module) => ({ default: module.ConnectionDialog })),
);

export interface ConnectionStepProps {
  label: string;
  end: "source" | "destination";
  connections: Resource[];
  pipelines: Resource[];
  value: string | null;
  /** The other end: a pipeline cannot read from where it writes. */
  exclude: string | null;
  onChange: (name: string) => void;
  canCreate: boolean;
}

const cardClass =
  "flex min-h-16 w-full items-center gap-3 rounded-md border border-line bg-surface px-3.5 py-3 text-left shadow-card transition-colors hover:border-line-strong/60";

/** Connections as cards, with a card that makes a new one. */
export function ConnectionStep(props: ConnectionStepProps) {
  const [creating, setCreating] = useState(false);
  const group = useId();
  const ordered = orderSources(props.connections, props.pipelines).filter(
    (each) => each.name !== props.exclude,
  );
  const shown = props.end === "source" ? ordered : [...ordered].reverse();
  return (
    <>
      <div role="radiogroup" aria-label={props.label} className="grid gap-2.5 sm:grid-cols-2">
        {shown.map((connection) => (
          <ConnectionCard
            key={connection.id}
            group={group}
            connection={connection}
            checked={props.value === connection.name}
            onChange={() => props.onChange(connection.name)}
          />
        ))}
        {props.canCreate ? (
          <button
            type="button"
            onClick={() => setCreating(true)}
            className={cn(cardClass, "border-dashed bg-transparent text-muted shadow-none hover:text-text")}
          >
            <span className="flex size-8 shrink-0 items-center justify-center rounded-sm border border-line border-dashed">
              <Plus className="size-4" aria-hidden />
            </span>
            <span>
              <span className="block font-medium">New connection</span>
              <span className="block text-faint text-xs">PostgreSQL, or a folder of files</span>
            </span>
          </button>
        ) : null}
      </div>
      {shown.length === 0 && !props.canCreate ? (
        <p className="text-muted text-sm">
          There is no connection yet, and your role does not create them. Ask an admin.
        </p>
      ) : null}
      {creating ? (
        <Suspense fallback={null}>
          <ConnectionDialog
            onClose={() => setCreating(false)}
            onCreated={(connection) => {
              setCreating(false);
              props.onChange(connection.name);
            }}
          />
        </Suspense>
      ) : null}
    </>
  );
}

function ConnectionCard(props: {
  group: string;
  connection: Resource;
  checked: boolean;
  onChange: () => void;
}) {
  const spec = connectionSpec(props.connection);
  const sample = props.connection.properties.sample !== undefined;
  return (
    <label
      className={cn(
        cardClass,
        "cursor-pointer has-checked:border-accent has-checked:bg-accent-soft/45 has-focus-visible:outline-2 has-focus-visible:outline-accent",
      )}
    >
      <input
        type="radio"
        name={props.group}
        className="sr-only"
        checked={props.checked}
        onChange={props.onChange}
        aria-label={props.connection.name}
      />
      <span
        className={cn(
          "flex size-8 shrink-0 items-center justify-center rounded-sm border border-line bg-sunken text-muted",
          props.checked && "border-accent/40 bg-surface text-accent",
        )}
      >
        <TypeIcon name={kindIcon(spec)} className="size-4" />
      </span>
      <span className="min-w-0 grow">
        <span className="flex items-center gap-2">
          <span className="truncate font-medium text-ink">{props.connection.name}</span>
          {sample ? <Tag>sample</Tag> : null}
        </span>
        <span className="block truncate text-faint text-xs">
          {kindLabel(spec)} · {addressOf(spec)}
        </span>
      </span>
    </label>
  );
}
