import { isPlinthError } from "@plinth/client";
import { CircleAlert } from "lucide-react";
import { Component, type ReactNode } from "react";
import { cn } from "../lib/cn";
import { capitalize, humanize, sentence } from "../lib/format";
import { pointerSegments } from "../lib/json";
import { Button } from "./button";
import { CopyText } from "./code";
import { InlineCode } from "./inline-code";

export interface ErrorStateProps {
  error: unknown;
  title?: string;
  retry?: () => void;
  action?: ReactNode;
  className?: string;
}

/** What went wrong, what to do, and the request id that support asks for. */
export function ErrorState({ error, title, retry, action, className }: ErrorStateProps) {
  const shown = describeError(error);
  return (
    <div
      role="alert"
      className={cn("flex items-start gap-3 rounded-lg border border-bad/30 bg-bad-soft/60 p-4", className)}
    >
      <CircleAlert className="mt-0.5 size-4 shrink-0 text-bad" aria-hidden />
      <div className="min-w-0 grow">
        <p className="font-medium text-sm text-text">{title ?? shown.title}</p>
        <p className="mt-0.5 break-words text-muted text-sm">
          <InlineCode text={shown.detail} />
        </p>
        {shown.errors.length > 0 ? (
          <ul className="mt-2 list-disc pl-4 text-muted text-sm">
            {shown.errors.map((each) => (
              <li key={`${each.pointer} ${each.message}`}>
                <code className="font-mono text-xs">{each.pointer}</code> <InlineCode text={each.message} />
              </li>
            ))}
          </ul>
        ) : null}
        {shown.requestId ? (
          <p className="mt-2 flex min-w-0 items-center gap-1.5 text-muted text-xs">
            Request <CopyText text={shown.requestId} label="request id" />
          </p>
        ) : null}
        {retry || action ? (
          <div className="mt-3 flex flex-wrap gap-2">
            {retry ? (
              <Button size="sm" onClick={retry}>
                Try again
              </Button>
            ) : null}
            {action}
          </div>
        ) : null}
      </div>
    </div>
  );
}

export interface DescribedError {
  title: string;
  detail: string;
  requestId: string | undefined;
  errors: { pointer: string; message: string }[];
}

export function describeError(error: unknown): DescribedError {
  if (isPlinthError(error)) {
    const { title, detail } = error.problem;
    const wait = error.retryAfterSecs ? ` Try again in ${error.retryAfterSecs} s.` : "";
    const [only, ...more] = error.fieldErrors;
    // The detail of a single field repeats it, with the pointer that programs want.
    const single = only !== undefined && more.length === 0 && detail?.includes(only.message) === true;
    return {
      title: capitalize(title),
      detail: `${sentence(single ? `${fieldName(only.pointer)} ${only.message}` : (detail ?? title))}${wait}`,
      requestId: error.requestId,
      errors: single ? [] : error.fieldErrors,
    };
  }
  const detail = error instanceof Error ? error.message : String(error);
  return { title: "This part of the page failed", detail, requestId: undefined, errors: [] };
}

/** `/spec/interval_secs` -> "interval secs". */
function fieldName(pointer: string): string {
  return humanize(pointerSegments(pointer).at(-1) ?? "").toLowerCase();
}

/** Keeps a failing part from taking the page with it. `resetKey` changes (a route, say) clear the error. */
export class ErrorBoundary extends Component<
  { children: ReactNode; resetKey?: unknown; title?: string },
  { error: unknown; failed: boolean }
> {
  override state: { error: unknown; failed: boolean } = { error: undefined, failed: false };

  static getDerivedStateFromError(error: unknown) {
    return { error, failed: true };
  }

  override componentDidUpdate(previous: { resetKey?: unknown }) {
    if (this.state.failed && previous.resetKey !== this.props.resetKey) this.reset();
  }

  reset = () => this.setState({ error: undefined, failed: false });

  override render() {
    if (!this.state.failed) return this.props.children;
    return <ErrorState error={this.state.error} title={this.props.title} retry={this.reset} />;
  }
}
