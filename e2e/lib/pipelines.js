// What the walk provisions beside the sample pipeline: by a file from CI, and by the API.

/** What CI applies: a folder of Parquet files, and a pipeline that keeps it in step with the orders. */
export const MANIFEST = `type: connection
name: lake
properties: { team: data }
spec: { kind: files, directory: lake, format: parquet }
---
type: pipeline
name: orders-to-lake
properties: { team: data }
spec:
  source: { connection: shop, tables: [{ name: public.orders, cursor: updated_at }] }
  destination: { connection: lake }
  mode: incremental
  interval_secs: 2
  paused: false
`;
/** The same pipeline into another schema of the destination: two do not write one table. */
export function withSchema(pipeline, schema) {
  const { spec } = pipeline;
  return { ...pipeline, spec: { ...spec, destination: { ...spec.destination, schema } } };
}

/** A connection to a folder of files by this name. */
export function folder(name) {
  return { name, spec: { kind: "files", directory: name, format: "parquet" } };
}

/** Completes by itself, so that its numbers stand still. */
export const ONCE = {
  name: "customers-once",
  properties: { team: "sales" },
  spec: {
    source: { connection: "shop", tables: [{ name: "public.customers" }] },
    destination: { connection: "warehouse", schema: "sales" },
    mode: "snapshot",
    paused: false,
  },
};
