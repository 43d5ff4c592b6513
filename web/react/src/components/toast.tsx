import {
  type ComponentProps,
  type ComponentType,
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useState,
} from "react";
import type { ToastInput, ToastStack } from "./toast-stack";

const ToastContext = createContext<(toast: ToastInput) => void>(() => undefined);

/**
 * Shows short messages in a live region; errors stay until they are closed. What draws them is loaded behind the first
 * page, and not with the first message: that may be that the server is gone.
 */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<(ToastInput & { key: number })[]>([]);
  const [Stack, setStack] = useState<ComponentType<ComponentProps<typeof ToastStack>> | null>(null);
  const show = useCallback((toast: ToastInput) => {
    setToasts((current) => [...current.slice(-3), { ...toast, key: nextKey() }]);
  }, []);
  const remove = (key: number) => setToasts((current) => current.filter((toast) => toast.key !== key));
  const waiting = Stack === null && toasts.length > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a message that waits is a reason to try again.
  useEffect(() => {
    if (Stack !== null) return;
    let mounted = true;
    import("./toast-stack").then(
      (module) => mounted && setStack(() => module.ToastStack),
      () => undefined,
    );
    return () => {
      mounted = false;
    };
  }, [waiting, Stack]);
  return (
    <ToastContext.Provider value={show}>
      {children}
      {Stack ? <Stack toasts={toasts} onClose={remove} /> : null}
    </ToastContext.Provider>
  );
}

export function useToast(): (toast: ToastInput) => void {
  return useContext(ToastContext);
}

let lastKey = 0;
function nextKey(): number {
  lastKey += 1;
  return lastKey;
}
