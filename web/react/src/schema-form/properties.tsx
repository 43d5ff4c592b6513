import type { JsonObject, PropertyRequirement } from "@plinth/client";
import { Plus, Trash2 } from "lucide-react";
import { useEffect, useId, useState } from "react";
import { Button, IconButton } from "../components/button";
import { InlineCode } from "../components/inline-code";
import { Input } from "../components/input";
import { Select } from "../components/select";
import { capitalize, pluralOf } from "../lib/format";
import { isMet, requirementText } from "../lib/requirements";

interface Row {
  key: number;
  name: string;
  value: string;
}

export interface PropertiesFieldProps {
  value: JsonObject;
  onChange: (value: JsonObject) => void;
  disabled?: boolean;
  /** What one of them is called, and what they are for. */
  noun?: string;
  hint?: string;
  /**
   * What policies require of them, as an answer tells it. A single requirement is a row for each of its properties, filled
   * in where there is one value only; alternatives are offered.
   */
  requires?: PropertyRequirement[];
}

/** Flat labels of a thing, as rows of name and value. Other members than text stay as they are. */
export function PropertiesField(props: PropertiesFieldProps) {
  const {
    noun = "property",
    hint = "Labels such as team or environment: find, filter and split costs by them.",
    requires = [],
  } = props;
  const required: PropertyRequirement = requires.length === 1 ? (requires[0] ?? {}) : {};
  const [rows, setRows] = useState<Row[]>(() => toRows(props.value));
  const change = (next: Row[]) => {
    setRows(next);
    props.onChange(fromRows(next, props.value, required));
  };
  const missing = Object.keys(required).filter((name) => !rows.some((row) => row.name.trim() === name));
  const isMissing = missing.join("\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are added when other properties are required.
  useEffect(() => {
    if (missing.length === 0) return;
    const added = missing.map((name) => {
      const values = required[name] ?? [];
      return { key: nextKey(), name, value: values.length === 1 ? (values[0] ?? "") : "" };
    });
    change([...added, ...rows]);
  }, [isMissing]);
  const set = (row: Row, part: Partial<Row>) =>
    change(rows.map((each) => (each === row ? { ...each, ...part } : each)));
  return (
    <fieldset className="flex flex-col gap-2" disabled={props.disabled}>
      <legend className="font-medium text-sm text-text">
        {capitalize(pluralOf(noun, 2))}
        {Object.keys(required).length > 0 ? null : (
          <span className="ml-1.5 font-normal text-faint text-xs">optional</span>
        )}
      </legend>
      <p className="mb-1 text-faint text-xs">{hint}</p>
      {requires.length > 1 && !isMet(requires, props.value) ? (
        <Alternatives
          requires={requires}
          onChoose={(requirement) => change(withRequirement(rows, requirement))}
        />
      ) : null}
      {rows.map((row, index) => {
        const values = required[row.name.trim()];
        return values ? (
          <RequiredRow
            key={row.key}
            name={row.name.trim()}
            values={values}
            value={row.value}
            onChange={(value) => set(row, { value })}
          />
        ) : (
          <div key={row.key} className="flex gap-2">
            <Input
              aria-label={`${capitalize(noun)} ${index + 1} name`}
              placeholder="team"
              value={row.name}
              onChange={(event) => set(row, { name: event.target.value })}
            />
            <Input
              aria-label={`${capitalize(noun)} ${index + 1} value`}
              placeholder="data"
              value={row.value}
              onChange={(event) => set(row, { value: event.target.value })}
            />
            <IconButton
              label={`Remove ${noun} ${row.name}`}
              onClick={() => change(rows.filter((each) => each !== row))}
            >
              <Trash2 aria-hidden />
            </IconButton>
          </div>
        );
      })}
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

/** A property that has to have one of these values. What it has besides is shown, so that it can be changed. */
function RequiredRow(props: {
  name: string;
  values: string[];
  value: string;
  onChange: (value: string) => void;
}) {
  const { name, values, value } = props;
  const id = useId();
  const hintId = `${id}-hint`;
  const shown = value !== "" && !values.includes(value) ? [...values, value] : values;
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-center gap-2">
        <label htmlFor={id} className="min-w-0 flex-1 truncate font-mono text-sm text-text">
          {name}
        </label>
        <Select
          id={id}
          className="min-w-0 flex-1"
          placeholder="Choose"
          aria-describedby={hintId}
          aria-required
          aria-invalid={values.includes(value) ? undefined : true}
          value={value}
          onChange={props.onChange}
          options={shown.map((each) => ({ value: each, label: each }))}
        />
      </div>
      <p id={hintId} className="text-faint text-xs">
        Required by the policies of the organization.
      </p>
    </div>
  );
}

/** Several ways to meet the policies: each fills in its rows. */
function Alternatives(props: {
  requires: PropertyRequirement[];
  onChoose: (requirement: PropertyRequirement) => void;
}) {
  return (
    <div className="flex flex-col gap-1.5 rounded-md border border-line bg-sunken/60 p-2.5 text-sm">
      <p className="text-muted text-xs">The policies of the organization require one of these.</p>
      <ul className="flex flex-wrap gap-1.5">
        {props.requires.map((each) => (
          <li key={requirementText(each)} className="min-w-0">
            <Button
              size="sm"
              className="h-auto max-w-full whitespace-normal py-1 text-left"
              onClick={() => props.onChoose(each)}
            >
              <span className="min-w-0 break-words">
                <InlineCode text={requirementText(each)} />
              </span>
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Rows with the first of the values, where a property has none of them. */
function withRequirement(rows: Row[], requirement: PropertyRequirement): Row[] {
  const wanted = Object.entries(requirement);
  const kept = rows.map((row) => {
    const values = requirement[row.name.trim()];
    return values && !values.includes(row.value) ? { ...row, value: values[0] ?? "" } : row;
  });
  const added = wanted
    .filter(([name]) => !rows.some((row) => row.name.trim() === name))
    .map(([name, values]) => ({ key: nextKey(), name, value: values[0] ?? "" }));
  return [...kept, ...added];
}

function toRows(value: JsonObject): Row[] {
  return Object.entries(value)
    .filter(([, each]) => typeof each === "string")
    .map(([name, each]) => ({ key: nextKey(), name, value: String(each) }));
}

function fromRows(rows: Row[], previous: JsonObject, required: PropertyRequirement): JsonObject {
  const kept = Object.entries(previous).filter(([, each]) => typeof each !== "string");
  const texts = rows
    .map((row) => [row.name.trim(), row.value] as const)
    // What is required and not chosen yet is not there.
    .filter(([name, value]) => name !== "" && !(name in required && value === ""));
  return Object.fromEntries([...kept, ...texts]);
}

let lastKey = 0;
function nextKey(): number {
  lastKey += 1;
  return lastKey;
}
