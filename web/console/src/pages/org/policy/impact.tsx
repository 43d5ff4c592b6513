import type { PolicyChange, PolicyImpact } from "@plinth/client";
import {
  Callout,
  Card,
  cn,
  formatDateTime,
  formatUnits,
  RelativeTime,
  Tag,
  useOrg,
  useProduct,
} from "@plinth/react";
import { Link } from "@tanstack/react-router";
import { TrendingDown, TrendingUp } from "lucide-react";

/** What a change would mean: who gains, who loses, and what the requests of the last days would have got. */
export function Impact({ impact }: { impact: PolicyImpact | null | undefined }) {
  if (!impact)
    return (
      <Callout tone="good" title="It can be saved as it is">
        All checks have passed. Nothing has been kept.
      </Callout>
    );
  const { principals, changes, changes_count: found, requests, complete } = impact;
  const nothing = changes.length === 0 && principals.gain === 0 && principals.lose === 0;
  return (
    <Card title="What would change">
      <div className="flex flex-col gap-4">
        {nothing ? (
          <p className="text-sm text-text">
            Nothing changes for anybody: nobody could do more, and nobody less.
          </p>
        ) : (
          <p className="flex flex-wrap gap-2">
            <Tag tone="good">
              <TrendingUp className="size-3.5" aria-hidden />
              {formatUnits(principals.gain, "principal")} {principals.gain === 1 ? "gains" : "gain"}
            </Tag>
            <Tag tone="bad">
              <TrendingDown className="size-3.5" aria-hidden />
              {formatUnits(principals.lose, "principal")} {principals.lose === 1 ? "loses" : "lose"}
            </Tag>
          </p>
        )}
        {changes.length > 0 ? (
          <ul aria-label="Changes" className="flex flex-col gap-2">
            {changes.map((change) => (
              <ChangeRow key={`${change.principal.id} ${change.change} ${change.action}`} change={change} />
            ))}
          </ul>
        ) : null}
        {found > changes.length ? (
          <p className="text-muted text-sm">And {formatUnits(found - changes.length, "smaller change")}.</p>
        ) : null}
        <Requests requests={requests} />
        {complete ? null : (
          <Callout tone="warn" title="Not all has been looked at">
            The organization has more members, resources or requests than a preview takes in: there may be
            more changes.
          </Callout>
        )}
      </div>
    </Card>
  );
}

function ChangeRow({ change }: { change: PolicyChange }) {
  const gains = change.change === "gains";
  const rest = change.count - change.examples.length;
  return (
    <li className={cn("rounded-md px-3 py-2 text-sm", gains ? "bg-good-soft" : "bg-bad-soft")}>
      <span className="font-medium text-text">{change.principal.name}</span>{" "}
      <span className={cn("font-medium", gains ? "text-good" : "text-bad")}>{change.change}</span>{" "}
      <code className="font-mono text-text text-xs">{change.action}</code>{" "}
      <span className="text-muted">
        {change.count > 0
          ? `on ${formatUnits(change.count, "thing")}`
          : "in general, on nothing that exists now"}
      </span>
      {change.examples.length > 0 ? (
        <span className="text-muted">
          {": "}
          {change.examples.map((example, index) => (
            <span key={example.id}>
              {index > 0 ? ", " : ""}
              <Subject subject={example} />
            </span>
          ))}
          {rest > 0 ? ` and ${rest} more` : ""}
        </span>
      ) : null}
    </li>
  );
}

function Requests({ requests }: { requests: PolicyImpact["requests"] }) {
  const { considered, would_be_refused: refused, would_be_allowed: allowed } = requests;
  return (
    <section aria-label="Past requests" className="flex flex-col gap-2 text-sm">
      <h3 className="font-semibold text-ink">Past requests</h3>
      <p className="text-muted">
        Of {formatUnits(considered, "request")} since {formatDateTime(requests.since)},{" "}
        {refused === 0 && allowed === 0 ? (
          "each would have got the same answer."
        ) : (
          <>
            <b className="font-medium text-bad">{refused} would have been refused</b> and{" "}
            <b className="font-medium text-good">{allowed} would have been allowed</b>.
          </>
        )}
      </p>
      {requests.examples.length > 0 ? (
        <ul aria-label="Examples of requests" className="flex flex-col gap-1">
          {requests.examples.map((example) => (
            <li key={`${example.time} ${example.actor.id} ${example.action}`} className="text-muted">
              <span className="text-text">{example.actor.name}</span>{" "}
              <code className="font-mono text-xs">{example.action}</code>{" "}
              {example.subject ? (
                <>
                  on <Subject subject={example.subject} />{" "}
                </>
              ) : null}
              <RelativeTime at={example.time} className="text-faint text-xs" />: {example.then} then,{" "}
              <b className={cn("font-medium", example.now === "allowed" ? "text-good" : "text-bad")}>
                {example.now} now
              </b>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}

/** A thing by its name; a resource leads to its page. */
export function Subject({ subject }: { subject: { type: string; id: string; name: string } }) {
  const { slug } = useOrg();
  const type = useProduct().types.find((each) => each.name === subject.type);
  if (!type) return <>{subject.name || subject.id}</>;
  return (
    <Link
      to="/orgs/$org/$plural/$name"
      params={{ org: slug, plural: type.plural, name: subject.id }}
      search={{}}
      className="font-medium text-accent hover:underline"
    >
      {subject.name || subject.id}
    </Link>
  );
}
