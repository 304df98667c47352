/**
 * The server: `node server.js VERSION PORT DIRECTORY WARM-UP` answers VERSION on 127.0.0.1 after so many seconds. Port 0 is any that
 * is free.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

type Arguments = [version: string, port: string, directory: string, warmUp: string];

const [version, port, directory, warmUp] = process.argv.slice(2) as Arguments;

const server = createServer((_request, response) => {
  response.setHeader("Connection", "close");
  response.end(version);
});
writeFileSync(join(directory, "server.pid"), String(process.pid));
await setTimeout(Number(warmUp) * 1000);
server.listen(Number(port), "127.0.0.1", () => {
  writeFileSync(join(directory, "server.port"), String((server.address() as AddressInfo).port));
});
