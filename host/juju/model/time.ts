/**
 * The simulated clock's formats: microseconds since 1970 in, UTC text out.
 *
 * @module
 */

/** `2026-11-22 09:52:56.123456Z` */
export function microsecondText(time: number): string {
  const iso = new Date(Math.floor(time / 1000)).toISOString();
  const fraction = String(((time % 1_000_000) + 1_000_000) % 1_000_000).padStart(6, "0");
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}.${fraction}Z`;
}

/** `2026-11-22 09:52:56Z`, as goal-state and status-get write it. */
export function secondText(time: number): string {
  return `${microsecondText(time).slice(0, 19)}Z`;
}
