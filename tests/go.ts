/**
 * Whether there are the charms that Go is needed for: `npm test` and `npm start` build them.
 *
 * @module
 */

import { existsSync } from "node:fs";

/** Each is written when its charm is there. */
const stamps = ["go", "bash"].map((name) => new URL(`../../${name}-charm.stamp`, import.meta.url));

/** Whether tests run them: where they are missing those who integrate are told by their failure, and all others go without. */
export const runsGo = stamps.every((stamp) => existsSync(stamp)) || process.env.CI === "true";

/** Options of a test that runs them. */
export const needsGo = { skip: runsGo ? false : "no charms built with Go here" };
