import { type ActionResult, isPlinthError, type JsonObject } from "@plinth/client";
import {
  Button,
  ErrorState,
  keys,
  PageHeader,
  Skeleton,
  useCan,
  useDraftAnswer,
  useOrg,
  useResourceMutations,
  useResources,
} from "@plinth/react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTitle } from "../../shell/root-layout";
import { type Draft, derive, newDraft, specOf, suggestDestination } from "./draft";
import { ConnectionStep } from "./wizard-connections";
import { Review } from "./wizard-review";
import { Step } from "./wizard-step";
import { TablesStep } from "./wizard-tables";

/**
 * Connect, pick, go. Choosing a source fills in everything else with suggestions, so that the next click can be the
 * last; each suggestion stays open to change.
 */
export function PipelineWizard() {
  useTitle("New pipeline");
  const { slug, client } = useOrg();
  const can = useCan();
  const navigate = useNavigate();
  const connections = useResources("connections", { limit: 200, sort: "name" });
  const pipelines = useResources("pipelines", { limit: 200, sort: "-updated_at" });
  const { create } = useResourceMutations("pipelines");
  const [draft, setDraft] = useState<Draft>(newDraft);
  const change = (part: Partial<Draft>) => setDraft((current) => ({ ...current, ...part }));
  const known = connections.items ?? [];
  const existing = pipelines.items ?? [];
  const source = known.find((each) => each.name === draft.source);

  const discovery = useQuery({
    queryKey: keys.action(slug, "connections", `${source?.id}@${source?.version}`, "discover"),
    queryFn: ({ signal }): Promise<ActionResult> =>
      client.resources("connections").act(draft.source ?? "", "discover", { signal }),
    enabled: source !== undefined,
    staleTime: 60_000,
    retry: (failures, error) => failures < 1 && isPlinthError(error) && error.status === 503,
  });
  const tables = discovery.data?.tables;
  const derived = derive(draft, tables, existing);

  const pickSource = (name: string) =>
    change({
      source: name,
      tables: null,
      cursors: {},
      destination:
        draft.destination && draft.destination !== name
          ? draft.destination
          : suggestDestination(name, known, existing),
    });
  const { properties } = draft;
  const action = "pipelines:create";
  const spec = specOf(draft, derived);
  const answer = useDraftAnswer({
    action,
    draft: { name: derived.name, properties, spec: spec as unknown as JsonObject },
  });
  const go = () =>
    create.mutate(
      { name: derived.name, spec, ...(Object.keys(properties).length > 0 ? { properties } : {}) },
      {
        onSuccess: (pipeline) =>
          void navigate({
            to: "/orgs/$org/$plural/$name",
            params: { org: slug, plural: "pipelines", name: pipeline.name },
            search: {},
          }),
      },
    );

  if (connections.error && !connections.items) {
    return <ErrorState error={connections.error} retry={() => void connections.refetch()} />;
  }
  if (!connections.items || !pipelines.items) return <Skeleton className="h-64 w-full" />;
  return (
    <>
      <PageHeader
        title="New pipeline"
        detail="Pick a source: the rest is filled in for you, and everything can be changed."
        actions={
          <Button asChild variant="ghost">
            <Link to="/orgs/$org/$plural" params={{ org: slug, plural: "pipelines" }} search={{}}>
              Cancel
            </Link>
          </Button>
        }
      />
      <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_21rem]">
        <ol className="flex min-w-0 flex-col">
          <Step number={1} title="Source" detail="Where the rows come from" done={draft.source !== null}>
            <ConnectionStep
              label="Source"
              end="source"
              connections={known}
              pipelines={existing}
              value={draft.source}
              exclude={null}
              onChange={pickSource}
              canCreate={can("connections:create")}
            />
          </Step>
          <Step
            number={2}
            title="Tables"
            detail="What to copy, and how"
            done={derived.chosen.length > 0}
            idle={!draft.source}
          >
            <TablesStep draft={draft} derived={derived} discovery={discovery} onChange={change} />
          </Step>
          <Step
            number={3}
            title="Destination"
            detail="Where the rows go"
            done={draft.destination !== null}
            idle={!draft.source}
            last
          >
            <ConnectionStep
              label="Destination"
              end="destination"
              connections={known}
              pipelines={existing}
              value={draft.destination}
              exclude={draft.source}
              onChange={(destination) => change({ destination })}
              canCreate={can("connections:create")}
            />
          </Step>
        </ol>
        <Review
          draft={draft}
          derived={derived}
          discovery={discovery}
          verdict={{ action, properties, answer }}
          pending={create.isPending}
          error={create.error}
          onChange={change}
          onGo={go}
        />
      </div>
    </>
  );
}
