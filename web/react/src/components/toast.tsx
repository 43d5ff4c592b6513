import { CircleAlert, CircleCheck, Info, X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { cn } from "../lib/cn";
import { IconButton } from "./button";

export type ToastTone = "good" | "bad" | "info";

export interface ToastInput {
  tone?: ToastTone;
  title: string;
  detail?: ReactNode;
  action?: { label: string; onClick: () => void };
}

const ToastContext = createContext<(toast: ToastInput) => void>(() => undefined);
const ICONS = { good: CircleCheck, bad: CircleAlert, info: Info };
const COLORS = { good: "text-good", bad: "text-bad", info: "text-busy" };

/** Shows short messages in a live region; errors stay until they are closed. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<(ToastInput & { key: number })[]>([]);
  const show = useCallback((toast: ToastInput) => {
    setToasts((current) => [...current.slice(-3), { ...toast, key: nextKey() }]);
  }, []);
  const remove = (key: number) => setToasts((current) => current.filter((toast) => toast.key !== key));
  const items = useMemo(() => toasts, [toasts]);
  return (
    <ToastContext.Provider value={show}>
      <Radix.Provider swipeDirection="right" label="Message">
        {children}
        {items.map((toast) => (
          <ToastItem key={toast.key} toast={toast} onClose={() => remove(toast.key)} />
        ))}
        <Radix.Viewport className="fixed right-0 bottom-0 z-50 flex w-full max-w-100 flex-col gap-2 p-4 outline-none" />
      </Radix.Provider>
    </ToastContext.Provider>
  );
}

export function useToast(): (toast: ToastInput) => void {
  return useContext(ToastContext);
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

let lastKey = 0;
function nextKey(): number {
  lastKey += 1;
  return lastKey;
}
