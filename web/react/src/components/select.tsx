import { Check, ChevronDown } from "lucide-react";
import { Select as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "../lib/cn";
import { controlClass } from "./input";
import { popoverClass } from "./menu";

export interface SelectOption {
  value: string;
  label: string;
  detail?: ReactNode;
}

export interface SelectProps {
  value: string | undefined;
  onChange: (value: string) => void;
  options: SelectOption[];
  placeholder?: string;
  disabled?: boolean;
  id?: string;
  className?: string;
  size?: "sm" | "md";
  "aria-label"?: string;
  "aria-invalid"?: true;
  "aria-describedby"?: string;
  "aria-required"?: true;
}

export function Select({
  value,
  onChange,
  options,
  placeholder,
  disabled,
  className,
  size = "md",
  ...aria
}: SelectProps) {
  return (
    <Radix.Root value={value ?? ""} onValueChange={onChange} disabled={disabled}>
      <Radix.Trigger
        {...aria}
        className={cn(
          controlClass,
          "inline-flex items-center justify-between gap-2 text-left data-[placeholder]:text-faint",
          size === "sm" ? "h-7 text-xs pointer-coarse:h-9" : "h-8 pointer-coarse:h-10",
          className,
        )}
      >
        <span className="truncate">
          <Radix.Value placeholder={placeholder} />
        </span>
        <Radix.Icon>
          <ChevronDown className="size-3.5 text-faint" aria-hidden />
        </Radix.Icon>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          position="popper"
          sideOffset={4}
          className={cn(popoverClass, "max-h-80 min-w-(--radix-select-trigger-width)")}
        >
          <Radix.Viewport>
            {options.map((option) => (
              <Radix.Item
                key={option.value}
                value={option.value}
                className="flex min-h-8 select-none items-center gap-2 rounded-sm py-1 pr-2 pl-7 outline-none data-[highlighted]:bg-hover pointer-coarse:min-h-10"
              >
                <Radix.ItemIndicator className="absolute left-2.5">
                  <Check className="size-3.5 text-accent" aria-hidden />
                </Radix.ItemIndicator>
                <div>
                  <Radix.ItemText>{option.label}</Radix.ItemText>
                  {option.detail ? <div className="text-faint text-xs">{option.detail}</div> : null}
                </div>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
