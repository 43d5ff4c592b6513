import type { JsonObject, PropertyRequirement } from "@plinth/client";

/** The properties of a requirement that have none of its values. */
export function unmetOf(requirement: PropertyRequirement, properties: JsonObject): string[] {
  const isUnmet = ([name, values]: [string, string[]]) => !values.some((value) => value === properties[name]);
  return Object.entries(requirement)
    .filter(isUnmet)
    .map(([name]) => name);
}

/** Whether one of the alternatives is met; where there is none, nothing is required. */
export function isMet(requires: PropertyRequirement[], properties: JsonObject): boolean {
  return requires.length === 0 || requires.some((each) => unmetOf(each, properties).length === 0);
}

/** "`environment` is `development` or `staging`, and `team` is `data`". */
export function requirementText(requirement: PropertyRequirement): string {
  return Object.entries(requirement)
    .map(([name, values]) => `\`${name}\` is ${valuesText(values)}`)
    .join(", and ");
}

/** "`development` or `staging`". */
export function valuesText(values: string[]): string {
  const all = values.map((value) => `\`${value}\``);
  const last = all.pop();
  return all.length > 0 ? `${all.join(", ")} or ${last}` : `${last}`;
}
