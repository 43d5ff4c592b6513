import type { PolicyStatement, PolicySubject } from "@plinth/client";
import {
  Combobox,
  Field,
  IconButton,
  Input,
  Segmented,
  Select,
  useCan,
  useResources,
  useRoles,
} from "@plinth/react";
import { Trash2 } from "lucide-react";
import { useEffect, useRef } from "react";
import { roleNames } from "../role-picker";
import { ActionsField } from "./actions-field";
import { LabelRows } from "./label-rows";
import { groupsOf, useNames, usePeople } from "./names";
import { SignalsField } from "./signals-field";

interface PartProps {
  statement: PolicyStatement;
  onChange: (statement: PolicyStatement) => void;
}

/** One statement in plain fields. */
export function StatementForm(props: PartProps & { number: number; gaps: string[]; onRemove?: () => void }) {
  const { statement, onChange, number, gaps, onRemove } = props;
  return (
    <fieldset className="rounded-lg border border-line bg-surface shadow-card">
      <legend className="sr-only">Statement {number}</legend>
      <header className="flex min-h-11 items-center justify-between gap-3 border-line border-b px-4 py-1.5">
        <h2 className="font-semibold text-ink text-sm">Statement {number}</h2>
        {onRemove ? (
          <IconButton label={`Remove statement ${number}`} onClick={onRemove}>
            <Trash2 aria-hidden />
          </IconButton>
        ) : null}
      </header>
      <div className="flex flex-col gap-5 p-4">
        <div className="flex flex-col gap-1.5">
          <span className="font-medium text-sm text-text">Effect</span>
          <Segmented
            label="Effect"
            className="self-start"
            value={statement.effect}
            onChange={(effect) => onChange({ ...statement, effect })}
            options={[
              { value: "permit", label: "Permit" },
              { value: "forbid", label: "Forbid" },
            ]}
          />
          <p className="text-faint text-xs">What is forbidden stays so, whatever else permits it.</p>
        </div>
        <SubjectField statement={statement} onChange={onChange} />
        <ActionsField
          value={statement.actions ?? []}
          onChange={(actions) => onChange({ ...statement, actions })}
        />
        <TargetField statement={statement} onChange={onChange} />
        <SignalsField value={statement.when ?? []} onChange={(when) => onChange({ ...statement, when })} />
        <Gaps gaps={gaps} />
      </div>
    </fieldset>
  );
}

/** What is missing is moved into sight: the button that was pressed may be far from it. */
function Gaps({ gaps }: { gaps: string[] }) {
  const text = gaps.join(" ");
  const line = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (text) line.current?.scrollIntoView?.({ block: "nearest" });
  }, [text]);
  if (!text) return null;
  return (
    <p ref={line} role="alert" className="scroll-mb-20 text-bad text-xs">
      {text}
    </p>
  );
}

const SUBJECTS: { value: string; label: string; start: PolicySubject }[] = [
  { value: "everybody", label: "Everybody", start: "everybody" },
  { value: "role", label: "A role", start: { role: "viewer" } },
  { value: "group", label: "A group", start: { group: "" } },
  { value: "user", label: "One member", start: { user: "" } },
  { value: "service_account", label: "One service account", start: { service_account: "" } },
  { value: "attributes", label: "Whoever has attributes", start: { attributes: {} } },
];

function SubjectField({ statement, onChange }: PartProps) {
  const subject = statement.subject ?? "everybody";
  const kind = subject === "everybody" ? subject : (Object.keys(subject)[0] ?? "everybody");
  const set = (next: PolicySubject) => onChange({ ...statement, subject: next });
  return (
    <div className="grid gap-3 sm:grid-cols-[14rem_minmax(0,1fr)]">
      <Field label="For whom">
        {(control) => (
          <Select
            {...control}
            value={kind}
            onChange={(next) => set(SUBJECTS.find((each) => each.value === next)?.start ?? "everybody")}
            options={SUBJECTS.map(({ value, label }) => ({ value, label }))}
          />
        )}
      </Field>
      {subject === "everybody" ? null : <SubjectValue subject={subject} onChange={set} />}
    </div>
  );
}

