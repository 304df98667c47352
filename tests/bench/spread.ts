/**
 * Numbers with their spread, and how people read them.
 *
 * @module
 */

/** Half of all samples lie between `low` and `high`. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** @param samples at least one. */
export function spreadOf(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.round((sorted.length - 1) * part)]!;
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** Three digits that count, and no more than needed: `0.012`, `1.5`, `340`, `12,000`. */
export function figure(value: number): string {
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  const rounded = Number(value.toPrecision(3));
  return value >= 1000 ? rounded.toLocaleString("en-GB") : rounded.toFixed(Math.min(digits, 4));
}

/** `0.92 (0.90 to 0.95)`. */
export function withSpread({ median, low, high }: Spread): string {
  return low === high ? figure(median) : `${figure(median)} (${figure(low)} to ${figure(high)})`;
}

/** `1,000`. */
export const count = (value: number): string => value.toLocaleString("en-GB");

/** Counts with their spread, every digit of them. */
export function countsWithSpread({ median, low, high }: Spread): string {
  return low === high ? count(median) : `${count(median)} (${count(low)} to ${count(high)})`;
}
