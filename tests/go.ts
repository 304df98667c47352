/**
 * Whether there are the charms that Go is needed for: `npm test` and `npm start` build them.
 *
 * @module
 */

import { existsSync } from "node:fs";

/** Each is written when its charm is there. */
const stamps = ["go", "bash"].map((name) => new URL(`../../${name}-charm.stamp`, import.meta.url));

/** Options of a test that runs them; where they are missing those who integrate are told, and all others go without. */
export const needsGo = {
  skip:
    stamps.every((stamp) => existsSync(stamp)) || process.env.CI === "true"
      ? false
      : "no charms built with Go here",
};
