import type { Resource } from "@plinth/client";

export type ConnectionSpec =
  | { kind: "postgres"; host: string; port?: number; database: string; user: string; tls?: string }
  | { kind: "files"; directory: string; format: "csv" | "parquet" };

export type Connection = Resource<ConnectionSpec, Record<string, never>>;

export function connectionSpec(resource: Resource): ConnectionSpec {
  return resource.spec as unknown as ConnectionSpec;
}

export function kindLabel(spec: ConnectionSpec): string {
  if (spec.kind === "postgres") return "PostgreSQL";
  if (spec.kind === "files") return spec.format === "csv" ? "CSV files" : "Parquet files";
  return String((spec as { kind: unknown }).kind);
}

/** What answers there, without the build that follows in parentheses: "PostgreSQL 15.18". */
export function serverName(server: string): string {
  return server.replace(/\s*\(.*$/, "");
}

/** Where it is, in one line. */
export function addressOf(spec: ConnectionSpec): string {
  if (spec.kind === "postgres") {
    const port = spec.port && spec.port !== 5432 ? `:${spec.port}` : "";
    return `${spec.host}${port}/${spec.database}`;
  }
  if (spec.kind === "files") return spec.directory;
  return "";
}

export function kindIcon(spec: ConnectionSpec): string {
  return spec.kind === "files" ? "file" : "database";
}
