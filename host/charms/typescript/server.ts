/**
 * The server: `node server.js VERSION PORT DIRECTORY` answers VERSION on 127.0.0.1. Port 0 is any that is free.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

const [version, port, directory] = process.argv.slice(2) as [string, string, string];

const server = createServer((_request, response) => {
  response.setHeader("Connection", "close");
  response.end(version);
});
server.listen(Number(port), "127.0.0.1", () => {
  writeFileSync(join(directory, "server.pid"), String(process.pid));
  writeFileSync(join(directory, "server.port"), String((server.address() as AddressInfo).port));
});
