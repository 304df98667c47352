/**
 * A hook tool where there is no bash that can open a socket: does what client.bash does, in a Node process.
 *
 * Its first argument is the tool's path, the others are the tool's own.
 *
 * @module
 */

import { createConnection } from "node:net";
import { basename } from "node:path";

const [tool, ...args] = process.argv.slice(2);
const { JUJU_CONTEXT_ID, JUJU_AGENT_SOCKET_ADDRESS, LOCAL_JUJU_SECRET } = process.env;

function fail(message) {
  process.stderr.write(`ERROR ${message}\n`);
  process.exit(1);
}

function connect(fields) {
  const [host, port] = JUJU_AGENT_SOCKET_ADDRESS.split(":");
  const socket = createConnection({ host, port: Number(port) });
  socket.on("error", () =>
    fail(`dial tcp ${JUJU_AGENT_SOCKET_ADDRESS}: connect: connection refused`),
  );
  socket.write([LOCAL_JUJU_SECRET, ...fields, ""].join("\0"));
  return socket;
}

if (!JUJU_CONTEXT_ID) fail("JUJU_CONTEXT_ID not set");
if (!JUJU_AGENT_SOCKET_ADDRESS) fail("JUJU_AGENT_SOCKET_ADDRESS not set");

let answer = Buffer.alloc(0);
let asked = false;
const socket = connect([
  "call",
  JUJU_CONTEXT_ID,
  process.cwd(),
  basename(tool),
  String(args.length),
  ...args,
]);
socket.on("data", (chunk) => {
  answer = Buffer.concat([answer, chunk]);
  const end = answer.indexOf("\n");
  if (asked || end < 0 || !answer.subarray(0, end).toString().startsWith("stdin ")) return;
  asked = true;
  const ticket = answer.subarray("stdin ".length, end).toString();
  answer = answer.subarray(end + 1);
  process.stdin.pipe(connect(["stdin", ticket]));
});
socket.on("end", () => {
  const end = answer.indexOf("\n");
  if (end < 0) fail("the local Juju closed the connection");
  const [exitCode, stderrBytes] = answer.subarray(0, end).toString().split(" ").map(Number);
  const body = answer.subarray(end + 1);
  process.exitCode = exitCode;
  process.stderr.write(body.subarray(0, stderrBytes));
  process.stdout.write(body.subarray(stderrBytes));
  socket.destroy();
});
