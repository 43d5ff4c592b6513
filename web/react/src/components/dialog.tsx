import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { type ReactNode, useId, useState } from "react";
import { cn } from "../lib/cn";
import { Button, IconButton } from "./button";
import { Input } from "./input";

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  children?: ReactNode;
  footer?: ReactNode;
  size?: "sm" | "md" | "lg";
}

const WIDTHS = { sm: "sm:max-w-105", md: "sm:max-w-135", lg: "sm:max-w-200" };

export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
  footer,
  size = "md",
}: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-[oklch(0.15_0.01_205/0.5)]" />
        <div className="fixed inset-0 z-40 flex items-end justify-center sm:items-start sm:pt-[12vh]">
          <Radix.Content
            {...(description ? {} : { "aria-describedby": undefined })}
            className={cn(
              "z-40 flex max-h-[88dvh] w-full animate-in flex-col rounded-t-lg border border-line bg-raised shadow-pop outline-none",
              "sm:max-h-[76vh] sm:rounded-lg",
              WIDTHS[size],
            )}
          >
            <header className="flex items-start gap-4 px-5 pt-4 pb-1">
              <div className="min-w-0 grow">
                <Radix.Title className="font-semibold text-base text-ink">{title}</Radix.Title>
                {description ? (
                  <Radix.Description className="mt-1 text-muted text-sm">{description}</Radix.Description>
                ) : null}
              </div>
              <Radix.Close asChild>
                <IconButton label="Close" className="-mt-1 -mr-2">
                  <X aria-hidden />
                </IconButton>
              </Radix.Close>
            </header>
            <div className="min-h-0 grow overflow-y-auto px-5 py-3">{children}</div>
            {footer ? (
              <footer className="flex flex-wrap justify-end gap-2 border-line border-t px-5 py-3">
                {footer}
              </footer>
            ) : null}
          </Radix.Content>
        </div>
      </Radix.Portal>
    </Radix.Root>
  );
}

export interface ConfirmDialogProps extends Omit<DialogProps, "footer" | "size"> {
  confirm: string;
  onConfirm: () => void;
  pending?: boolean;
  danger?: boolean;
  /** The word that has to be typed first, for what cannot be undone. */
  typed?: string;
}

export function ConfirmDialog({
  confirm,
  onConfirm,
  pending,
  danger,
  typed,
  children,
  ...dialog
}: ConfirmDialogProps) {
  const [text, setText] = useState("");
  const typedId = useId();
  const blocked = typed !== undefined && text !== typed;
  return (
    <Dialog
      {...dialog}
      size="sm"
      footer={
        <>
          <Button onClick={() => dialog.onOpenChange(false)}>Cancel</Button>
          <Button
            variant={danger ? "danger" : "primary"}
            disabled={blocked}
            pending={pending}
            onClick={onConfirm}
          >
            {confirm}
          </Button>
        </>
      }
    >
      {children}
      {typed !== undefined ? (
        <label htmlFor={typedId} className="mt-3 block text-muted text-sm">
          Type <b className="font-medium font-mono text-text">{typed}</b> to confirm
          <Input
            id={typedId}
            className="mt-1.5"
            value={text}
            onChange={(event) => setText(event.target.value)}
            autoComplete="off"
            spellCheck={false}
          />
        </label>
      ) : null}
    </Dialog>
  );
}

/** A panel from the left edge: the navigation on narrow screens. */
export function Sheet({
  open,
  onOpenChange,
  title,
  children,
}: Omit<DialogProps, "footer" | "size" | "description">) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-[oklch(0.15_0.01_205/0.5)]" />
        <Radix.Content
          aria-describedby={undefined}
          className="fixed inset-y-0 left-0 z-40 flex w-70 max-w-[86vw] animate-sheet flex-col border-line border-r bg-canvas shadow-pop outline-none"
        >
          <Radix.Title className="sr-only">{title}</Radix.Title>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
