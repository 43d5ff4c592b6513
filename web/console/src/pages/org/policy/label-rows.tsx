import type { Literal } from "@plinth/client";
import { Button, IconButton, Input, Select } from "@plinth/react";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";

type Wanted = Literal | { principal: string };
type Kind = "text" | "number" | "truth" | "principal";

interface Row {
  key: number;
  name: string;
  kind: Kind;
  text: string;
}

const KINDS: { value: Kind; label: string }[] = [
  { value: "text", label: "is the text" },
  { value: "number", label: "is the number" },
  { value: "truth", label: "is" },
  { value: "principal", label: "is their own" },
];

/** What labels must be: name, how it is compared, value. */
export function LabelRows<Value extends Wanted>(props: {
  title: string;
  noun: string;
  value: Record<string, Value>;
  onChange: (value: Record<string, Wanted>) => void;
  /** Also what the principal's own attribute of a name is. */
  withPrincipal?: boolean;
}) {
  const { title, noun, withPrincipal } = props;
  const [rows, setRows] = useState<Row[]>(() => Object.entries(props.value).map(rowOf));
  const change = (next: Row[]) => {
    setRows(next);
    props.onChange(valuesOf(next));
  };
  const put = (row: Row, part: Partial<Row>) =>
    change(rows.map((each) => (each.key === row.key ? { ...row, ...part } : each)));
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1.5 font-medium text-sm text-text">
        {title}
        {withPrincipal ? <span className="ml-1.5 font-normal text-faint text-xs">optional</span> : null}
      </legend>
      {rows.map((row, index) => (
        <div key={row.key} className="flex flex-wrap gap-2 sm:flex-nowrap">
          <Input
            aria-label={`Name of ${noun} ${index + 1}`}
            placeholder="environment"
            className="min-w-28 grow basis-28"
            value={row.name}
            onChange={(event) => put(row, { name: event.target.value })}
          />
          <Select
            aria-label={`Comparison of ${noun} ${index + 1}`}
            className="w-36 shrink-0"
            value={row.kind}
            onChange={(kind) => put(row, { kind: kind as Kind, text: kind === "truth" ? "true" : row.text })}
            options={KINDS.filter((kind) => withPrincipal || kind.value !== "principal")}
          />
          {row.kind === "truth" ? (
            <Select
              aria-label={`Value of ${noun} ${index + 1}`}
              className="min-w-28 grow basis-28"
              value={row.text}
              onChange={(text) => put(row, { text })}
              options={[
                { value: "true", label: "true" },
                { value: "false", label: "false" },
              ]}
            />
          ) : (
            <Input
              aria-label={`Value of ${noun} ${index + 1}`}
              placeholder={row.kind === "principal" ? "attribute, such as team" : "development"}
              className="min-w-28 grow basis-28"
              inputMode={row.kind === "number" ? "numeric" : undefined}
              value={row.text}
              onChange={(event) => put(row, { text: event.target.value })}
            />
          )}
          <IconButton
            label={`Remove ${noun} ${row.name}`}
            onClick={() => change(rows.filter((each) => each.key !== row.key))}
          >
            <Trash2 aria-hidden />
          </IconButton>
        </div>
      ))}
      <Button
        size="sm"
        className="self-start"
        onClick={() => setRows([...rows, { key: nextKey(), name: "", kind: "text", text: "" }])}
      >
        <Plus aria-hidden />
        Add {noun}
      </Button>
    </fieldset>
  );
}

function rowOf([name, value]: [string, Wanted]): Row {
  const key = nextKey();
  if (typeof value === "object") return { key, name, kind: "principal", text: value.principal };
  const kind = typeof value === "number" ? "number" : typeof value === "boolean" ? "truth" : "text";
  return { key, name, kind, text: String(value) };
}

function valuesOf(rows: Row[]): Record<string, Wanted> {
  const named = rows.filter((row) => row.name.trim() !== "");
  return Object.fromEntries(named.map((row) => [row.name.trim(), wantedOf(row)]));
}

/** A number that is none stays a text, for the check to complain about. */
function wantedOf({ kind, text }: Row): Wanted {
  if (kind === "principal") return { principal: text.trim() };
  if (kind === "truth") return text === "true";
  return kind === "number" && /^-?\d+$/.test(text.trim()) ? Number(text) : text;
}

let lastKey = 0;
function nextKey(): number {
  lastKey += 1;
  return lastKey;
}
