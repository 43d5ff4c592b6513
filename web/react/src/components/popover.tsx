import { Popover as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "../lib/cn";
import { popoverClass } from "./menu";

/** A few words about its trigger, on a press; `label` names them for those who do not see where they belong. */
export function Popover(props: {
  label: string;
  trigger: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{props.trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={props.label}
          sideOffset={5}
          collisionPadding={8}
          className={cn(popoverClass, "max-w-84 p-3.5", props.className)}
        >
          {props.children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
