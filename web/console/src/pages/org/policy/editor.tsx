import {
  isPlinthError,
  type Policy,
  type PolicyImpact,
  type PolicyInput,
  type PolicySays,
} from "@plinth/client";
import {
  Button,
  Callout,
  Card,
  EmptyState,
  ErrorState,
  Field,
  Input,
  PageHeader,
  Skeleton,
  Tabs,
  Textarea,
  useCan,
  useOrg,
  usePolicy,
  usePolicyCheck,
  usePolicyMutations,
  useToast,
} from "@plinth/react";
import { useMutation } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { Eye, Plus, ShieldCheck } from "lucide-react";
import { type FormEvent, lazy, Suspense, useEffect, useId, useRef, useState } from "react";
import { fieldError, NAME_PATTERN } from "../../../lib/form-errors";
import { useTitle } from "../../../shell/root-layout";
import {
  draftOf,
  findingsOf,
  gapsOf,
  isOfWording,
  NEW_STATEMENT,
  NEW_TEXT,
  type StatementDraft,
  saysOf,
} from "./draft";
import { Findings } from "./findings";
import { Impact } from "./impact";
import { StatementForm } from "./statement-form";

const CodeEditor = lazy(() =>
  import("@plinth/react/code-editor").then((module) => ({ default: module.CodeEditor })),
);
const route = getRouteApi("/user/orgs/$org/policies/$policy/edit");

export function PolicyNewPage() {
  useTitle("New policy");
  if (!useCan()("policies:create")) return <NotYours what="create policies" />;
  return <Editor policy={undefined} />;
}

export function PolicyEditPage() {
  const { policy: id } = route.useParams();
  const query = usePolicy(id);
  const can = useCan();
  useTitle(`Edit ${query.data?.name ?? "policy"}`);
  if (!can("policies:update")) return <NotYours what="change policies" />;
  if (query.error && !query.data)
    return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton className="h-64 w-full" />;
  return <Editor key={query.data.id} policy={query.data} />;
}

function NotYours({ what }: { what: string }) {
  return (
    <>
      <PageHeader title="Access" />
      <EmptyState title={`Your role does not ${what}`} icon={<ShieldCheck aria-hidden />}>
        Owners and admins of the organization can.
      </EmptyState>
    </>
  );
}

type Mode = "form" | "cedar";

/** The wording in both of its shapes. What is shown is what counts; the other one is made of it when it is asked for. */
function useWording(policy: Policy | undefined, onIncomplete: () => void) {
  const { client } = useOrg();
  const [mode, setMode] = useState<Mode>(policy && policy.statements === null ? "cedar" : "form");
  const [drafts, setDrafts] = useState<StatementDraft[]>(() =>
    (policy ? (policy.statements ?? []) : [NEW_STATEMENT]).map(draftOf),
  );
  const [text, setText] = useState(policy?.text ?? NEW_TEXT);
  /** The text that stands for the form as it is: going back needs no question then. */
  const [twin, setTwin] = useState<string | null>(null);
  const says: PolicySays | null = mode === "cedar" ? { text } : saysOf(drafts);
  const convert = useMutation({
    mutationFn: async (_wanted: Mode) => (says ? client.policies.check(says) : null),
    onSuccess: (checked, wanted) => {
      if (!checked) return;
      if (wanted === "cedar") {
        setText(checked.text);
        setTwin(checked.text);
      } else if (checked.statements === null) return;
      else setDrafts(checked.statements.map(draftOf));
      setMode(wanted);
    },
  });
  const change = (wanted: Mode) => {
    if (wanted === mode) return;
    if (wanted === "form" && text === twin) return setMode(wanted);
    if (says) return convert.mutate(wanted);
    // A form that is not filled in says nothing yet: only who begins anew has an example to write from.
    if (policy || text !== NEW_TEXT) return onIncomplete();
    setTwin(text);
    setMode(wanted);
  };
  return { mode, change, says, drafts, setDrafts, text, setText, convert };
}

