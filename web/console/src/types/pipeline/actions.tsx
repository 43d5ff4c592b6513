import type { Resource } from "@plinth/client";
import { Button, Can, describeError, useResourceMutations, useToast } from "@plinth/react";
import { Pause, Play } from "lucide-react";
import { offeredVerbs } from "./model";

/** Pause and resume: a wish in the spec, shown at once, and called done only when the worker reports it. */
export function PipelineActions({ resource }: { resource: Resource }) {
  const toast = useToast();
  const { carryOut } = useResourceMutations("pipelines");
  const [verb] = offeredVerbs(resource);
  if (resource.deleted_at || !verb) return null;
  const paused = verb === "resume";
  const toggle = () =>
    carryOut.mutate(
      {
        resource,
        verb,
        optimistic: (current) => ({ ...current, spec: { ...current.spec, paused: !paused } }),
      },
      {
        onError: (error) =>
          toast({ tone: "bad", ...describeError(error), title: `Could not ${verb} ${resource.name}` }),
      },
    );
  return (
    <Can action={`pipelines:${verb}`} resource={resource}>
      <Button onClick={toggle} pending={carryOut.isPending}>
        {carryOut.isPending ? null : paused ? <Play aria-hidden /> : <Pause aria-hidden />}
        {paused ? "Resume" : "Pause"}
      </Button>
    </Can>
  );
}
