// The command line as a CI job runs it: a token in the environment, no stored login.

import { spawn } from "node:child_process";
import { once } from "node:events";

/** Runs the binary and returns `{code, stdout, stderr}`. `env` is all that it knows of the server. */
export async function cli(server, args, env) {
  const child = spawn(server.binary, args, {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: server.home,
    env: { PATH: process.env.PATH, HOME: server.home, ...env },
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8");
    child[name].on("data", (part) => {
      output[name] += part;
    });
  }
  const [code] = await once(child, "close");
  return { code, ...output };
}
