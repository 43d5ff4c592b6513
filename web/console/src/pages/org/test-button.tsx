import type { ActionResult } from "@plinth/client";
import { Button, capitalize, describeError, useOrg, useToast } from "@plinth/react";
import { useMutation } from "@tanstack/react-query";
import { Cable } from "lucide-react";

/** Tries a stored connection and says what came of it. */
export function TestButton({ plural, name }: { plural: string; name: string }) {
  const { client } = useOrg();
  const toast = useToast();
  const check = useMutation({
    mutationFn: (): Promise<ActionResult> => client.resources(plural).act(name, "check"),
    onSuccess: (result) =>
      result.ok
        ? toast({ tone: "good", title: `${name} is reachable`, detail: result.server ?? result.message })
        : toast({
            tone: "bad",
            title: capitalize(result.message ?? `${name} is not reached`),
            detail: result.hint,
          }),
    onError: (error) => toast({ tone: "bad", ...describeError(error) }),
  });
  return (
    <Button pending={check.isPending} onClick={() => check.mutate()}>
      {check.isPending ? null : <Cable aria-hidden />}
      Test connection
    </Button>
  );
}