function Editor({ policy: loaded }: { policy: Policy | undefined }) {
  const { slug } = useOrg();
  const navigate = useNavigate();
  const toast = useToast();
  const formId = useId();
  // The form edits what was there when it was opened: live changes show up as a conflict and not under the fingers.
  const [policy] = useState(loaded);
  const [name, setName] = useState(policy?.name ?? "");
  const [description, setDescription] = useState(policy?.description ?? "");
  const [touched, setTouched] = useState(false);
  const wording = useWording(policy, () => setTouched(true));
  const check = usePolicyCheck(wording.says);
  const { save, preview } = usePolicyMutations();
  const input: PolicyInput | null = wording.says ? { name, description, ...wording.says } : null;
  const ready = input !== null && NAME_PATTERN.test(name);
  const shown = JSON.stringify(input);
  const previewed = preview.data && JSON.stringify(preview.variables?.input) === shown;

  const nameField = useRef<HTMLInputElement>(null);
  /** Whether it can be sent; if not, what is missing is shown. */
  const complete = (): boolean => {
    setTouched(true);
    if (!NAME_PATTERN.test(name)) nameField.current?.focus();
    return ready;
  };
  const run = (event: FormEvent) => {
    event.preventDefault();
    if (!complete() || !input) return;
    save.mutate(
      { policy, input },
      {
        onSuccess: (saved) => {
          toast({ tone: "good", title: `${saved.name} is saved`, detail: "It holds from now on." });
          void navigate({
            to: "/orgs/$org/policies/$policy",
            params: { org: slug, policy: saved.id },
            search: {},
          });
        },
      },
    );
  };
  const tryOut = () => {
    if (complete() && input) preview.mutate({ policy, input });
  };
  const refused = save.error ?? preview.error;
  return (
    <div className="max-w-210">
      <PageHeader
        title={policy ? `Edit ${policy.name}` : "New policy"}
        detail="It holds as soon as it is saved, for everybody and at once. A preview says before what would change."
      />
      <form id={formId} onSubmit={run} className="flex flex-col gap-5" noValidate>
        {refused && !isFieldError(refused) ? <ErrorState error={refused} title="Not saved" /> : null}
        <Card>
          <div className="flex flex-col gap-4">
            <Field
              label="Name"
              hint="Lower-case letters, digits and hyphens."
              error={fieldError(refused, "/name") ?? nameError(name, touched)}
              required
            >
              {(control) => (
                <Input
                  {...control}
                  ref={nameField}
                  className="max-w-90 font-mono"
                  autoFocus={policy === undefined}
                  spellCheck={false}
                  autoComplete="off"
                  value={name}
                  onChange={(event) => setName(event.target.value)}
                />
              )}
            </Field>
            <Field label="Description" optional error={fieldError(refused, "/description")}>
              {(control) => (
                <Textarea
                  {...control}
                  className="min-h-14"
                  value={description}
                  onChange={(event) => setDescription(event.target.value)}
                />
              )}
            </Field>
          </div>
        </Card>
        <WordingTabs wording={wording} check={check} touched={touched} />
        {previewed ? <Previewed impact={preview.data?.impact} /> : null}
      </form>
      <div className="sticky bottom-0 z-10 flex flex-wrap gap-2 bg-canvas py-3.5">
        <Button type="submit" form={formId} variant="primary" pending={save.isPending}>
          {policy ? "Save changes" : "Create policy"}
        </Button>
        <Button pending={preview.isPending} onClick={tryOut}>
          {preview.isPending ? null : <Eye aria-hidden />}
          Preview
        </Button>
        <Button asChild variant="ghost">
          {policy ? (
            <Link to="/orgs/$org/policies/$policy" params={{ org: slug, policy: policy.id }} search={{}}>
              Cancel
            </Link>
          ) : (
            <Link to="/orgs/$org/policies" params={{ org: slug }} search={{}}>
              Cancel
            </Link>
          )}
        </Button>
      </div>
    </div>
  );
}

/** The answer may come below the edge of the screen: then it is moved into sight. */
function Previewed({ impact }: { impact: PolicyImpact | null | undefined }) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    box.current?.scrollIntoView?.({ block: "nearest" });
  }, []);
  return (
    // The margin keeps the buttons below it in sight as well.
    <section ref={box} aria-label="Preview" className="scroll-mb-20">
      <Impact impact={impact} />
    </section>
  );
}

