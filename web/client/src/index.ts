export {
  OrgClient,
  Plinth,
  PolicyClient,
  type ReadOptions,
  ResourceClient,
  type WriteOptions,
} from "./client";
export {
  type EventStream,
  type EventStreamOptions,
  openEventStream,
  type StreamState,
} from "./events";
export { type FieldError, isPlinthError, type Offender, PlinthError, type Problem } from "./problem";
export { randomKey, Transport, type TransportOptions } from "./transport";
export type * from "./types";
