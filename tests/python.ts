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

/** Whether tests run Python: where it is missing those who integrate are told by their failure, and all others go without. */
export const runsPython = hasPython || process.env.CI === "true";

/** Options of a test that runs Python. */
export const needsPython = { skip: runsPython ? false : "no virtual environment of Python here" };
