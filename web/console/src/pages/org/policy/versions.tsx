import type { Policy, PolicyVersion } from "@plinth/client";
import {
  Button,
  Card,
  ConfirmDialog,
  ErrorState,
  RelativeTime,
  Skeleton,
  Tag,
  useCan,
  usePolicyMutations,
  usePolicyVersions,
  useToast,
} from "@plinth/react";
import { lazy, Suspense, useEffect, useState } from "react";
import { Impact } from "./impact";

const TextDiff = lazy(() =>
  import("@plinth/react/text-diff").then((module) => ({ default: module.TextDiff })),
);

/** Each version with who made it, when, and what it changed; any of them can be had back. */
export function Versions({ policy }: { policy: Policy }) {
  const versions = usePolicyVersions(policy.id);
  const [back, setBack] = useState<PolicyVersion | null>(null);
  if (versions.error && !versions.items)
    return <ErrorState error={versions.error} retry={() => void versions.refetch()} />;
  const { items } = versions;
  if (!items) return <Skeleton className="h-40 w-full" />;
  return (
    <div className="flex max-w-210 flex-col gap-4">
      <ol aria-label="Versions" className="flex flex-col gap-4">
        {items.map((version, index) => (
          <li key={version.version}>
            <VersionCard
              version={version}
              before={items[index + 1]}
              isFirst={index === items.length - 1 && !versions.more.hasMore}
              current={version.version === policy.version}
              onRevert={() => setBack(version)}
            />
          </li>
        ))}
      </ol>
      {versions.more.hasMore ? (
        <Button
          variant="ghost"
          className="self-center"
          pending={versions.more.loading}
          onClick={versions.more.load}
        >
          Older versions
        </Button>
      ) : null}
      {back ? <RevertDialog policy={policy} version={back} onClose={() => setBack(null)} /> : null}
    </div>
  );
}

function VersionCard(props: {
  version: PolicyVersion;
  before: PolicyVersion | undefined;
  isFirst: boolean;
  current: boolean;
  onRevert: () => void;
}) {
  const { version, before, isFirst, current } = props;
  const can = useCan();
  const number = version.version;
  return (
    <Card
      title={
        <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          Version {number}
          {current ? <Tag tone="live">now</Tag> : null}
          <span className="font-normal text-muted text-xs">
            {version.changed_by.name}, <RelativeTime at={version.changed_at} />
          </span>
        </span>
      }
      actions={
        !current && version.text !== null && can("policies:update") ? (
          <Button size="sm" aria-label={`Revert to version ${number}`} onClick={props.onRevert}>
            Revert
          </Button>
        ) : null
      }
    >
      <div className="flex flex-col gap-2">
        {before && before.name !== version.name ? (
          <p className="text-muted text-sm">
            Renamed from {before.name} to {version.name}.
          </p>
        ) : null}
        {before && before.description !== version.description ? (
          <p className="text-muted text-sm">
            Description: <del className="text-bad">{before.description || "none"}</del>{" "}
            <ins className="text-good no-underline">{version.description || "none"}</ins>
          </p>
        ) : null}
        {before || isFirst ? (
          <Suspense fallback={<Skeleton className="h-24 w-full" />}>
            <TextDiff
              label={before ? `What version ${number} changed` : `What version ${number} said`}
              before={before?.text ?? ""}
              after={version.text ?? ""}
            />
          </Suspense>
        ) : null}
      </div>
    </Card>
  );
}

function RevertDialog(props: { policy: Policy; version: PolicyVersion; onClose: () => void }) {
  const { policy, version, onClose } = props;
  const toast = useToast();
  const { revert, previewRevert } = usePolicyMutations();
  const { mutate: look } = previewRevert;
  useEffect(() => look({ policy, version: version.version }), [look, policy, version]);
  const confirm = () =>
    revert.mutate(
      { policy, version: version.version },
      {
        onSuccess: (saved) => {
          toast({
            tone: "good",
            title: `${saved.name} says again what it said in version ${version.version}`,
          });
          onClose();
        },
      },
    );
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={`Revert to version ${version.version}?`}
      description="Its wording becomes a new version, and holds at once."
      confirm="Revert"
      pending={revert.isPending}
      onConfirm={confirm}
    >
      {revert.error ? <ErrorState error={revert.error} title="Not reverted" className="mb-3" /> : null}
      <Suspense fallback={<Skeleton className="h-24 w-full" />}>
        <TextDiff label="What would change" before={policy.text} after={version.text ?? ""} />
      </Suspense>
      <section aria-label="Preview" aria-busy={previewRevert.isPending} className="mt-3">
        {previewRevert.isSuccess ? (
          <Impact impact={previewRevert.data} />
        ) : previewRevert.error ? (
          <ErrorState error={previewRevert.error} title="It cannot be told what would change" />
        ) : (
          <Skeleton className="h-24 w-full" />
        )}
      </section>
    </ConfirmDialog>
  );
}
