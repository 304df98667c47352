/**
 * The kinds of charms that the soak runs as real processes. Each does what the sample charm does: when `version` changes it asks for
 * the lock `restart`, says `status-set maintenance "restart: …"` while it operates, and `active` when it serves that version.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

export interface Kind {
  readonly name: string;
  readonly directory: string;
  /** What sets the clock of its programs so many seconds ahead: a part of their environment. */
  readonly clock: (seconds: number) => Readonly<Record<string, string>>;
}

// The compiled file lies in build/js/tests/soak; charms are no TypeScript alone and stay beside the sources.
const charms = new URL("../../../../host/charms/", import.meta.url);

const nodeClock = (seconds: number) => ({
  NODE_OPTIONS: `--import=${new URL("./clock.js", import.meta.url)}`,
  SOAK_SECONDS_AHEAD: String(seconds),
});

/** A line each. */
export const kinds: readonly Kind[] = [
  {
    name: "typescript",
    directory: fileURLToPath(new URL("typescript/", charms)),
    clock: nodeClock,
  },
];
