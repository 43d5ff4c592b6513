import type { ActionResult, DiscoveredTable } from "@plinth/client";
import {
  Button,
  Checkbox,
  cn,
  formatCompact,
  formatUnits,
  Input,
  pluralOf,
  Segmented,
  Select,
  Skeleton,
} from "@plinth/react";
import { Search } from "lucide-react";
import { useState } from "react";
import { ResultCallout } from "../connection/result";
import { cursorOf, type Derived, type Draft } from "./draft";

export interface Discovery {
  data: ActionResult | undefined;
  error: unknown;
  isFetching: boolean;
  refetch: () => unknown;
}

export interface TablesStepProps {
  draft: Draft;
  derived: Derived;
  discovery: Discovery;
  onChange: (part: Partial<Draft>) => void;
}

/** Tables as the source lists them; all are chosen until one is left out. */
export function TablesStep({ draft, derived, discovery, onChange }: TablesStepProps) {
  if (!draft.source) return null;
  if (discovery.isFetching && !discovery.data) return <Connecting source={draft.source} />;
  const tables = discovery.data?.tables;
  if (discovery.error || !discovery.data?.ok || !tables) {
    return (
      <div className="flex flex-col items-start gap-3">
        <div className="w-full">
          <ResultCallout result={discovery.data} error={discovery.error} />
        </div>
        <Button size="sm" pending={discovery.isFetching} onClick={() => void discovery.refetch()}>
          Try again
        </Button>
      </div>
    );
  }
  return (
    <div className="flex flex-col gap-3">
      <ModeChoice derived={derived} onChange={onChange} />
      <TablePicker draft={draft} derived={derived} tables={tables} onChange={onChange} />
    </div>
  );
}

function Connecting({ source }: { source: string }) {
  return (
    <div className="rounded-md border border-line bg-surface p-4" role="status">
      <p className="text-muted text-sm">Connecting to {source} and listing its tables …</p>
      <div className="mt-3 flex flex-col gap-2">
        <Skeleton className="w-2/3" />
        <Skeleton className="w-1/2" />
        <Skeleton className="w-3/5" />
      </div>
    </div>
  );
}

function ModeChoice({ derived, onChange }: Pick<TablesStepProps, "derived" | "onChange">) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
      <Segmented
        label="How to copy"
        value={derived.mode}
        onChange={(mode) => onChange({ mode })}
        options={[
          { value: "incremental", label: "Keep in step" },
          { value: "snapshot", label: "Copy once" },
        ]}
      />
      <p className="text-faint text-xs">
        {derived.mode === "incremental"
          ? "Copies everything, then new and changed rows as they come."
          : "Copies everything as it is now, then ends."}
      </p>
    </div>
  );
}

function TablePicker(props: {
  draft: Draft;
  derived: Derived;
  tables: DiscoveredTable[];
  onChange: (part: Partial<Draft>) => void;
}) {
  const { draft, derived, tables, onChange } = props;
  const [search, setSearch] = useState("");
  const shown = tables.filter((table) => table.name.toLowerCase().includes(search.toLowerCase()));
  const chosen = new Set(derived.chosen.map((table) => table.name));
  const all = chosen.size === tables.length;
  const toggle = (name: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(name);
    else next.delete(name);
    onChange({ tables: next.size === tables.length ? null : [...next] });
  };
  return (
    <div className="overflow-hidden rounded-md border border-line bg-surface shadow-card">
      <div className="flex items-center gap-3 border-line border-b bg-sunken/60 px-3.5 py-2">
        <Checkbox
          aria-label="All tables"
          checked={all ? true : chosen.size > 0 ? "indeterminate" : false}
          onChange={(on) => onChange({ tables: on || (!all && chosen.size > 0) ? null : [] })}
        />
        <span className="num grow text-muted text-xs">
          {chosen.size} of {formatUnits(tables.length, "table")}
        </span>
        {tables.length > 8 ? (
          <div className="relative">
            <Search className="absolute top-1.5 left-2 size-4 text-faint" aria-hidden />
            <Input
              aria-label="Search tables"
              placeholder="Search"
              className="h-7 w-44 pl-7 text-xs"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
          </div>
        ) : null}
      </div>
      <ul className="max-h-90 divide-y divide-line overflow-y-auto">
        {shown.map((table) => (
          <TableRow
            key={table.name}
            table={table}
            checked={chosen.has(table.name)}
            onToggle={(on) => toggle(table.name, on)}
            cursor={derived.mode === "incremental" ? cursorOf(draft, table) : undefined}
            showCursor={derived.mode === "incremental"}
            onCursor={(cursor) => onChange({ cursors: { ...draft.cursors, [table.name]: cursor } })}
          />
        ))}
        {shown.length === 0 ? (
          <li className="px-3.5 py-4 text-muted text-sm">
            {tables.length === 0
              ? "The source has no tables that this user may read."
              : "No table has that in its name."}
          </li>
        ) : null}
      </ul>
    </div>
  );
}

function TableRow(props: {
  table: DiscoveredTable;
  checked: boolean;
  onToggle: (on: boolean) => void;
  cursor: string | undefined;
  showCursor: boolean;
  onCursor: (cursor: string) => void;
}) {
  const { table, checked } = props;
  const id = `table-${table.name}`;
  const candidates = table.cursor_candidates ?? [];
  return (
    <li className="flex min-h-10 items-center gap-x-3 gap-y-1 px-3.5 py-1.5 hover:bg-hover max-sm:flex-wrap">
      <Checkbox id={id} checked={checked} onChange={props.onToggle} aria-label={table.name} />
      <label
        htmlFor={id}
        className={cn("min-w-0 grow cursor-pointer max-sm:basis-[calc(100%-2rem)]", !checked && "text-muted")}
      >
        <span className="block truncate font-mono text-xs">{table.name}</span>
        {table.columns ? (
          <span className="block truncate text-faint text-xs">
            {formatUnits(table.columns.length, "column")}
          </span>
        ) : null}
      </label>
      {props.showCursor && checked ? (
        candidates.length > 0 ? (
          <Select
            size="sm"
            className="w-34 max-sm:ml-7"
            aria-label={`Column that tells what is new in ${table.name}`}
            value={props.cursor}
            onChange={props.onCursor}
            options={candidates.map((each) => ({ value: each, label: each }))}
          />
        ) : (
          <span className="text-faint text-xs max-sm:ml-7">copied once</span>
        )
      ) : null}
      <span className="num ml-auto w-20 shrink-0 text-right text-muted text-xs">
        {table.rows_estimate == null
          ? ""
          : `${formatCompact(table.rows_estimate)} ${pluralOf("row", table.rows_estimate)}`}
      </span>
    </li>
  );
}
