/** Reading options that every query takes. */
export interface ReadOptions {
  signal?: AbortSignal;
}

/** Writing options: `version` becomes `If-Match`, so that a change made elsewhere is not overwritten. */
export interface WriteOptions {
  version?: number;
  dryRun?: boolean;
  idempotencyKey?: string;
}

/** Query and headers of a write. */
export function writing(options: WriteOptions): { query: object; headers: Record<string, string> } {
  const headers: Record<string, string> = {};
  if (options.version !== undefined) headers["if-match"] = `"${options.version}"`;
  if (options.idempotencyKey) headers["idempotency-key"] = options.idempotencyKey;
  return { query: options.dryRun ? { dry_run: true } : {}, headers };
}
