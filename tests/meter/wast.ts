/**
 * Reads the scripts of the WebAssembly specification's test suite (`.wast`): modules, and what is done to them.
 *
 * @module
 */

/** A word, a text, or a list in brackets; `from` and `to` are where it stands in the script. */
export type Node =
  | { readonly kind: "word"; readonly text: string }
  | { readonly kind: "text"; readonly bytes: Uint8Array }
  | { readonly kind: "list"; readonly items: readonly Node[]; readonly source: string };

const TOKEN = /\s+|;;[^\n\r]*|"(?:[^"\\]|\\.)*"|[()]|[^\s()";]+/gy;

/** All forms of a script. @throws Error where it is no list of forms. */
export function readScript(script: string): Node[] {
  const text = withoutComments(script);
  const open: { from: number; items: Node[] }[] = [{ from: 0, items: [] }];
  let end = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (index !== end) break;
    end += token.length;
    const { items } = open.at(-1)!;
    if (/^(\s|;;)/.test(token)) continue;
    if (token === "(") open.push({ from: index, items: [] });
    else if (token === ")") {
      const closed = open.pop()!;
      open.at(-1)!.items.push({
        kind: "list",
        items: closed.items,
        source: text.slice(closed.from, end),
      });
    } else if (token.startsWith('"')) items.push({ kind: "text", bytes: bytesOf(token) });
    else items.push({ kind: "word", text: token });
  }
  if (end !== text.length || open.length !== 1) throw new Error(`cannot read byte ${end}`);
  return open[0]!.items;
}

/** Puts spaces in the place of comments in brackets, which may stand in one another. */
function withoutComments(script: string): string {
  let depth = 0;
  return script.replace(/"(?:[^"\\]|\\.)*"|;;[^\n\r]*|\(;|;\)|[\s\S]/g, (part) => {
    if (part === "(;") depth++;
    const isComment = depth > 0;
    if (part === ";)") depth--;
    return isComment ? " ".repeat(part.length) : part;
  });
}

const ESCAPES: Readonly<Record<string, string>> = {
  t: "\t",
  n: "\n",
  r: "\r",
  '"': '"',
  "'": "'",
  "\\": "\\",
};

function bytesOf(token: string): Uint8Array {
  const parts = token.slice(1, -1).match(/\\u\{[^}]*\}|\\[0-9a-fA-F]{2}|\\.|[^\\]+/g) ?? [];
  return Buffer.concat(
    parts.map((part) => {
      if (!part.startsWith("\\")) return Buffer.from(part);
      if (part.startsWith("\\u")) {
        return Buffer.from(String.fromCodePoint(Number.parseInt(part.slice(3, -1), 16)));
      }
      return part.length === 3
        ? Buffer.from(part.slice(1), "hex")
        : Buffer.from(ESCAPES[part[1]!] ?? "");
    }),
  );
}

/** The word a list begins with. */
export function headOf(node: Node | undefined): string {
  const first = node?.kind === "list" ? node.items[0] : undefined;
  return first?.kind === "word" ? first.text : "";
}

/** A number as JavaScript gives it to WebAssembly; null for what is none, such as a reference. */
export function jsValueOf(node: Node): number | bigint | null {
  const [type, literal] = node.kind === "list" ? node.items : [];
  if (type?.kind !== "word" || literal?.kind !== "word") return null;
  const text = literal.text.replaceAll("_", "");
  if (type.text === "i32.const") return Number(BigInt.asIntN(32, integerOf(text)));
  if (type.text === "i64.const") return BigInt.asIntN(64, integerOf(text));
  return type.text === "f32.const" || type.text === "f64.const" ? floatOf(text) : null;
}

function integerOf(text: string): bigint {
  return text.startsWith("-") ? -BigInt(text.slice(1)) : BigInt(text.replace("+", ""));
}

function floatOf(text: string): number {
  const sign = text.startsWith("-") ? -1 : 1;
  const digits = text.replace(/^[+-]/, "");
  if (digits.startsWith("nan")) return Number.NaN;
  if (digits === "inf") return sign * Number.POSITIVE_INFINITY;
  const hex = /^0x([0-9a-f]*)\.?([0-9a-f]*)(?:p([+-]?\d+))?$/i.exec(digits);
  if (hex === null) return sign * Number(digits);
  const [, whole, part, power] = hex;
  const mantissa = Number(BigInt(`0x${whole}${part}`));
  return sign * mantissa * 2 ** (Number(power ?? 0) - 4 * part!.length);
}
