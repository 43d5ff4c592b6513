import { isPlinthError } from "@plinth/client";
import { Button, ErrorState, PlinthMark, Skeleton } from "@plinth/react";
import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { Compass } from "lucide-react";

/** A page whose data could not be had. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  if (isPlinthError(error) && error.status === 404) return <NotFoundPage />;
  return (
    <main id="main" tabIndex={-1} className="mx-auto w-full max-w-2xl p-6 pt-[12vh] outline-none">
      <ErrorState
        error={error}
        retry={() => {
          reset();
          void router.invalidate();
        }}
        action={
          <Button asChild size="sm" variant="ghost">
            <a href="/">Start page</a>
          </Button>
        }
      />
    </main>
  );
}

export function RoutePending() {
  return (
    <div className="flex flex-col gap-4 p-6" aria-busy="true">
      <span className="sr-only" role="status">
        Loading
      </span>
      <Skeleton className="h-7 w-52" />
      <Skeleton className="h-24 w-full max-w-3xl" />
      <Skeleton className="h-40 w-full max-w-3xl" />
    </div>
  );
}

export function NotFoundPage() {
  return (
    <main
      id="main"
      tabIndex={-1}
      className="mx-auto flex w-full max-w-md flex-col items-start gap-3 p-6 pt-[16vh] outline-none"
    >
      <PlinthMark className="size-8" />
      <h1 className="font-semibold text-ink text-xl">Nothing here</h1>
      <p className="text-base text-muted">
        This page does not exist, or it belongs to an organization that you are not a member of.
      </p>
      <Button asChild className="mt-2">
        <Link to="/">
          <Compass aria-hidden />
          Start page
        </Link>
      </Button>
    </main>
  );
}