function SubjectValue(props: {
  subject: Exclude<PolicySubject, "everybody">;
  onChange: (subject: PolicySubject) => void;
}) {
  const { subject, onChange } = props;
  const people = usePeople();
  const roles = useRoles();
  if ("role" in subject) {
    const names = roles.data?.map((role) => role.name) ?? [subject.role];
    return (
      <Field label="Role">
        {(control) => (
          <Select
            {...control}
            value={subject.role}
            onChange={(role) => onChange({ role })}
            options={names.map((role) => ({ value: role, label: roleNames([role as never]) }))}
          />
        )}
      </Field>
    );
  }
  if ("group" in subject) {
    return (
      <Field label="Group" hint="Who is in it is set with members and service accounts.">
        {(control) => (
          <>
            <Input
              {...control}
              list={`${control.id}-groups`}
              placeholder="contractors"
              spellCheck={false}
              autoComplete="off"
              value={subject.group}
              onChange={(event) => onChange({ group: event.target.value })}
            />
            <datalist id={`${control.id}-groups`}>
              {groupsOf(people).map((group) => (
                <option key={group} value={group} />
              ))}
            </datalist>
          </>
        )}
      </Field>
    );
  }
  if ("attributes" in subject) {
    return (
      <LabelRows
        title="Attributes"
        noun="attribute"
        value={subject.attributes}
        onChange={(attributes) => onChange({ attributes: attributes as never })}
      />
    );
  }
  const kind = "user" in subject ? "user" : "service_account";
  const id = "user" in subject ? subject.user : subject.service_account;
  return (
    <Field label={kind === "user" ? "Member" : "Service account"}>
      {(control) => (
        <Combobox
          id={control.id}
          value={id}
          onChange={(next) => onChange(kind === "user" ? { user: next } : { service_account: next })}
          options={people
            .filter((person) => person.kind === kind)
            .map((person) => ({ value: person.id, label: person.name }))}
          searchPlaceholder="Search by name"
        />
      )}
    </Field>
  );
}

const ALL = "all";

function TargetField({ statement, onChange }: PartProps) {
  const { kinds } = useNames();
  const { resource = {} } = statement;
  const kind = kinds.find((each) => each.type === resource.type);
  const set = (next: typeof resource) => onChange({ ...statement, resource: next });
  return (
    <div className="flex flex-col gap-3">
      <div className="grid gap-3 sm:grid-cols-[14rem_minmax(0,1fr)]">
        <Field label="On what">
          {(control) => (
            <Select
              {...control}
              value={resource.type ?? ALL}
              onChange={(type) => set({ properties: resource.properties, ...(type === ALL ? {} : { type }) })}
              options={[
                { value: ALL, label: "Everything" },
                ...kinds.map((each) => ({ value: each.type, label: each.title })),
              ]}
            />
          )}
        </Field>
        {kind?.resourceType ? (
          <OneField
            plural={kind.kind}
            title={kind.resourceType.title}
            value={resource.id}
            onChange={(id) => set({ ...resource, id })}
          />
        ) : null}
      </div>
      <LabelRows
        title="Properties"
        noun="property"
        withPrincipal
        value={resource.properties ?? {}}
        onChange={(properties) => set({ ...resource, properties })}
      />
    </div>
  );
}

function OneField(props: {
  plural: string;
  title: string;
  value: string | undefined;
  onChange: (id: string | undefined) => void;
}) {
  const can = useCan();
  const list = useResources(
    props.plural,
    { limit: 200, sort: "name" },
    { enabled: can(`${props.plural}:view`) },
  );
  return (
    <Field label={`Only one ${props.title.toLowerCase()}`} optional>
      {(control) => (
        <Combobox
          id={control.id}
          value={props.value ?? ALL}
          onChange={(id) => props.onChange(id === ALL ? undefined : id)}
          options={[
            { value: ALL, label: "All of them" },
            ...(list.items ?? []).map((each) => ({ value: each.id, label: each.name })),
          ]}
          searchPlaceholder="Search by name"
        />
      )}
    </Field>
  );
}
