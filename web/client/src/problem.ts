/** One field error of a `validation_failed` problem; `pointer` is an RFC 6901 pointer into the request body. */
export interface FieldError {
  pointer: string;
  message: string;
  /** Where in the text of that field, from 1, for a policy. */
  line?: number;
  column?: number;
  /** What to do, where that is known. */
  hint?: string;
}

/** A thing that stands in the way of a change, as `conflict` problems list it. */
export interface Offender {
  type?: string;
  id?: string;
  name?: string;
  org?: string;
  errors?: unknown[];
}

/** RFC 9457 problem details as the API sends them. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail?: string;
  request_id?: string;
  errors?: FieldError[];
  offenders?: Offender[];
  permission?: string;
  [member: string]: unknown;
}

/** Every failed call throws this, whether the server answered or could not be reached (`code` is then `unreachable`). */
export class PlinthError extends Error {
  override readonly name = "PlinthError";
  readonly retryAfterSecs: number | undefined;

  constructor(
    readonly problem: Problem,
    options?: { cause?: unknown; retryAfterSecs?: number },
  ) {
    super(problem.detail ?? problem.title, { cause: options?.cause });
    this.retryAfterSecs = options?.retryAfterSecs;
  }

  get code(): string {
    return this.problem.code;
  }

  get status(): number {
    return this.problem.status;
  }

  get requestId(): string | undefined {
    return this.problem.request_id;
  }

  get fieldErrors(): FieldError[] {
    return this.problem.errors ?? [];
  }

  get offenders(): Offender[] {
    return this.problem.offenders ?? [];
  }
}

export function isPlinthError(error: unknown): error is PlinthError {
  return error instanceof PlinthError;
}

/** The server could not be reached at all: refused, offline, or cut off before a status line. */
export function unreachable(cause: unknown): PlinthError {
  return new PlinthError(
    {
      type: "about:blank",
      title: "The server cannot be reached",
      detail: "No answer from the server. Check your connection; this page retries when you do.",
      status: 0,
      code: "unreachable",
    },
    { cause },
  );
}

/** Reads a non-2xx response. A proxy may answer with something other than problem+json: that is kept readable too. */
export async function problemFrom(response: Response): Promise<PlinthError> {
  const requestId = response.headers.get("x-request-id") ?? undefined;
  const retryAfter = Number(response.headers.get("retry-after"));
  const options = Number.isFinite(retryAfter) && retryAfter > 0 ? { retryAfterSecs: retryAfter } : {};
  const fallback: Problem = {
    type: "about:blank",
    title: response.statusText || `HTTP ${response.status}`,
    status: response.status,
    code: response.status >= 500 ? "unavailable" : "invalid_request",
    request_id: requestId,
  };
  try {
    const body: unknown = await response.json();
    if (typeof body === "object" && body !== null && "code" in body) {
      return new PlinthError({ ...fallback, ...(body as Partial<Problem>) }, options);
    }
  } catch {
    // Not JSON: the fallback already says what is known.
  }
  return new PlinthError(fallback, options);
}
