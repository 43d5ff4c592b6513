import type { OutboxMail } from "@plinth/client";
import {
  Button,
  Card,
  cn,
  EmptyState,
  ErrorState,
  keys,
  RelativeTime,
  Skeleton,
  usePlinth,
} from "@plinth/react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { MailOpen, RefreshCw } from "lucide-react";
import { useState } from "react";
import { ProductLogo } from "../shell/product-logo";
import { useTitle } from "../shell/root-layout";

/** Mail of a development server: read here instead of being sent. */
export function OutboxPage() {
  useTitle("Outbox");
  const plinth = usePlinth();
  const [selected, setSelected] = useState<string>();
  const outbox = useQuery({
    queryKey: keys.outbox,
    queryFn: ({ signal }) => plinth.outbox({ signal }),
    staleTime: 0,
  });
  const mails = outbox.data?.items;
  const shown = mails?.find((mail) => mail.id === selected) ?? mails?.[0];
  return (
    <main
      id="main"
      tabIndex={-1}
      className="mx-auto flex min-h-dvh w-full max-w-5xl flex-col p-4 outline-none sm:p-8"
    >
      <header className="mb-6 flex flex-wrap items-center gap-3">
        <Link to="/" aria-label="Start page">
          <ProductLogo className="size-6" />
        </Link>
        <div className="grow">
          <h1 className="font-semibold text-ink text-xl tracking-[-0.018em]">Outbox</h1>
          <p className="text-muted text-sm">Mail that this development server would have sent.</p>
        </div>
        <Button onClick={() => void outbox.refetch()} pending={outbox.isFetching}>
          {outbox.isFetching ? null : <RefreshCw aria-hidden />}
          Refresh
        </Button>
      </header>
      {outbox.error ? <ErrorState error={outbox.error} retry={() => void outbox.refetch()} /> : null}
      {outbox.isPending ? <Skeleton className="h-40 w-full" /> : null}
      {mails?.length === 0 ? (
        <EmptyState title="No mail yet" icon={<MailOpen aria-hidden />}>
          Verification, password and invitation links land here as soon as something asks for them.
        </EmptyState>
      ) : null}
      {shown && mails ? (
        <div className="grid items-start gap-4 md:grid-cols-[19rem_1fr]">
          <MailList mails={mails} shown={shown} onSelect={setSelected} />
          <Mail mail={shown} />
        </div>
      ) : null}
    </main>
  );
}

function MailList(props: { mails: OutboxMail[]; shown: OutboxMail; onSelect: (id: string) => void }) {
  return (
    <Card flush className="overflow-hidden">
      <ul className="max-h-[70vh] divide-y divide-line overflow-y-auto">
        {props.mails.map((mail) => (
          <li key={mail.id}>
            <button
              type="button"
              aria-current={mail.id === props.shown.id || undefined}
              onClick={() => props.onSelect(mail.id)}
              className={cn(
                "block w-full px-4 py-2.5 text-left hover:bg-hover focus-visible:-outline-offset-2",
                mail.id === props.shown.id && "bg-accent-soft/60",
              )}
            >
              <span className="flex items-baseline justify-between gap-2">
                <span className="truncate font-medium text-ink">{mail.subject}</span>
                <RelativeTime at={mail.created_at} className="num shrink-0 text-faint text-xs" />
              </span>
              <span className="block truncate text-muted text-xs">{mail.recipient}</span>
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Mail({ mail }: { mail: OutboxMail }) {
  return (
    <Card>
      <article>
        <h2 className="font-semibold text-base text-ink">{mail.subject}</h2>
        <p className="mt-0.5 text-muted text-sm">To {mail.recipient}</p>
        <div className="mt-4 whitespace-pre-wrap break-words border-line border-t pt-4 text-base">
          <Linked text={mail.body} />
        </div>
      </article>
    </Card>
  );
}

/** Links to this console stay in this tab; text around them is shown as it is. */
function Linked({ text }: { text: string }) {
  const parts = text.split(/(https?:\/\/[^\s<>"]+)/);
  return parts.map((part, index) => {
    if (index % 2 === 0) return part;
    const url = new URL(part);
    const local = ["/verify", "/reset", "/invite"].includes(url.pathname);
    return (
      <a
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a fixed text never move.
        key={index}
        href={local ? `${url.pathname}${url.search}` : part}
        className="break-all text-accent underline underline-offset-2"
      >
        {part}
      </a>
    );
  });
}
