import { PlinthError, unreachable } from "./problem";
import type { Transport } from "./transport";
import type { PlinthEvent } from "./types";

export type StreamState = "connecting" | "live" | "reconnecting" | "closed";

export interface EventStreamOptions {
  org: string;
  /** Resume after this `seq`. Without it the stream starts at the current head. */
  after?: number;
  onEvent: (event: PlinthEvent) => void;
  onState?: (state: StreamState) => void;
  /** The server could not resume at the cursor: the reader starts at the head again and must re-read state. */
  onGap?: () => void;
  /** Each time a connection stands. `resumed` is false when events before it may have been missed. */
  onOpen?: (resumed: boolean) => void;
  /** A refusal that waiting does not cure (no longer a member, logged out). The stream is then closed. */
  onError?: (error: PlinthError) => void;
  /** Milliseconds without any frame (bookmarks come every 15 s) after which the connection counts as dead. */
  silenceMs?: number;
  /** First back-off in milliseconds; doubles up to 30 s, with jitter. */
  backoffMs?: number;
}

export interface EventStream {
  readonly seq: number | undefined;
  readonly state: StreamState;
  close(): void;
}

const MAX_BACKOFF_MS = 30_000;
const FATAL = new Set([401, 403, 404]);

/**
 * Reads `GET /v1/orgs/{org}/events` as server-sent events for as long as it is wanted. Each reconnect resumes with
 * `Last-Event-ID`, so a subscriber sees every event once and in order. Built on `fetch` and not on `EventSource`,
 * which can neither send a bearer token nor tell a refusal from a lost connection.
 */
export function openEventStream(transport: Transport, options: EventStreamOptions): EventStream {
  const reader = new StreamReader(transport, options);
  void reader.run();
  return reader;
}

class StreamReader implements EventStream {
  seq: number | undefined;
  state: StreamState = "connecting";
  private readonly stopped = new AbortController();

  constructor(
    private readonly transport: Transport,
    private readonly options: EventStreamOptions,
  ) {
    this.seq = options.after;
  }

  close(): void {
    this.stopped.abort();
    this.setState("closed");
  }

  async run(): Promise<void> {
    let failures = 0;
    while (!this.stopped.signal.aborted) {
      const outcome = await this.connectOnce();
      if (this.stopped.signal.aborted) return;
      if (outcome.kind === "fatal") {
        this.options.onError?.(outcome.error);
        this.close();
        return;
      }
      failures = outcome.kind === "failed" ? failures + 1 : 0;
      this.setState("reconnecting");
      await this.pause(backoff(failures, this.options.backoffMs ?? 500));
    }
  }

  private async connectOnce(): Promise<Outcome> {
    const connection = new AbortController();
    const signal = AbortSignal.any([connection.signal, this.stopped.signal]);
    const watchdog = new Watchdog(this.options.silenceMs ?? 40_000, () => connection.abort());
    let opened = false;
    try {
      const response = await this.transport.fetch(this.request(signal));
      if (!response.body) throw unreachable("no body");
      opened = true;
      this.setState("live");
      this.options.onOpen?.(this.seq !== undefined);
      for await (const frame of readFrames(response.body)) {
        watchdog.feed();
        if (this.handle(frame) === "reconnect") return { kind: "asked" };
      }
      return { kind: "ended" };
    } catch (error) {
      return this.failure(error, opened);
    } finally {
      watchdog.stop();
      connection.abort();
    }
  }

  private failure(error: unknown, opened: boolean): Outcome {
    if (!(error instanceof PlinthError)) return { kind: opened ? "ended" : "failed" };
    if (FATAL.has(error.status)) return { kind: "fatal", error };
    if (error.status === 400 && this.seq !== undefined) {
      this.seq = undefined;
      this.options.onGap?.();
    }
    return { kind: "failed" };
  }

  private request(signal: AbortSignal): Request {
    const path = `/v1/orgs/${encodeURIComponent(this.options.org)}/events`;
    const base = this.transport.baseUrl || globalThis.location?.origin || "";
    const headers: Record<string, string> = { accept: "text/event-stream" };
    if (this.seq !== undefined) headers["last-event-id"] = String(this.seq);
    return new Request(`${base}${path}`, { headers, signal, cache: "no-store" });
  }

  private handle(frame: Frame): "reconnect" | undefined {
    if (frame.event === "reconnect") return "reconnect";
    if (frame.event === "bookmark") {
      const mark = JSON.parse(frame.data) as { seq: number };
      if (this.seq === undefined || mark.seq > this.seq) this.seq = mark.seq;
      return undefined;
    }
    if (frame.data === "") return undefined;
    const event = JSON.parse(frame.data) as PlinthEvent;
    // A resumed stream may repeat the event at its cursor; each event is handed on once.
    if (this.seq !== undefined && event.seq <= this.seq) return undefined;
    this.seq = event.seq;
    this.options.onEvent(event);
    return undefined;
  }

  private setState(state: StreamState): void {
    if (this.state === state) return;
    this.state = state;
    this.options.onState?.(state);
  }

  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, milliseconds);
      const signal = this.stopped.signal;
      function done() {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        globalThis.removeEventListener?.("online", done);
        resolve();
      }
      signal.addEventListener("abort", done);
      // Coming back from a dead network should not wait for the back-off.
      globalThis.addEventListener?.("online", done);
    });
  }
}

type Outcome =
  | { kind: "asked" }
  | { kind: "ended" }
  | { kind: "failed" }
  | { kind: "fatal"; error: PlinthError };

class Watchdog {
  private timer: ReturnType<typeof setTimeout>;

  constructor(
    private readonly milliseconds: number,
    private readonly bark: () => void,
  ) {
    this.timer = setTimeout(bark, milliseconds);
  }

  feed(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.bark, this.milliseconds);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}

/** Doubles from `baseMs`, capped, with up to a third of jitter so that clients do not come back in step. */
export function backoff(failures: number, baseMs: number, random: () => number = Math.random): number {
  const delay = Math.min(baseMs * 2 ** Math.max(0, failures - 1), MAX_BACKOFF_MS);
  return delay * (1 - random() / 3);
}

export interface Frame {
  id?: string;
  event: string;
  data: string;
}

/** Splits a byte stream into server-sent event frames, as the HTML standard describes them. */
export async function* readFrames(body: ReadableStream<Uint8Array>): AsyncGenerator<Frame> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  let buffer = "";
  let frame = emptyFrame();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      buffer += value;
      const lines = buffer.split(/\r\n|\n|\r(?!$)/);
      buffer = lines.pop() ?? "";
      for (const line of lines) {
        if (line !== "") {
          readField(frame, line);
          continue;
        }
        if (frame.touched) yield { id: frame.id, event: frame.event, data: frame.data.join("\n") };
        frame = emptyFrame();
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

interface PartialFrame {
  id?: string;
  event: string;
  data: string[];
  touched: boolean;
}

function emptyFrame(): PartialFrame {
  return { event: "message", data: [], touched: false };
}

function readField(frame: PartialFrame, line: string): void {
  if (line.startsWith(":")) return;
  const colon = line.indexOf(":");
  const field = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
  if (field === "data") frame.data.push(value);
  else if (field === "event") frame.event = value;
  else if (field === "id") frame.id = value;
  else return;
  frame.touched = true;
}
