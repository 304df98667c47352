/**
 * The parts of the bench, in the order in which they are told.
 *
 * @module
 */

import { decision } from "./decision/part.js";
import { hook } from "./hook/part.js";
import type { Part } from "./part.js";
import { rollout } from "./rollout/part.js";
import { size } from "./size.js";

export const parts: readonly Part[] = [decision, hook, rollout, size];