function nameError(name: string, touched: boolean): string | undefined {
  if (name === "") return touched ? "This field is needed" : undefined;
  return NAME_PATTERN.test(name) ? undefined : "Lower-case letters, digits and hyphens only";
}

/** Whether each part of it is told where it belongs: beside a field, or as a finding of the wording. */
function isFieldError(error: unknown): boolean {
  if (!isPlinthError(error) || error.fieldErrors.length === 0) return false;
  return error.fieldErrors.every(
    ({ pointer }) => pointer === "/name" || pointer === "/description" || isOfWording(pointer),
  );
}

function WordingTabs(props: {
  wording: ReturnType<typeof useWording>;
  check: ReturnType<typeof usePolicyCheck>;
  touched: boolean;
}) {
  const { wording, check, touched } = props;
  const findingsId = useId();
  const findings = wording.says ? findingsOf(check.data, check.error) : [];
  const failed = check.error && findings.length === 0 && wording.says ? check.error : undefined;
  const tooMuch = wording.mode === "cedar" && check.data?.statements === null && !check.isChecking;
  const errors = findings.filter((finding) => finding.severity === "error");
  const found = (
    <div aria-live="polite" className="flex flex-col gap-3">
      {failed ? <ErrorState error={failed} title="It could not be checked" /> : null}
      <Findings id={findingsId} findings={findings} withLines={wording.mode === "cedar"} />
      {wording.convert.error && errors.length > 0 ? (
        <p className="text-muted text-sm">The other view can be made of it once these are mended.</p>
      ) : null}
    </div>
  );
  return (
    <Tabs
      label="Wording"
      value={wording.mode}
      onChange={(mode) => wording.change(mode as Mode)}
      tabs={[
        {
          value: "form",
          label: "Form",
          content: (
            <div className="flex flex-col gap-4">
              <Statements wording={wording} touched={touched} />
              {found}
            </div>
          ),
        },
        {
          value: "cedar",
          label: "Cedar",
          content: (
            <div className="flex flex-col gap-3">
              {tooMuch ? (
                <Callout tone="info" title="This policy says more than the form can">
                  It is edited as Cedar. Nothing of it is lost.
                </Callout>
              ) : null}
              <Suspense fallback={<Skeleton className="h-64 w-full" />}>
                <CodeEditor
                  label="Policy in Cedar"
                  value={wording.text}
                  onChange={wording.setText}
                  invalid={errors.length > 0}
                  describedBy={findings.length > 0 ? findingsId : undefined}
                  findings={findings.map(({ line = 1, column = 1, ...finding }) => ({
                    line,
                    column,
                    ...finding,
                  }))}
                />
              </Suspense>
              <p className="flex items-center gap-2 text-faint text-xs" role="status">
                {check.isChecking
                  ? "Checking"
                  : errors.length > 0
                    ? "It cannot be saved like this"
                    : check.data
                      ? "It is valid"
                      : ""}
              </p>
              {found}
            </div>
          ),
        },
      ]}
    />
  );
}

function Statements({ wording, touched }: { wording: ReturnType<typeof useWording>; touched: boolean }) {
  const { drafts, setDrafts } = wording;
  return (
    <>
      {drafts.map((draft, index) => (
        <StatementForm
          key={draft.key}
          number={index + 1}
          statement={draft.statement}
          gaps={touched ? gapsOf(draft.statement) : []}
          onChange={(statement) =>
            setDrafts(drafts.map((each) => (each.key === draft.key ? { ...each, statement } : each)))
          }
          onRemove={
            drafts.length > 1 ? () => setDrafts(drafts.filter((each) => each.key !== draft.key)) : undefined
          }
        />
      ))}
      <Button className="self-start" onClick={() => setDrafts([...drafts, draftOf(NEW_STATEMENT)])}>
        <Plus aria-hidden />
        Add statement
      </Button>
    </>
  );
}
