import { Command } from "cmdk";
import { Check, ChevronsUpDown } from "lucide-react";
import { Popover } from "radix-ui";
import { type ReactNode, useState } from "react";
import { cn } from "../lib/cn";
import { controlClass } from "./input";
import { popoverClass } from "./menu";
import type { SelectOption } from "./select";

export interface ComboboxProps {
  value: string | undefined;
  onChange: (value: string) => void;
  options: SelectOption[];
  placeholder?: string;
  searchPlaceholder?: string;
  emptyText?: ReactNode;
  disabled?: boolean;
  id?: string;
  className?: string;
  "aria-label"?: string;
  "aria-invalid"?: true;
  "aria-describedby"?: string;
}

/** A select with a search field, for lists that grow. */
export function Combobox(props: ComboboxProps) {
  const {
    value,
    onChange,
    options,
    placeholder,
    searchPlaceholder,
    emptyText,
    disabled,
    className,
    ...aria
  } = props;
  const [open, setOpen] = useState(false);
  const chosen = options.find((option) => option.value === value);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <button
          type="button"
          role="combobox"
          aria-expanded={open}
          disabled={disabled}
          {...aria}
          className={cn(
            controlClass,
            "inline-flex h-8 items-center justify-between gap-2 text-left pointer-coarse:h-10",
            className,
          )}
        >
          <span className={cn("truncate", !value && "text-faint")}>
            {chosen?.label ?? value ?? placeholder ?? "Choose"}
          </span>
          <ChevronsUpDown className="size-3.5 shrink-0 text-faint" aria-hidden />
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={4}
          className={cn(popoverClass, "w-(--radix-popover-trigger-width) min-w-60 p-0")}
        >
          <Command>
            <Command.Input
              placeholder={searchPlaceholder ?? "Search"}
              className="h-9 w-full border-line border-b bg-transparent px-3 text-sm outline-none"
            />
            <Command.List className="max-h-64 overflow-y-auto p-1">
              <Command.Empty className="px-2 py-3 text-faint text-sm">
                {emptyText ?? "Nothing found"}
              </Command.Empty>
              {options.map((option) => (
                <Command.Item
                  key={option.value}
                  value={`${option.label} ${option.value}`}
                  onSelect={() => {
                    onChange(option.value);
                    setOpen(false);
                  }}
                  className="flex min-h-8 cursor-pointer items-center gap-2 rounded-sm px-2 py-1 data-[selected=true]:bg-hover"
                >
                  <Check
                    className={cn(
                      "size-3.5 text-accent",
                      option.value === value ? "opacity-100" : "opacity-0",
                    )}
                    aria-hidden
                  />
                  <div className="min-w-0">
                    <div className="truncate">{option.label}</div>
                    {option.detail ? (
                      <div className="truncate text-faint text-xs">{option.detail}</div>
                    ) : null}
                  </div>
                </Command.Item>
              ))}
            </Command.List>
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
