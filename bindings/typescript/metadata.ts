/**
 * The name of the peer relation, from the charm's own metadata.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "./contract.js";
import { HostError } from "./errors.js";
import { later } from "./later.js";

/**
 * `coordinator` if `metadata.yaml` or `charmcraft.yaml` declares such a peer relation, else the first by name; null if there is
 * none.
 *
 * @throws HostError `bad_metadata` if a file is there and cannot be read.
 */
export function peerRelationName(env: NodeJS.ProcessEnv): string | null {
  const directory = env.JUJU_CHARM_DIR || env.CHARM_DIR || process.cwd();
  for (const file of ["metadata.yaml", "charmcraft.yaml"]) {
    const names = peersIn(join(directory, file));
    if (names.length > 0) return names.includes("coordinator") ? "coordinator" : names.sort()[0]!;
  }
  return null;
}

function peersIn(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new HostError("bad_metadata", `${file} cannot be read: ${error}`);
  }
  // Loading a YAML parser takes as long as a hook tool, so a charm that names its peer relation is spared it.
  const { parse } = later()("yaml") as typeof import("yaml");
  let metadata: unknown;
  try {
    metadata = parse(text);
  } catch (error) {
    throw new HostError("bad_metadata", `${file} is not YAML: ${error}`);
  }
  const peers = isObject(metadata) ? metadata.peers : undefined;
  return isObject(peers) ? Object.keys(peers) : [];
}
