import { useEffect, useState } from "react";

/** How long a draft has to rest before it is looked at, in milliseconds. */
const REST_MS = 350;

/** The value once it has not changed for a moment; equal drafts are the same draft. */
export function useRested<T>(value: T): T {
  const [rested, setRested] = useState(value);
  const text = JSON.stringify(value);
  // biome-ignore lint/correctness/useExhaustiveDependencies: equal drafts are the same draft.
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), REST_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return rested;
}
