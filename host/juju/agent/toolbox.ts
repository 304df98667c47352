/**
 * The folder of hook tools that goes on a hook's PATH: one client under as many names as Juju has tools.
 *
 * @module
 */

import { execFile, execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AgentError } from "./errors.js";
import type { ToolServer } from "./tool-server.js";

/** The clients are no TypeScript: they stay beside the sources. */
const clients = fileURLToPath(new URL("../../../../../host/juju/agent/tools/", import.meta.url));

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The client that starts in 2 ms; null where there is no bash. */
function bashClient(): string | null {
  try {
    const path = execFileSync("/bin/sh", ["-c", "command -v bash"], { encoding: "utf8" }).trim();
    return `#!${path}\n${readFileSync(join(clients, "client.bash"), "utf8")}`;
  } catch {
    return null;
  }
}

/** The client that starts wherever this program does, in some 65 ms. */
function nodeClient(): string {
  return `#!/bin/sh\nexec ${quote(process.execPath)} ${quote(join(clients, "client.mjs"))} "$0" "$@"\n`;
}

/** Whether a call through this client comes back as it was sent: a bash may be too old, or built without sockets. */
async function works(client: string, server: ToolServer): Promise<boolean> {
  const secret = server.addUnit();
  const odd = "two\nlines, \u00e9 and a 'quote'";
  server.open(secret, "probe", ({ args, stdin }) => ({
    exitCode: args[2] === odd && stdin === odd ? 7 : 1,
    stdout: odd,
    stderr: "",
  }));
  const env = {
    PATH: process.env.PATH,
    JUJU_CONTEXT_ID: "probe",
    JUJU_AGENT_SOCKET_ADDRESS: server.address,
    LOCAL_JUJU_SECRET: secret,
  };
  return await new Promise((resolve) => {
    const child = execFile(client, ["--file", "-", odd], { env }, (error, stdout) => {
      server.removeUnit(secret);
      resolve(error?.code === 7 && stdout === odd);
    });
    child.stdin?.on("error", () => {});
    child.stdin?.end(odd);
  });
}

/**
 * Makes the folder.
 *
 * @param folder where; it is created.
 * @param names of the tools: those of another Juju version are not there, so calling one is "command not found".
 * @param choice which client; by default the fastest that works here.
 * @returns the client that was taken.
 * @throws AgentError `no_tools` if no client works.
 */
export async function makeToolbox(
  folder: string,
  names: Iterable<string>,
  server: ToolServer,
  choice: "bash" | "node" | "fastest" = "fastest",
): Promise<"bash" | "node"> {
  mkdirSync(folder, { recursive: true });
  const client = join(folder, ".client");
  for (const kind of ["bash", "node"] as const) {
    if (choice !== "fastest" && choice !== kind) continue;
    const text = kind === "bash" ? bashClient() : nodeClient();
    if (text === null) continue;
    writeFileSync(client, text);
    chmodSync(client, 0o755);
    if (!(await works(client, server))) continue;
    for (const name of names) symlinkSync(".client", join(folder, name));
    return kind;
  }
  throw new AgentError("no_tools", `no client for hook tools works on this machine (${choice})`);
}
