import { X } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import { cn } from "../lib/cn";
import type { FieldControl } from "./field";
import { controlClass } from "./input";

export interface TagsInputProps extends Partial<FieldControl> {
  value: string[];
  onChange: (value: string[]) => void;
  placeholder?: string;
  /** Offered while typing. */
  suggestions?: string[];
  className?: string;
  "aria-label"?: string;
}

/** A list of short texts. Enter, a comma or leaving the field adds what was typed; Backspace takes the last one away. */
export function TagsInput(props: TagsInputProps) {
  const { value, onChange, placeholder, suggestions, className, ...control } = props;
  const [text, setText] = useState("");
  const add = (typed: string) => {
    const more = typed.split(/[\s,]+/).filter((each) => each !== "" && !value.includes(each));
    setText("");
    if (more.length > 0) onChange([...value, ...new Set(more)]);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && text !== "") {
      event.preventDefault();
      add(text);
    } else if (event.key === "Backspace" && text === "") onChange(value.slice(0, -1));
  };
  const listId = suggestions && control.id ? `${control.id}-list` : undefined;
  return (
    <div
      className={cn(
        controlClass,
        "flex min-h-8 flex-wrap items-center gap-1 px-1.5 py-1 has-[input:focus-visible]:border-accent pointer-coarse:min-h-10",
        className,
      )}
    >
      {value.map((each) => (
        <span
          key={each}
          className="inline-flex h-5.5 max-w-full items-center gap-1 rounded-xs bg-idle-soft pl-1.5 font-medium text-muted text-xs"
        >
          <span className="truncate">{each}</span>
          <button
            type="button"
            aria-label={`Remove ${each}`}
            className="flex size-5 items-center justify-center rounded-xs hover:bg-hover hover:text-text"
            onClick={() => onChange(value.filter((other) => other !== each))}
          >
            <X className="size-3" aria-hidden />
          </button>
        </span>
      ))}
      <input
        {...control}
        list={listId}
        className="h-5.5 min-w-24 grow bg-transparent px-1 text-sm outline-none"
        placeholder={value.length === 0 ? placeholder : undefined}
        spellCheck={false}
        autoComplete="off"
        value={text}
        onKeyDown={onKeyDown}
        onBlur={() => add(text)}
        onChange={(event) => {
          const typed = event.target.value;
          if (/[,\s]$/.test(typed)) add(typed);
          else setText(typed);
        }}
      />
      {listId ? (
        <datalist id={listId}>
          {suggestions
            ?.filter((each) => !value.includes(each))
            .map((each) => (
              <option key={each} value={each} />
            ))}
        </datalist>
      ) : null}
    </div>
  );
}
