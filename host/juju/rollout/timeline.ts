/**
 * The timeline at the end of a rollout: a bar for each unit.
 *
 * @module
 */

import type { Downtime } from "./poll.js";

/** A stretch of time in which a unit was in some state. Times are in milliseconds. */
export interface Span {
  readonly unit: string;
  readonly from: number;
  readonly to: number;
}

export interface Timeline {
  readonly units: readonly string[];
  readonly languageOf: (unit: string) => string;
  readonly from: number;
  readonly to: number;
  readonly waiting: readonly Span[];
  readonly operating: readonly Span[];
  readonly down: readonly Downtime[];
}

const width = 60;

/**
 * One line for each unit: `·` nothing, `-` waits, `#` operates, `!` its server is down. What is shorter than a column still
 * fills one.
 */
export function drawTimeline(timeline: Timeline): string[] {
  const scale = width / Math.max(1, timeline.to - timeline.from);
  const column = (time: number) =>
    Math.min(width - 1, Math.max(0, Math.floor((time - timeline.from) * scale)));
  const languages = timeline.units.map(timeline.languageOf);
  const widest = (names: readonly string[]) => Math.max(...names.map(({ length }) => length));
  const [ofUnits, ofLanguages] = [widest(timeline.units), widest(languages)];
  return timeline.units.map((unit, index) => {
    const bar = Array<string>(width).fill("·");
    const layers = [
      ["-", timeline.waiting],
      ["#", timeline.operating],
      ["!", timeline.down],
    ] as const;
    for (const [mark, spans] of layers) {
      for (const span of spans) {
        if (span.unit !== unit) continue;
        for (let at = column(span.from); at <= column(span.to); at++) bar[at] = mark;
      }
    }
    const name = `${unit.padEnd(ofUnits)} ${languages[index]!.padEnd(ofLanguages)}`;
    return `${name}  ${bar.join("")}`;
  });
}
