/**
 * How much time has passed.
 *
 * @module
 */

/** Milliseconds since some moment, by the monotonic clock. The global `performance` would say the same, and takes five of them to be loaded. */
export function milliseconds(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/**
 * Seconds that never go back and never stand still while the machine sleeps: of the time that the monotonic clock and the wall
 * clock say has passed since the last look, the longer one counts. Too long is the safe side: it only makes a leader ask again.
 */
export class Clock {
  #elapsed = 0;
  #monotonic = milliseconds();
  #wall = Date.now();

  seconds(): number {
    const monotonic = milliseconds();
    const wall = Date.now();
    this.#elapsed += Math.max(monotonic - this.#monotonic, wall - this.#wall);
    this.#monotonic = monotonic;
    this.#wall = wall;
    return this.#elapsed / 1000;
  }
}
