/**
 * Prints for people: columns that stand below each other, and colours on a terminal.
 *
 * @module
 */

export const green = paint(32);
export const yellow = paint(33);
export const red = paint(31);

function paint(code: number): (text: string) => string {
  return (text) => (hasColours() ? `\u001b[${code}m${text}\u001b[0m` : text);
}

function hasColours(): boolean {
  return process.stdout.isTTY === true && (process.env.NO_COLOR ?? "") === "";
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One line of JSON, for machines. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}

/** A line for each row, with columns below each other; the first is painted. */
export function table(
  rows: readonly (readonly string[])[],
  paintOf: (row: readonly string[]) => (text: string) => string = () => String,
): string[] {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => [...(row[at] ?? "")].length)),
  );
  return rows.map((row) => {
    const [first = "", ...others] = row.map(
      (cell, at) => cell + " ".repeat(widths[at]! - [...cell].length),
    );
    return [paintOf(row)(first), ...others].join("  ").trimEnd();
  });
}

export function printTable(...[rows, paintOf]: Parameters<typeof table>): void {
  for (const line of table(rows, paintOf)) print(line);
}

/** `81,387`. */
export function count(value: number | bigint): string {
  return value.toLocaleString("en-GB");
}

/** What a policy used of the fuel that each operation has; `""` for what has none. */
export function fuelText(used: bigint | null): string {
  return used === null ? "" : `${count(used)} of 100,000,000 fuel`;
}
