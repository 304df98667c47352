/**
 * Tables as text for a terminal, and as Markdown.
 *
 * @module
 */

import type { Table, Target } from "./part.js";

export function inText({ title, head, rows }: Table): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const lines = all.map((row) => row.map((cell, at) => cell.padEnd(widths[at]!)).join("  "));
  return `${title}\n${lines.map((line) => `  ${line.trimEnd()}\n`).join("")}`;
}

export function inMarkdown({ head, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  return line(head) + line(head.map(() => "---")) + rows.map(line).join("");
}

/** All targets with their state. */
export function targetTable(targets: readonly Target[]): Table {
  return {
    title: "Targets",
    head: ["what", "target", "found", "state"],
    rows: targets.map(({ what, target, found, state }) => [what, target, found, state]),
  };
}
