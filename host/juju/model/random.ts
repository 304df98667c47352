/**
 * A small seeded random number generator (mulberry32) whose whole state is one number, so that it can live in plain data.
 *
 * @module
 */

/** The generator's state; every draw replaces `value`. */
export interface Random {
  value: number;
}

/** @param seed any integer; equal seeds give equal sequences. */
export function seeded(seed: number): Random {
  return { value: seed >>> 0 };
}

/** The next unsigned 32-bit integer. */
export function draw(random: Random): number {
  random.value = (random.value + 0x6d2b79f5) >>> 0;
  let mixed = random.value;
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return (mixed ^ (mixed >>> 14)) >>> 0;
}

/** An integer from 0 up to, not including, `limit`. */
export function below(random: Random, limit: number): number {
  return Math.floor((draw(random) / 0x100000000) * limit);
}

/** One item of a list that is not empty. */
export function pick<T>(random: Random, items: readonly T[]): T {
  return items[below(random, items.length)]!;
}
