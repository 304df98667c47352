/**
 * Loaded before a charm that runs in Node: its unit's clock is so many seconds ahead (negative: behind) as the environment says.
 *
 * @module
 */

const ahead = Number(process.env.SOAK_SECONDS_AHEAD ?? 0) * 1000;
const Real = Date;

class SkewedDate extends Real {
  constructor(...given: [] | [number | string | Date]) {
    if (given.length === 0) super(Real.now() + ahead);
    else super(given[0]);
  }

  static override now(): number {
    return Real.now() + ahead;
  }
}

globalThis.Date = SkewedDate as DateConstructor;
