import type { Resource } from "@plinth/client";
import type { Column, Tone } from "@plinth/react";
import { type ComponentType, type LazyExoticComponent, lazy } from "react";

type Page<Props> = ComponentType<Props> | LazyExoticComponent<ComponentType<Props>>;

/** What a product may show better than the generic pages do, per resource type. Everything in it is optional. */
export interface TypeExtension {
  /** Columns of the list, after the name. */
  columns?: Column<Resource>[];
  /** Sort, search and state filter need to know which states there are. */
  states?: string[];
  /** What to call a resource's state; without it, `status.state` as it is. */
  state?: (resource: Resource) => { state: string; label?: string; tone?: Tone };
  /** Which of the type's verbs make sense as the resource is; without it, all. */
  verbs?: (resource: Resource) => string[];
  /** A better word than "edited" for a change of some members of the spec, and which members it tells of. */
  editVerb?: (changed: string[], spec: unknown) => { verb: string; fields: string[] } | undefined;
  /** Body of the detail page's first tab. */
  Summary?: Page<{ resource: Resource }>;
  /** Numbers above the tabs. */
  Stats?: Page<{ resource: Resource }>;
  /** Buttons in the head of the detail page, before the generic ones. */
  Actions?: Page<{ resource: Resource }>;
  /** The page that creates one. */
  New?: Page<object>;
  /** Its part of the overview. */
  Overview?: Page<object>;
}

const extensions = new Map<string, TypeExtension>();

/** Registers richer pages for one resource type; builders call it in their own console. */
export function registerType(name: string, extension: TypeExtension): void {
  extensions.set(name, extension);
}

export function extensionOf(name: string): TypeExtension {
  return extensions.get(name) ?? {};
}

export { lazy };
