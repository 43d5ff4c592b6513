import { CircleAlert, CircleCheck, Info, X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "../lib/cn";
import { IconButton } from "./button";

export interface ToastInput {
  tone?: "good" | "bad" | "info";
  title: string;
  detail?: ReactNode;
  action?: { label: string; onClick: () => void };
}

const ICONS = { good: CircleCheck, bad: CircleAlert, info: Info };
const COLORS = { good: "text-good", bad: "text-bad", info: "text-busy" };

/** The messages themselves. A module of its own, that no page waits for: see `ToastProvider`. */
export function ToastStack(props: {
  toasts: (ToastInput & { key: number })[];
  onClose: (key: number) => void;
}) {
  return (
    <Radix.Provider swipeDirection="right" label="Message">
      {props.toasts.map((toast) => (
        <ToastItem key={toast.key} toast={toast} onClose={() => props.onClose(toast.key)} />
      ))}
      <Radix.Viewport className="fixed right-0 bottom-0 z-50 flex w-full max-w-100 flex-col gap-2 p-4 outline-none" />
    </Radix.Provider>
  );
}

function ToastItem({ toast, onClose }: { toast: ToastInput; onClose: () => void }) {
  const tone = toast.tone ?? "info";
  const Icon = ICONS[tone];
  return (
    <Radix.Root
      duration={tone === "bad" ? Number.POSITIVE_INFINITY : 5000}
      type={tone === "bad" ? "foreground" : "background"}
      onOpenChange={(open) => (open ? undefined : onClose())}
      className="flex animate-in items-start gap-3 rounded-md border border-line bg-raised py-2.5 pr-2 pl-3.5 shadow-pop"
    >
      <Icon className={cn("mt-1.5 size-4 shrink-0", COLORS[tone])} aria-hidden />
      <div className="min-w-0 grow py-1">
        <Radix.Title className="font-medium text-sm text-text">{toast.title}</Radix.Title>
        {toast.detail ? (
          <Radix.Description className="mt-0.5 break-words text-muted text-sm">
            {toast.detail}
          </Radix.Description>
        ) : null}
        {toast.action ? (
          <Radix.Action
            altText={toast.action.label}
            onClick={toast.action.onClick}
            className="mt-1.5 font-medium text-accent text-sm hover:underline"
          >
            {toast.action.label}
          </Radix.Action>
        ) : null}
      </div>
      <Radix.Close asChild>
        <IconButton label="Dismiss">
          <X aria-hidden />
        </IconButton>
      </Radix.Close>
    </Radix.Root>
  );
}
