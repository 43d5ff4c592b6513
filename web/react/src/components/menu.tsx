import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "../lib/cn";

export const popoverClass =
  "z-50 min-w-48 animate-in rounded-md border border-line bg-raised p-1 text-sm shadow-pop outline-none";

const itemClass = cn(
  "flex min-h-8 select-none items-center gap-2.5 rounded-sm px-2 py-1 outline-none pointer-coarse:min-h-10",
  "data-[disabled]:pointer-events-none data-[highlighted]:bg-hover data-[disabled]:opacity-45",
  "[&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-muted",
);

export interface MenuProps {
  trigger: ReactNode;
  children: ReactNode;
  align?: "start" | "end";
  className?: string;
}

export function Menu({ trigger, children, align = "end", className }: MenuProps) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={5}
          collisionPadding={8}
          className={cn(popoverClass, className)}
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export interface MenuItemProps {
  icon?: ReactNode;
  onSelect?: () => void;
  danger?: boolean;
  disabled?: boolean;
  /** Why it cannot be chosen: said below it. */
  why?: ReactNode;
  asChild?: boolean;
  children: ReactNode;
}

export function MenuItem({ icon, onSelect, danger, disabled, why, asChild, children }: MenuItemProps) {
  return (
    <DropdownMenu.Item
      asChild={asChild}
      disabled={disabled}
      aria-disabled={why ? true : undefined}
      onSelect={why ? (event) => event.preventDefault() : onSelect}
      className={cn(itemClass, danger && !why && "text-bad [&_svg]:text-bad")}
    >
      {asChild ? (
        children
      ) : (
        <>
          {icon}
          {why ? (
            <span className="text-muted">
              {children} <span className="block max-w-64 text-faint text-xs">{why}</span>
            </span>
          ) : (
            children
          )}
        </>
      )}
    </DropdownMenu.Item>
  );
}

export function MenuRadioGroup(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  options: { value: string; label: string }[];
}) {
  return (
    <DropdownMenu.RadioGroup value={props.value} onValueChange={props.onChange} aria-label={props.label}>
      <MenuLabel>{props.label}</MenuLabel>
      {props.options.map((option) => (
        <DropdownMenu.RadioItem key={option.value} value={option.value} className={cn(itemClass, "pl-7")}>
          <DropdownMenu.ItemIndicator className="absolute left-3.5 size-1.5 rounded-full bg-accent" />
          {option.label}
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <DropdownMenu.Label className="px-2 pt-1.5 pb-1 text-faint text-xs">{children}</DropdownMenu.Label>;
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className="-mx-1 my-1 h-px bg-line" />;
}
