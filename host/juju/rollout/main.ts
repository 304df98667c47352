/**
 * The main job: `npm start`. Prints progress, a timeline and one line of summary.
 *
 * @module
 */

import type { SetUps } from "./languages.js";
import { OptionError, readOptions, usage } from "./options.js";
import { type Plan, planOf } from "./plan.js";
import { type Report, Rollout, type Say, type Summary } from "./rollout.js";
import { drawTimeline } from "./timeline.js";

const colours = { plain: "", good: "32", busy: "33", bad: "31" };
const escapeCode = String.fromCharCode(27);

/** Prints lines, coloured on a terminal unless NO_COLOR is set. */
function printer(stream: NodeJS.WriteStream): Say {
  const coloured = stream.isTTY && !process.env.NO_COLOR;
  return (line, kind) => {
    const colour = coloured ? colours[kind] : "";
    stream.write(colour === "" ? `${line}\n` : `${escapeCode}[${colour}m${line}${escapeCode}[0m\n`);
  };
}

function sentence(summary: Summary): string {
  const { units, rolled, maxHolders, maxDown, hooks, hookTools, seconds, violations } = summary;
  return (
    `${rolled} of ${units} units rolled, at most ${maxHolders} holding and ${maxDown} down at once, ` +
    `${hooks} hooks, ${hookTools} hook tools, ${seconds} s, ${violations} violations`
  );
}

/** Resolves when this process is told to end, with its exit code. */
function interrupted(): Promise<number> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve(130));
    process.once("SIGTERM", () => resolve(143));
  });
}

/** @returns the exit code */
function show(report: Report, { json }: Plan, say: Say): number {
  const { summary, violations, timeline } = report;
  say("", "plain");
  for (const line of drawTimeline(timeline)) say(line, "plain");
  say("· serves   - waits   # restarts   ! down", "plain");
  say("", "plain");
  for (const violation of violations) say(`violation: ${violation}`, "bad");
  const good = summary.violations === 0 && summary.rolled === summary.units;
  say(sentence(summary), good ? "good" : "bad");
  if (json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  return good ? 0 : 1;
}

/** @returns null if only help was asked for. @throws OptionError */
function prepare(args: readonly string[], setUps: SetUps): { plan: Plan; say: Say } | null {
  const options = readOptions(args);
  if (options === null) return null;
  const say = printer(options.json ? process.stderr : process.stdout);
  return { plan: planOf(options, setUps, (line) => say(line, "busy")), say };
}

/**
 * Runs the command.
 *
 * @param setUps what the languages of charms need.
 * @returns the exit code: 0, 1 (violations, or not all rolled), 2 (a wrong option), 130 or 143 (interrupted).
 */
export async function main(args: readonly string[], setUps: SetUps): Promise<number> {
  let prepared: ReturnType<typeof prepare>;
  try {
    prepared = prepare(args, setUps);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    process.stderr.write(`${error.message}; see npm start -- --help\n`);
    return 2;
  }
  if (prepared === null) {
    process.stdout.write(usage);
    return 0;
  }
  const { plan, say } = prepared;
  const rollout = new Rollout(plan, say);
  const stopped = interrupted();
  try {
    const report = await Promise.race([rollout.run(), stopped]);
    if (typeof report === "number") return report;
    const code = show(report, plan, say);
    if (!plan.keepGoing) return code;
    for (const [unit, port] of rollout.ports) say(`${unit}: http://127.0.0.1:${port}/`, "plain");
    say("the servers run until Ctrl-C", "plain");
    return await stopped;
  } finally {
    await rollout.stop();
  }
}
