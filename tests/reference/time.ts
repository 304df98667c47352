/**
 * Times as the units write them, `2026-11-22 09:52:56.123456Z`, and as numbers of microseconds.
 *
 * @module
 */

/** Microseconds since 1970. */
export function microseconds(text: string): bigint {
  const seconds = Date.parse(`${text.slice(0, 10)}T${text.slice(11, 19)}Z`);
  return BigInt(seconds) * 1000n + BigInt(text.slice(20, 26));
}

/** Whether so many seconds have passed since a time. */
export function havePassed(seconds: number, since: string, now: string): boolean {
  return microseconds(since) + BigInt(seconds) * 1_000_000n <= microseconds(now);
}

/** The earlier of two. */
export const earlier = (a: string, b: string): string => (a < b ? a : b);
