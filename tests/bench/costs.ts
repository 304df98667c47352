/**
 * Costs of vectors in fuel, and what has moved away from a baseline.
 *
 * @module
 */

/** Fuel by vector. */
export type Costs = Readonly<Record<string, number>>;

/** By how many hundredths a vector's cost may differ from its baseline, either way. */
const TOLERANCE = 3;

/** A vector whose cost is not that of the baseline; undefined on the side where it is missing. */
export interface Moved {
  readonly name: string;
  readonly now: number | undefined;
  readonly before: number | undefined;
}

export function moved(costs: Costs, baseline: Costs): Moved[] {
  const names = new Set([...Object.keys(costs), ...Object.keys(baseline)]);
  return [...names]
    .map((name) => ({ name, now: costs[name], before: baseline[name] }))
    .filter(
      ({ now, before }) =>
        now === undefined ||
        before === undefined ||
        Math.abs(now - before) * 100 > before * TOLERANCE,
    );
}

/** What a person needs to see why the test failed, and what to do if that is wanted. Empty if nothing has moved. */
export function movedLines(all: readonly Moved[]): string[] {
  if (all.length === 0) return [];
  return [
    ...all.map(lineOf),
    "If that is wanted: REWRITE=1 node --test build/js/tests/bench/cost.test.js",
  ];
}

function lineOf({ name, now, before }: Moved): string {
  if (now === undefined) return `${name}: a baseline, and no vector`;
  if (before === undefined) return `${name}: ${now.toLocaleString("en")}, and no baseline`;
  const change = (now / before - 1) * 100;
  const sign = change > 0 ? "+" : "";
  const [found, expected] = [now, before].map((fuel) => fuel.toLocaleString("en"));
  return `${name}: ${found} instead of ${expected} (${sign}${change.toFixed(1)} %)`;
}
