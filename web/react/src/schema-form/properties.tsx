import type { JsonObject } from "@plinth/client";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "../components/button";
import { Input } from "../components/input";
import { capitalize, pluralOf } from "../lib/format";

interface Row {
  key: number;
  name: string;
  value: string;
}

/** Flat labels of a thing, as rows of name and value. Other members than text stay as they are. */
export function PropertiesField(props: {
  value: JsonObject;
  onChange: (value: JsonObject) => void;
  disabled?: boolean;
  /** What one of them is called, and what they are for. */
  noun?: string;
  hint?: string;
}) {
  const {
    noun = "property",
    hint = "Labels such as team or environment: find, filter and split costs by them.",
  } = props;
  const [rows, setRows] = useState<Row[]>(() => toRows(props.value));
  const change = (next: Row[]) => {
    setRows(next);
    props.onChange(fromRows(next, props.value));
  };
  return (
    <fieldset className="flex flex-col gap-2" disabled={props.disabled}>
      <legend className="font-medium text-sm text-text">
        {capitalize(pluralOf(noun, 2))} <span className="ml-1 font-normal text-faint text-xs">optional</span>
      </legend>
      <p className="mb-1 text-faint text-xs">{hint}</p>
      {rows.map((row, index) => (
        <div key={row.key} className="flex gap-2">
          <Input
            aria-label={`${capitalize(noun)} ${index + 1} name`}
            placeholder="team"
            value={row.name}
            onChange={(event) =>
              change(rows.map((each) => (each === row ? { ...row, name: event.target.value } : each)))
            }
          />
          <Input
            aria-label={`${capitalize(noun)} ${index + 1} value`}
            placeholder="data"
            value={row.value}
            onChange={(event) =>
              change(rows.map((each) => (each === row ? { ...row, value: event.target.value } : each)))
            }
          />
          <IconButton
            label={`Remove ${noun} ${row.name}`}
            onClick={() => change(rows.filter((each) => each !== row))}
          >
            <Trash2 aria-hidden />
          </IconButton>
        </div>
      ))}
      <Button
        size="sm"
        className="self-start"
        onClick={() => setRows([...rows, { key: nextKey(), name: "", value: "" }])}
      >
        <Plus aria-hidden />
        Add {noun}
      </Button>
    </fieldset>
  );
}

function toRows(value: JsonObject): Row[] {
  return Object.entries(value)
    .filter(([, each]) => typeof each === "string")
    .map(([name, each]) => ({ key: nextKey(), name, value: String(each) }));
}

function fromRows(rows: Row[], previous: JsonObject): JsonObject {
  const kept = Object.entries(previous).filter(([, each]) => typeof each !== "string");
  const texts = rows
    .filter((row) => row.name.trim() !== "")
    .map((row) => [row.name.trim(), row.value] as const);
  return Object.fromEntries([...kept, ...texts]);
}

let lastKey = 0;
function nextKey(): number {
  lastKey += 1;
  return lastKey;
}
