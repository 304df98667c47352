/**
 * The bench's part `hook`: what a hook costs as a process, by language. Its targets stand here; nothing measures them yet.
 *
 * @module
 */

import { type Findings, type Part, unmeasured } from "../part.js";

const why = "no bench of hooks yet";

export const hook: Part = {
  name: "hook",
  summary: "process time and hook tools of a hook, by language",
  measure: (): Findings => ({
    tables: [],
    targets: [
      unmeasured("hook tools of a bystander", "≤ 4", why),
      unmeasured("hook tools of a leader of N units", "≤ N + 4, and what the core asks for", why),
      unmeasured("bystander in Python, above bare Python", "≤ 5 ms", why),
      unmeasured("bystander in TypeScript, above bare Node", "≤ 4 ms", why),
      unmeasured("bystander in Go, in all", "≤ 15 ms", why),
    ],
    missing: [`hooks as processes: ${why}`],
    data: null,
  }),
};
