import { isPlinthError } from "@plinth/client";
import {
  Button,
  CanSend,
  cn,
  DraftCallout,
  type DraftVerdict,
  ErrorState,
  Field,
  formatCompact,
  Input,
  isRefused,
} from "@plinth/react";
import { PropertiesField } from "@plinth/react/schema-form";
import { ArrowRight } from "lucide-react";
import { useState } from "react";
import { fieldError, NAME_HINT, NAME_PATTERN } from "../../lib/form-errors";
import type { Derived, Draft } from "./draft";
import type { Discovery } from "./wizard-tables";

export interface ReviewProps {
  draft: Draft;
  derived: Derived;
  discovery: Discovery;
  /** What policies say of the pipeline as it stands. */
  verdict: DraftVerdict;
  pending: boolean;
  error: unknown;
  onChange: (part: Partial<Draft>) => void;
  onGo: () => void;
}

/** What is about to be made, and the button that makes it; on narrow screens it sticks to the lower edge. */
export function Review(props: ReviewProps) {
  const { draft, derived, error, verdict } = props;
  const blocker = blockerOf(props);
  const requires = verdict.answer?.requires ?? [];
  const nameError =
    draft.name !== null && !NAME_PATTERN.test(derived.name) ? "This is not a valid name" : undefined;
  const taken = isPlinthError(error) && error.code === "conflict" ? "This name is taken" : undefined;
  return (
    <aside
      aria-label="Review"
      className="rounded-lg border border-line bg-surface p-4 shadow-card max-xl:sticky max-xl:p-3 max-xl:bottom-3 max-xl:z-10 max-xl:shadow-pop xl:sticky xl:top-7"
    >
      <h2 className="font-semibold text-ink text-sm max-xl:hidden">Review</h2>
      <RouteLine draft={draft} />
      <div className="max-xl:hidden">
        <dl className="mt-4 grid grid-cols-[6rem_1fr] gap-y-1.5 text-sm">
          <Item label="Tables" value={tablesText(props)} />
          <Item label="Rows" value={rowsText(derived)} />
          <Item label="Mode" value={derived.mode === "incremental" ? "Kept in step" : "Copied once"} />
        </dl>
        <Options {...props} nameError={nameError ?? fieldError(error, "/name") ?? taken} />
      </div>
      {/* What is required is in sight on narrow screens as well. */}
      {requires.length > 0 ? (
        <div className="mt-4 border-line border-t pt-4 max-xl:mt-2.5 max-xl:pt-2.5">
          <Properties {...props} />
        </div>
      ) : null}
      {blocker === null ? <DraftCallout verdict={verdict} className="mt-4" /> : null}
      {error && !taken ? (
        <ErrorState error={error} className="mt-4" title="The pipeline was not created" />
      ) : null}
      <Send {...props} disabled={blocker !== null || nameError !== undefined} />
      <p
        className={cn("mt-2 text-center text-faint text-xs", !blocker && "max-xl:sr-only")}
        aria-live="polite"
      >
        {blocker ??
          (isRefused(verdict) ? null : "It starts at once. You can pause or delete it at any time.")}
      </p>
    </aside>
  );
}

/** What is not filled in yet is asked for first; then it is said what policies do not let through. */
function Send(props: ReviewProps & { disabled: boolean }) {
  const button = (
    <Button
      variant="primary"
      size="lg"
      className="mt-4 w-full max-xl:mt-2.5"
      disabled={props.disabled}
      pending={props.pending}
      onClick={props.onGo}
    >
      Go
      {props.pending ? null : <ArrowRight aria-hidden />}
    </Button>
  );
  return props.disabled ? button : <CanSend verdict={props.verdict}>{button}</CanSend>;
}

function Properties({ draft, verdict, onChange }: ReviewProps) {
  return (
    <PropertiesField
      value={draft.properties}
      onChange={(properties) => onChange({ properties })}
      requires={verdict.answer?.requires}
    />
  );
}

function Options(props: ReviewProps & { nameError: string | undefined }) {
  const { draft, derived, verdict, onChange } = props;
  const [open, setOpen] = useState(false);
  return (
    <div className="mt-4 flex flex-col gap-3.5 border-line border-t pt-4">
      <Field label="Name" error={props.nameError} hint={NAME_HINT}>
        {(control) => (
          <Input
            {...control}
            className="font-mono text-xs"
            spellCheck={false}
            autoComplete="off"
            value={derived.name}
            onChange={(event) => onChange({ name: event.target.value })}
          />
        )}
      </Field>
      {open ? (
        <Field label="Schema at the destination" hint="Keeps the copies apart from what is there already.">
          {(control) => (
            <Input
              {...control}
              className="font-mono text-xs"
              spellCheck={false}
              autoComplete="off"
              value={derived.schema}
              onChange={(event) => onChange({ schema: event.target.value })}
            />
          )}
        </Field>
      ) : null}
      {open && derived.mode === "incremental" ? (
        <Field label="Look for new rows every" hint="In seconds.">
          {(control) => (
            <Input
              {...control}
              type="number"
              min={1}
              max={86_400}
              value={draft.intervalSecs}
              onChange={(event) => onChange({ intervalSecs: Number(event.target.value) || 10 })}
            />
          )}
        </Field>
      ) : null}
      {open && (verdict.answer?.requires ?? []).length === 0 ? <Properties {...props} /> : null}
      {open ? null : (
        <button
          type="button"
          onClick={() => setOpen(true)}
          className="self-start font-medium text-accent text-xs hover:underline"
        >
          More options
        </button>
      )}
    </div>
  );
}

function RouteLine({ draft }: { draft: Draft }) {
  return (
    <p className="flex min-w-0 items-center gap-2 text-base xl:mt-3">
      <span className={draft.source ? "truncate font-medium text-ink" : "text-faint"}>
        {draft.source ?? "Source"}
      </span>
      <ArrowRight className="size-3.5 shrink-0 text-accent" aria-label="to" />
      <span className={draft.destination ? "truncate font-medium text-ink" : "text-faint"}>
        {draft.destination ?? "Destination"}
      </span>
    </p>
  );
}

function Item({ label, value }: { label: string; value: string }) {
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="num text-text">{value}</dd>
    </>
  );
}

function tablesText({ draft, derived, discovery }: ReviewProps): string {
  if (!draft.source) return "–";
  if (!discovery.data?.tables) return "all";
  return draft.tables === null ? `all ${derived.chosen.length}` : String(derived.chosen.length);
}

function rowsText(derived: Derived): string {
  const rows = derived.chosen.reduce((sum, table) => sum + (table.rows_estimate ?? 0), 0);
  return rows > 0 ? `about ${formatCompact(rows)}` : "–";
}

/** Why it cannot go yet, or `null`. */
function blockerOf({ draft, derived, discovery }: ReviewProps): string | null {
  if (!draft.source) return "Pick a source to begin.";
  if (discovery.isFetching && !discovery.data) return "Looking into the source …";
  if (discovery.error) return "The source could not be looked into.";
  if (discovery.data && !discovery.data.ok) return "The source is not reached.";
  if (derived.chosen.length === 0) return "Choose at least one table.";
  if (!draft.destination) return "Pick a destination.";
  return null;
}
