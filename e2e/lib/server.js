// Runs the product as a newcomer does: `plinth dev` with an empty home folder, on a free port, with a small sample.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "./wait.js";

const PRODUCT = fileURLToPath(new URL("../../products/etl", import.meta.url));
const START_MS = 180_000;
const STOP_MS = 60_000;

/**
 * A running server of its own: `url`, `home`, `binary`, and `stop()`, which fails when the server does not end cleanly or
 * has panicked on the way.
 */
export async function startServer({ sampleRows }) {
  const binary = process.env.PLINTH_BIN;
  if (!binary)
    throw new Error("PLINTH_BIN is not set: it names the plinth binary to test, with the console built in");
  const home = await mkdtemp(join(tmpdir(), "plinth-e2e-"));
  // As root the embedded PostgreSQL runs as another user, who has to be able to enter the folder.
  await chmod(home, 0o755);
  const address = `127.0.0.1:${await freePort()}`;
  const args = [
    "dev",
    "--home",
    home,
    "--listen",
    address,
    "--product",
    PRODUCT,
    "--sample-rows",
    String(sampleRows),
  ];
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"], env: environment() });
  const log = collect(child);
  const exit = exitOf(child);
  takeAlong(child);
  const server = { url: `http://${address}`, binary, home, log, stop: () => stop(child, exit, log, home) };
  try {
    await ready(server, exit);
  } catch (error) {
    await kill(child, exit);
    await rm(home, { recursive: true, force: true });
    throw new Error(`the server did not start: ${error.message}\n${log.tail()}`);
  }
  return server;
}

/** Nothing of the caller's own configuration may reach the server under test. */
function environment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("PLINTH_")));
}

async function freePort() {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

function collect(child) {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (part) => {
      text += part;
    });
  }
  return { text: () => text, tail: () => text.split("\n").slice(-40).join("\n") };
}

/** A run that is interrupted leaves no server behind. */
function takeAlong(child) {
  const end = () => child.kill("SIGINT");
  process.once("exit", end);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
}

/** How the process ended, once it has: `{code, signal}`, or `{error}` when it could not be started at all. */
function exitOf(child) {
  const exit = { ended: null };
  exit.promise = new Promise((resolve) => {
    const end = (ended) => {
      exit.ended = ended;
      resolve(ended);
    };
    child.once("error", (error) => end({ error }));
    child.once("exit", (code, signal) => end({ code, signal }));
  });
  return exit;
}

async function ready(server, exit) {
  const answers = async () => {
    if (exit.ended) return { ended: exit.ended };
    const response = await fetch(`${server.url}/readyz`).catch(() => null);
    return { ok: response?.ok === true };
  };
  const state = await eventually(answers, ({ ok, ended }) => ok || ended, "a ready server", START_MS);
  if (state.ended) throw state.ended.error ?? new Error(`it ended with ${JSON.stringify(state.ended)}`);
}

async function stop(child, exit, log, home) {
  if (!exit.ended) child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  const ended = await exit.promise;
  clearTimeout(timer);
  const postgres = await readFile(join(home, "postgres/server.log"), "utf8").catch(() => "");
  await rm(home, { recursive: true, force: true });
  if (ended.code !== 0) throw new Error(`the server ended with ${JSON.stringify(ended)}\n${log.tail()}`);
  if (/panicked at/.test(log.text())) throw new Error(`the server has panicked\n${log.text()}`);
  if (/PANIC:/.test(postgres)) throw new Error(`PostgreSQL has panicked\n${postgres}`);
}

async function kill(child, exit) {
  if (!exit.ended) child.kill("SIGKILL");
  await exit.promise;
}
