import type { Product, ResourceType } from "@plinth/client";
import { isObject } from "./json";

/** A kind of things, and what can be done to them: `pipelines:pause` is `<kind>:<action>`. */
export interface ActionKind {
  /** As actions begin: `pipelines`, `members`. */
  kind: string;
  /** What a policy's target calls it: `pipeline`, `members`. */
  type: string;
  title: string;
  /** The type of resources that it is, if it is one. */
  resourceType?: ResourceType;
  actions: string[];
}

export const RESOURCE_ACTIONS = ["view", "create", "update", "delete", "undelete"];

/** What every org has, whatever is sold; the names are the API's. */
const BUILT_IN: Omit<ActionKind, "type">[] = [
  { kind: "org", title: "Organization", actions: ["view", "update", "delete"] },
  { kind: "members", title: "Members", actions: ["view", "update", "delete", "grant-owner"] },
  { kind: "invitations", title: "Invitations", actions: ["view", "create", "delete"] },
  { kind: "service-accounts", title: "Service accounts", actions: ["view", "create", "update", "delete"] },
  { kind: "tokens", title: "Tokens and SQL logins", actions: ["view", "create", "delete"] },
  { kind: "policies", title: "Policies", actions: ["view", "create", "update", "delete"] },
  { kind: "events", title: "Events", actions: ["view"] },
  { kind: "metrics", title: "Metrics", actions: ["view", "create"] },
  { kind: "usage", title: "Usage", actions: ["view", "create"] },
  { kind: "bill", title: "Bill", actions: ["view"] },
];

/** All kinds of things of an org: what the product sells first. */
export function actionKinds(product: Product): ActionKind[] {
  const sold = product.types.map((type) => ({
    kind: type.plural,
    type: type.name,
    title: type.title_plural,
    resourceType: type,
    actions: [...RESOURCE_ACTIONS, ...verbsOf(type)],
  }));
  return [...sold, ...BUILT_IN.map((each) => ({ ...each, type: each.kind }))];
}

function verbsOf(type: ResourceType): string[] {
  return type.verbs.flatMap((verb) => (isObject(verb) && typeof verb.name === "string" ? [verb.name] : []));
}

/** Groups of actions that policies may name. */
export function actionGroups(product: Product): string[] {
  const kinds = actionKinds(product).map(({ kind }) => `${kind}:*`);
  return [...RESOURCE_ACTIONS.map((action) => `resources:${action}`), "resources:*", "view", ...kinds];
}
