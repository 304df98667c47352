/**
 * Whether there is Python to test with: the virtual environment that `npm test` and `npm start` make.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = new URL("../../../.venv/", import.meta.url);

/** The interpreter. */
export const python = fileURLToPath(new URL("bin/python", folder));

/** The file is written when everything is installed. */
export const hasPython = existsSync(new URL("stamp", folder));

/** Options of a test that runs Python; where it is missing those who integrate are told, and all others go without. */
export const needsPython = {
  skip: hasPython || process.env.CI === "true" ? false : "no virtual environment of Python here",
};
