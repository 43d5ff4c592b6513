export { OrgClient, Plinth, ResourceClient } from "./client";
export {
  type EventStream,
  type EventStreamOptions,
  openEventStream,
  type StreamState,
} from "./events";
export type { ReadOptions, WriteOptions } from "./options";
export { PolicyClient } from "./policies";
export { type FieldError, isPlinthError, type Offender, PlinthError, type Problem } from "./problem";
export { sqlAddress } from "./sql-login";
export { randomKey, Transport, type TransportOptions } from "./transport";
export type * from "./types";
