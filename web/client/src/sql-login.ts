import type { OpenedSqlLogin } from "./types";

/** The address of a new SQL login, as `psql` and drivers take it. */
export function sqlAddress({ login, password, host, port, database }: OpenedSqlLogin): string {
  const who = `postgres://${login}:${encodeURIComponent(password)}`;
  // A path is the folder of a Unix socket.
  if (host.startsWith("/")) return `${who}@/${database}?host=${host}&port=${port}`;
  return `${who}@${host.includes(":") ? `[${host}]` : host}:${port}/${database}`;
}
