import type { Org } from "@plinth/client";
import {
  Button,
  Card,
  Combobox,
  CopyText,
  Details,
  ErrorState,
  Field,
  formatDate,
  Input,
  keys,
  PageHeader,
  Skeleton,
  Tag,
  useCan,
  useOrg,
  useToast,
} from "@plinth/react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useMemo, useState } from "react";
import { fieldError, otherError } from "../../lib/form-errors";
import { useTitle } from "../../shell/root-layout";

export function SettingsPage() {
  useTitle("Settings");
  const { slug, client } = useOrg();
  const org = useQuery({ queryKey: keys.details(slug), queryFn: ({ signal }) => client.get({ signal }) });
  return (
    <>
      <PageHeader title="Settings" detail="This organization." />
      {org.error ? <ErrorState error={org.error} retry={() => void org.refetch()} /> : null}
      {org.isPending ? <Skeleton className="h-40 w-full max-w-190" /> : null}
      {org.data ? (
        <div className="flex max-w-190 flex-col gap-4">
          <NameCard key={org.data.name} org={org.data} />
          <TimeZoneCard key={org.data.time_zone} org={org.data} />
          <Card title="About">
            <Details
              items={[
                { label: "Address", value: <code className="font-mono text-xs">{org.data.slug}</code> },
                { label: "Id", value: <CopyText text={org.data.id} /> },
                { label: "Plan", value: <Tag>{org.data.plan}</Tag> },
                { label: "Created", value: formatDate(org.data.created_at) },
              ]}
            />
          </Card>
        </div>
      ) : null}
    </>
  );
}

function useUpdate() {
  const { slug, client } = useOrg();
  const queries = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: (change: { name?: string; time_zone?: string }) => client.update(change),
    onSuccess: async (saved) => {
      queries.setQueryData(keys.details(slug), saved);
      await queries.invalidateQueries({ queryKey: keys.me });
      toast({ tone: "good", title: "Saved" });
    },
  });
}

/** The time zones that the browser knows, and the one that is chosen. */
function zones(chosen: string): string[] {
  return [...new Set(["UTC", chosen, ...Intl.supportedValuesOf("timeZone")])];
}

function TimeZoneCard({ org }: { org: Org }) {
  const can = useCan();
  const [zone, setZone] = useState(org.time_zone);
  const options = useMemo(
    () => zones(org.time_zone).map((name) => ({ value: name, label: name })),
    [org.time_zone],
  );
  const update = useUpdate();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    update.mutate({ time_zone: zone });
  };
  const rest = otherError(update.error, ["/time_zone"]);
  return (
    <Card title="Time zone">
      <form onSubmit={submit} className="flex flex-col gap-3">
        {rest ? <ErrorState error={rest} /> : null}
        <p className="text-muted text-sm">
          Hours and weekdays in policies mean this time zone, for everybody, wherever they are.
        </p>
        <div className="flex items-end gap-2">
          <Field
            label="Clock and calendar of policies"
            className="min-w-0 grow"
            error={fieldError(update.error, "/time_zone")}
          >
            {(control) => (
              <Combobox
                id={control.id}
                className="w-full"
                disabled={!can("org:update")}
                value={zone}
                onChange={setZone}
                options={options}
                searchPlaceholder="Search by city"
              />
            )}
          </Field>
          {can("org:update") ? (
            <Button
              type="submit"
              variant="primary"
              disabled={zone === org.time_zone}
              pending={update.isPending}
            >
              Save
            </Button>
          ) : null}
        </div>
      </form>
    </Card>
  );
}

function NameCard({ org }: { org: Org }) {
  const can = useCan();
  const [name, setName] = useState(org.name);
  const update = useUpdate();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    update.mutate({ name });
  };
  const rest = otherError(update.error, ["/name"]);
  return (
    <Card title="Name">
      <form onSubmit={submit} className="flex flex-col gap-3">
        {rest ? <ErrorState error={rest} /> : null}
        <div className="flex items-end gap-2">
          <Field label="Shown name" className="grow" error={fieldError(update.error, "/name")}>
            {(control) => (
              <Input
                {...control}
                required
                readOnly={!can("org:update")}
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
          {can("org:update") ? (
            <Button type="submit" variant="primary" disabled={name === org.name} pending={update.isPending}>
              Save
            </Button>
          ) : null}
        </div>
      </form>
    </Card>
  );
}
