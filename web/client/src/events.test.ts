import { expect, test } from "vitest";
import { backoff, openEventStream, readFrames } from "./events";
import { Transport } from "./transport";
import type { PlinthEvent } from "./types";

const encoder = new TextEncoder();

function bytes(...chunks: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
      controller.close();
    },
  });
}

function change(seq: number): string {
  return `id: ${seq}\nevent: change\ndata: ${JSON.stringify({ seq })}\n\n`;
}

/** Answers connection by connection; the last script is held open. */
function scripted(scripts: (Response | string[])[]) {
  const requests: Request[] = [];
  const fetch = async (input: RequestInfo | URL) => {
    const request = input as Request;
    const script = scripts[requests.length];
    requests.push(request);
    if (script instanceof Response) return script;
    if (script) return new Response(bytes(...script));
    return new Promise<Response>((_, reject) => {
      request.signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    });
  };
  const transport = new Transport({ baseUrl: "http://plinth.test", fetch: fetch as typeof globalThis.fetch });
  return { requests, transport };
}

/** Waits until the reader has asked `count` times. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve));
}

test("frames are read whole however the bytes are cut", async () => {
  const frames = [];
  const stream = bytes(": hello\n\nid: 1\neve", "nt: change\nda", 'ta: {"a":1}\ndata: {"b":2}\n\n', "event: bookmark\r\ndata: {}\r\n\r\n");
  for await (const frame of readFrames(stream)) frames.push(frame);
  expect(frames).toEqual([
    { id: "1", event: "change", data: '{"a":1}\n{"b":2}' },
    { id: undefined, event: "bookmark", data: "{}" },
  ]);
});

test("a broken stream resumes after the last event and hands on none twice", async () => {
  const { requests, transport } = scripted([[change(4), change(5)], [change(5), change(6)]]);
  const seen: number[] = [];
  const stream = openEventStream(transport, {
    org: "acme",
    backoffMs: 1,
    onEvent: (event: PlinthEvent) => seen.push(event.seq),
  });
  await until(() => requests.length === 3);
  stream.close();
  expect(seen).toEqual([4, 5, 6]);
  expect(requests.map((request) => request.headers.get("last-event-id"))).toEqual([null, "5", "6"]);
});

test("a bookmark moves the cursor without an event", async () => {
  const { requests, transport } = scripted([[change(1), 'event: bookmark\ndata: {"seq":9}\n\n', "event: reconnect\ndata: {}\n\n"]]);
  const stream = openEventStream(transport, { org: "acme", backoffMs: 1, onEvent: () => undefined });
  await until(() => requests.length === 2);
  stream.close();
  expect(requests[1]?.headers.get("last-event-id")).toBe("9");
});

test("a refusal ends the stream and is told", async () => {
  const refused = new Response(JSON.stringify({ code: "not_found", title: "t", status: 404 }), { status: 404 });
  const { requests, transport } = scripted([refused]);
  const code = await new Promise((resolve) => {
    openEventStream(transport, { org: "acme", onEvent: () => undefined, onError: (error) => resolve(error.code) });
  });
  expect(code).toBe("not_found");
  expect(requests).toHaveLength(1);
});

test("a cursor that the server refuses is given up and told as a gap", async () => {
  const refused = new Response(JSON.stringify({ code: "invalid_cursor", title: "t", status: 400 }), { status: 400 });
  const { requests, transport } = scripted([refused]);
  let gaps = 0;
  const stream = openEventStream(transport, {
    org: "acme",
    after: 40,
    backoffMs: 1,
    onEvent: () => undefined,
    onGap: () => (gaps += 1),
  });
  await until(() => requests.length === 2);
  stream.close();
  expect(gaps).toBe(1);
  expect(requests.map((request) => request.headers.get("last-event-id"))).toEqual(["40", null]);
});

test("back-off doubles, is capped, and never waits longer than it says", () => {
  const longest = (failures: number) => backoff(failures, 500, () => 0);
  expect([0, 1, 2, 3, 4].map(longest)).toEqual([500, 500, 1000, 2000, 4000]);
  expect(longest(50)).toBe(30_000);
  expect(backoff(1, 500, () => 1)).toBeCloseTo(333.3, 0);
});
