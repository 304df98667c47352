/**
 * Texts that are JSON, or nearly: all that its grammar allows and writers seldom write, and then perhaps one byte of it wrong.
 *
 * @module
 */

import fc from "fast-check";

const space = fc.constantFrom("", "", "", " ", "\t", "\r\n", "\u00a0");

const number = fc.oneof(
  fc.integer().map(String),
  fc.double().map(String),
  fc.constantFrom(
    "0",
    "-0",
    "1",
    "2",
    "1e999",
    "-1E-999",
    "0.1e+1",
    "01",
    "1.",
    ".5",
    "+1",
    "NaN",
    "1e",
  ),
  fc.constantFrom("9007199254740993", "18446744073709551616", "-9223372036854775809"),
);

const piece = fc.constantFrom(
  ..."abé𐀀\u007f\u2028".split(""),
  ...'\\n|\\u0041|\\u00e9|\\ud800\\udc00|\\ud800|\\udc00|\\u00|\\x|\\/|\\"|\\\\'.split("|"),
  "restart",
  "app/1",
  "𐀀",
  "\ufeff",
);

const string = fc.oneof(
  fc.array(piece, { maxLength: 4 }).map((pieces) => `"${pieces.join("")}"`),
  fc.string({ maxLength: 8 }).map((text) => JSON.stringify(text)),
);

const key = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('"a"', '"b"', '"v"') },
  { weight: 2, arbitrary: string },
);

/** One JSON text, or nearly. */
export const json: fc.Arbitrary<string> = fc.letrec<{
  value: string;
  list: string;
  object: string;
}>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.constantFrom("null", "true", "false", "nul", "True"),
    number,
    string,
    tie("list"),
    tie("object"),
  ),
  list: fc
    .tuple(fc.array(tie("value"), { maxLength: 4 }), space)
    .map(([items, gap]) => `[${gap}${items.join(`${gap},`)}]`),
  object: fc
    .tuple(fc.array(fc.tuple(key, tie("value")), { maxLength: 4 }), space)
    .map(
      ([members, gap]) =>
        `{${members.map(([name, value]) => `${name}${gap}:${value}`).join(",")}${gap}}`,
    ),
})).value;

/** The same inside so many brackets; 64 are allowed. */
export const deep = fc
  .tuple(
    json,
    fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 56, max: 70 }), fc.constant(2000)),
  )
  .map(([text, depth]) => `${"[".repeat(depth)}${text}${"]".repeat(depth)}`);

/** What may befall bytes on their way. `at` is a part of their length, from 0 to 1. */
export interface Damage {
  readonly kind: "none" | "cut" | "change" | "insert" | "repeat";
  readonly at: number;
  readonly byte: number;
}

export const damage: fc.Arbitrary<Damage> = fc.record({
  kind: fc.constantFrom("none", "none", "cut", "change", "insert", "repeat"),
  at: fc.integer({ min: 0, max: 999 }).map((part) => part / 1000),
  byte: fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(0, 0x22, 0x5c, 0x7b, 0x7d, 0xc0, 0xed, 0xff),
  ),
});

/** The bytes after that. */
export function damaged(text: string, { kind, at, byte }: Damage): Buffer {
  const bytes = Buffer.from(text);
  const place = Math.floor(at * bytes.length);
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (kind) {
    case "cut":
      return Buffer.from(before);
    case "change":
      return Buffer.concat([before, Buffer.of(byte), after.subarray(1)]);
    case "insert":
      return Buffer.concat([before, Buffer.of(byte), after]);
    case "repeat":
      return Buffer.concat([before, after.subarray(0, 8), after]);
    default:
      return bytes;
  }
}
