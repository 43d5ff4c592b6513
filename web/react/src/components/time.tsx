import { formatDateTime, formatRelative } from "../lib/format";
import { useNow } from "../lib/now";

/** "12 s ago", kept current; the exact time is in the title. */
export function RelativeTime({ at, className }: { at: string | null | undefined; className?: string }) {
  const now = useNow();
  if (!at) return <span className={className}>–</span>;
  return (
    <time dateTime={at} title={formatDateTime(at)} className={className}>
      {formatRelative(at, now)}
    </time>
  );
}
