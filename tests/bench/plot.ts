/**
 * Draws curves of milliseconds by units as an SVG, both axes logarithmic; readable on a light and on a dark page.
 *
 * @module
 */

import type { Curve } from "./part.js";

const width = 820;
const height = 460;
/** The room around the plot: axis labels on the left and below, names of the curves on the right. */
const room = { left: 76, right: 190, top: 44, bottom: 56 };

/** Colours that people who see few of them can still tell apart, and on white and black alike; and a dash, for print. */
const strokes = [
  { light: "#0072b2", dark: "#56b4e9", dash: "" },
  { light: "#009e73", dark: "#2fc49b", dash: "2 4" },
  { light: "#6b6b6b", dark: "#b0b0b0", dash: "8 4" },
  { light: "#b8860b", dark: "#e6b422", dash: "12 3 2 3" },
  { light: "#a0408a", dark: "#e08cc8", dash: "5 3" },
  { light: "#c04000", dark: "#ff8a4c", dash: "1 3" },
];

/** Least distance between the names of two curves. */
const line = 18;

interface Range {
  readonly from: number;
  readonly to: number;
}

/** The decades that hold all values. */
function decades(values: readonly number[]): Range {
  return {
    from: Math.floor(Math.log10(Math.min(...values))),
    to: Math.ceil(Math.log10(Math.max(...values))),
  };
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

const place = (value: number): string => value.toFixed(1);

/** @param curves at least one, each with at least one point; all values greater than 0. */
export function plot(title: string, curves: readonly Curve[]): string {
  const points = curves.flatMap((curve) => curve.points);
  const units = decades(points.map((point) => point.units));
  const times = decades(points.map((point) => point.milliseconds));
  const x = (value: number): number =>
    room.left +
    ((Math.log10(value) - units.from) / Math.max(1, units.to - units.from)) *
      (width - room.left - room.right);
  const y = (value: number): number =>
    height -
    room.bottom -
    ((Math.log10(value) - times.from) / Math.max(1, times.to - times.from)) *
      (height - room.top - room.bottom);
  const parts = [
    `<text class="head" x="${room.left}" y="24">${escaped(title)}</text>`,
    ...axes(units, times, x, y),
    ...curves.map((curve, at) => curveOf(curve, at, x, y)),
    ...namesOf(curves, y),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, DejaVu Sans, sans-serif" font-size="13" role="img" aria-labelledby="title">
  <title id="title">${escaped(title)}</title>
  <style>
${styles(curves.length)}
  </style>
  <rect class="paper" width="${width}" height="${height}"/>
${parts.map((part) => `  ${part}\n`).join("")}</svg>
`;
}

function styles(curves: number): string {
  const used = strokes.slice(0, curves);
  const colours = (which: "light" | "dark", indent: string): string =>
    used
      .map((stroke, at) => {
        const colour = stroke[which];
        return `${indent}.c${at} { stroke: ${colour} } .m${at} { fill: ${colour} }`;
      })
      .join("\n");
  const dashes = used
    .map(({ dash }, at) => `    .c${at} { stroke-dasharray: ${dash || "none"} }`)
    .join("\n");
  return `    .paper { fill: #fff } text { fill: #222 } .grid { stroke: #ddd } .axis { stroke: #555 }
    .curve { fill: none; stroke-width: 2 } .head { font-weight: bold; font-size: 15px }
${dashes}
${colours("light", "    ")}
    @media (prefers-color-scheme: dark) {
      .paper { fill: #0d1117 } text { fill: #e6e6e6 } .grid { stroke: #30363d } .axis { stroke: #9aa0a6 }
${colours("dark", "      ")}
    }`;
}

type Scale = (value: number) => number;

function axes(units: Range, times: Range, x: Scale, y: Scale): string[] {
  const [left, bottom] = [room.left, height - room.bottom];
  const right = width - room.right;
  const parts: string[] = [];
  for (let power = units.from; power <= units.to; power++) {
    const at = place(x(10 ** power));
    const label = (10 ** power).toLocaleString("en-GB");
    parts.push(`<path class="grid" d="M${at} ${room.top}V${bottom}"/>`);
    parts.push(`<text x="${at}" y="${bottom + 18}" text-anchor="middle">${label}</text>`);
  }
  for (let power = times.from; power <= times.to; power++) {
    const at = place(y(10 ** power));
    const label = (10 ** power).toLocaleString("en-GB", { maximumFractionDigits: 6 });
    parts.push(`<path class="grid" d="M${left} ${at}H${right}"/>`);
    parts.push(`<text x="${left - 8}" y="${at}" dy="4" text-anchor="end">${label}</text>`);
  }
  const middle = (room.top + bottom) / 2;
  return [
    ...parts,
    `<path class="axis" fill="none" d="M${left} ${room.top}V${bottom}H${right}"/>`,
    `<text x="${(left + right) / 2}" y="${height - 14}" text-anchor="middle">units (logarithmic)</text>`,
    `<text transform="translate(18 ${middle}) rotate(-90)" text-anchor="middle">milliseconds (logarithmic)</text>`,
  ];
}

function curveOf({ points }: Curve, at: number, x: Scale, y: Scale): string {
  const places = points.map(({ units, milliseconds }) => [place(x(units)), place(y(milliseconds))]);
  const path = places.map(([px, py], index) => `${index === 0 ? "M" : "L"}${px} ${py}`).join("");
  const marks = places.map(([px, py]) => `<circle class="m${at}" cx="${px}" cy="${py}" r="3"/>`);
  return `<path class="curve c${at}" d="${path}"/>${marks.join("")}`;
}

/** The names on the right, each as near to where its curve ends as the others leave room. */
function namesOf(curves: readonly Curve[], y: Scale): string[] {
  const ends = curves
    .map(({ name, points }, at) => ({ name, at, y: y(points.at(-1)!.milliseconds) }))
    .sort((a, b) => a.y - b.y);
  const parts: string[] = [];
  let last = room.top - line;
  for (const end of ends) {
    last = Math.max(end.y, last + line);
    const left = width - room.right + 12;
    const key = `<path class="curve c${end.at}" d="M${left} ${place(last)}h26"/>`;
    const name = `<text x="${left + 32}" y="${place(last)}" dy="4">${escaped(end.name)}</text>`;
    parts.push(key + name);
  }
  return parts;
}
