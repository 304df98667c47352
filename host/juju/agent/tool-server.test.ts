import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ToolServer } from "./tool-server.js";
import { makeToolbox } from "./toolbox.js";

interface Ran {
  exitCode: number | null;
  stdout: Buffer;
  stderr: string;
}

/** Every test runs with both clients: a machine has the one or the other. */
for (const client of ["bash", "node"] as const) {
  describe(`a hook tool by the ${client} client`, () => {
    let server: ToolServer;
    let folder: string;
    let secret: string;

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), "local-juju-"));
      server = await ToolServer.listen();
      secret = server.addUnit();
      await makeToolbox(folder, ["relation-get", "relation-set"], server, client);
    });

    after(async () => {
      await server.stop();
      rmSync(folder, { recursive: true });
    });

    function tool(
      name: string,
      args: string[],
      { stdin = "", context = "app/0-start-1", environment = {} } = {},
    ): Promise<Ran> {
      const child = spawn(join(folder, name), args, {
        env: {
          PATH: process.env.PATH,
          JUJU_CONTEXT_ID: context,
          JUJU_AGENT_SOCKET_ADDRESS: server.address,
          LOCAL_JUJU_SECRET: secret,
          ...environment,
        },
      });
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      child.stdout.on("data", (chunk) => out.push(chunk));
      child.stderr.on("data", (chunk) => err.push(chunk));
      child.stdin.on("error", () => {});
      child.stdin.end(stdin);
      return new Promise((resolve) => {
        child.on("close", (exitCode) =>
          resolve({ exitCode, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() }),
        );
      });
    }

    test("passes its name and arguments, and gives back exit code, output and errors", async () => {
      server.open(secret, "app/0-start-1", ({ name, args }) => ({
        exitCode: 2,
        stdout: `${name} ${args.join(",")}\n`,
        stderr: "ERROR permission denied\n",
      }));
      const { exitCode, stdout, stderr } = await tool("relation-get", ["-", "app/1"]);
      assert.equal(exitCode, 2);
      assert.equal(stdout.toString(), "relation-get -,app/1\n");
      assert.equal(stderr, "ERROR permission denied\n");
    });

    test("keeps odd arguments: empty, lines, quotes, escapes, options of other programs", async () => {
      const odd = [
        "",
        "a\nb\n",
        "'\"$HOME`id`",
        "\\n\\0%s",
        "-n",
        "--",
        "é😀",
        "x".repeat(100_000),
      ];
      let seen: readonly string[] = [];
      server.open(secret, "app/0-start-1", ({ args }) => {
        seen = args;
        return { exitCode: 0, stdout: "", stderr: "" };
      });
      assert.equal((await tool("relation-set", odd)).exitCode, 0);
      assert.deepEqual(seen, odd);
    });

    test("keeps odd output: no last newline, many, a NUL, much", async () => {
      for (const text of ["", "a", "a\n\n\n", "a\0b\0", "\n", "é".repeat(50_000)]) {
        server.open(secret, "app/0-start-1", () => ({
          exitCode: 0,
          stdout: text,
          stderr: text && "warn\n",
        }));
        const { stdout, stderr } = await tool("relation-get", []);
        assert.equal(stdout.toString(), text);
        assert.equal(stderr, text && "warn\n");
      }
    });

    test("reads standard input when told to, and only then", async () => {
      const seen: (string | null)[] = [];
      server.open(secret, "app/0-start-1", ({ stdin }) => {
        seen.push(stdin);
        return { exitCode: 0, stdout: "", stderr: "" };
      });
      const document = `${JSON.stringify({ key: "a\nb\0é" })}\n\n${"x".repeat(200_000)}`;
      await tool("relation-set", ["--file", "-"], { stdin: document });
      await tool("relation-set", ["--file=-"], { stdin: "" });
      await tool("relation-set", ["key=value"], { stdin: "not mine" });
      assert.deepEqual(seen, [document, "", null]);
    });

    test("is refused when its hook is over, or another one runs", async () => {
      const answer = () => ({ exitCode: 0, stdout: "secret", stderr: "" });
      server.open(secret, "app/0-stop-2", answer);
      const wrong = await tool("relation-get", []);
      assert.equal(wrong.exitCode, 1);
      assert.equal(
        wrong.stderr,
        'ERROR bad request: expected context id "app/0-stop-2", got "app/0-start-1"\n',
      );
      server.close(secret);
      const over = await tool("relation-get", []);
      assert.equal(over.exitCode, 1);
      assert.match(over.stderr, /^ERROR dial tcp .*: connect: connection refused\n$/);
      assert.equal(over.stdout.toString(), "");
    });

    test("learns nothing without the secret of a unit", async () => {
      server.open(secret, "app/0-start-1", () => ({ exitCode: 0, stdout: "secret", stderr: "" }));
      const { exitCode, stdout } = await tool("relation-get", [], {
        environment: { LOCAL_JUJU_SECRET: "guessed" },
      });
      assert.equal(exitCode, 1);
      assert.equal(stdout.toString(), "");
    });

    test("says what is missing outside a hook", async () => {
      const { exitCode, stderr } = await tool("relation-get", [], { context: "" });
      assert.equal(exitCode, 1);
      assert.equal(stderr, "ERROR JUJU_CONTEXT_ID not set\n");
    });

    test("is there under the names asked for", () => {
      const names = readdirSync(folder).filter((name) => !name.startsWith("."));
      assert.deepEqual(names.sort(), ["relation-get", "relation-set"]);
    });
  });
}
