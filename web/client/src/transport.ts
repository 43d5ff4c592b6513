import { problemFrom, unreachable } from "./problem";

export interface TransportOptions {
  /** Where the API lives; empty means the page's own origin. */
  baseUrl?: string;
  /** A bearer token, for programs. Without it the session cookie is used, with its CSRF token. */
  token?: string;
  fetch?: typeof globalThis.fetch;
  /** Called on each 401, so that an application can send its user to the login page. */
  onUnauthenticated?: () => void;
}

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * `fetch` with what every call needs: credentials, CSRF token, an idempotency key on each POST, and an exception
 * of type `PlinthError` for anything that is not a success. Shared by the typed client and the event reader.
 */
export class Transport {
  readonly baseUrl: string;
  private csrfToken: string | null = null;

  constructor(private readonly options: TransportOptions = {}) {
    this.baseUrl = (options.baseUrl ?? "").replace(/\/$/, "");
  }

  /** The CSRF token belongs to the session: set it after login and from `/v1/me`. */
  setCsrfToken(token: string | null): void {
    this.csrfToken = token;
  }

  readonly fetch = async (input: Request): Promise<Response> => {
    const request = this.prepared(input);
    const send = this.options.fetch ?? globalThis.fetch;
    let response: Response;
    try {
      response = await send(request);
    } catch (cause) {
      if (request.signal.aborted) throw cause;
      throw unreachable(cause);
    }
    if (response.ok) return response;
    const error = await problemFrom(response);
    if (error.status === 401) this.options.onUnauthenticated?.();
    throw error;
  };

  private prepared(input: Request): Request {
    const request = new Request(input, { credentials: this.options.token ? "omit" : "same-origin" });
    if (this.options.token) request.headers.set("authorization", `Bearer ${this.options.token}`);
    else if (this.csrfToken && !SAFE_METHODS.has(request.method)) {
      request.headers.set("x-csrf-token", this.csrfToken);
    }
    if (request.method === "POST" && !request.headers.has("idempotency-key")) {
      request.headers.set("idempotency-key", randomKey());
    }
    return request;
  }
}

/** `crypto.randomUUID` exists only in secure contexts; a console on plain HTTP in a private network is not one. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
