// Compiles AssemblyScript by a target of asconfig.json. On the way each `t("…")` in assembly/ (a fixed ASCII text, see
// assembly/json/word.ts) becomes a place in one row of bare bytes: a string literal would stand in the module as UTF-16, behind
// a header, once for every use.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import asc, { libraryFiles } from "assemblyscript/asc";
import { Shrink } from "./shrink.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const WORD = path.join(ROOT, "assembly", "json", "word.ts");
/** What each target of asconfig.json compiles. */
const ENTRIES = {
  release: "assembly/core/index.ts",
  debug: "assembly/core/index.ts",
  meter: "assembly/meter/index.ts",
};
const CALL = /\bt\(\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'),?\s*\)/g;
/** A word is address and length in one number; up to here it stands in three bytes of an instruction. */
const LENGTH_BITS = 7;
const LONGEST = (1 << LENGTH_BITS) - 1;

function textOf(literal) {
  return literal.slice(1, -1).replace(/\\(.)/g, (_, c) => (c === "n" ? "\n" : c));
}

/** How many bytes at the end of one text are the beginning of another. */
function overlap(row, text) {
  let length = text.length;
  while (!row.endsWith(text.slice(0, length))) length -= 1;
  return length;
}

/** All texts of all sources in one, each text once; a text that stands within another, or across two, costs nothing. */
async function rowOfWords() {
  const names = await readdir(path.join(ROOT, "assembly"), { recursive: true });
  const texts = new Set();
  for (const name of names.filter(
    (n) => n.endsWith(".ts") && path.join(ROOT, "assembly", n) !== WORD,
  )) {
    const source = await readFile(path.join(ROOT, "assembly", name), "utf8");
    for (const [, literal] of source.matchAll(CALL)) {
      const text = textOf(literal);
      if (text.length === 0 || text.length > LONGEST || /[^\n -~]/.test(text))
        throw new Error(`assembly/${name}: t(${literal}) is not 1 to ${LONGEST} bytes of ASCII`);
      texts.add(text);
    }
  }
  const left = [...texts]
    .sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
    .filter((text, i, all) => !all.slice(0, i).some((longer) => longer.includes(text)));
  let row = "";
  while (left.length > 0) {
    const overlaps = left.map((text) => overlap(row, text));
    const [next] = left.splice(overlaps.indexOf(Math.max(...overlaps)), 1);
    row += next.slice(overlap(row, next));
  }
  return row;
}

function withWords(source, file, row) {
  if (file === WORD) {
    const bytes = [...Buffer.from(row, "latin1")].join(",");
    return `${source}\nexport const WORDS: usize = memory.data<u8>([${bytes}], 1);\n`;
  }
  const used = source.replace(CALL, (_, literal) => {
    const text = textOf(literal);
    return `(((<u32>WORDS + ${row.indexOf(text)}) << ${LENGTH_BITS}) | ${text.length})`;
  });
  if (used === source) return source;
  const from = path
    .relative(path.dirname(file), WORD)
    .replaceAll(path.sep, "/")
    .replace(/\.ts$/, "");
  return `${used}\nimport { WORDS } from "${from.startsWith(".") ? from : `./${from}`}";\n`;
}

async function readIfThere(file) {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (["ENOENT", "EISDIR", "ENOTDIR"].includes(error.code)) return null;
    throw error;
  }
}

/**
 * Compiles one target; throws with asc's own text when it does not compile.
 *
 * @param edit is given each source of assembly/ (null for one that is not there) and returns what is compiled in its place.
 */
export async function compile(target, extra = [], edit = (_name, source) => source) {
  const row = await rowOfWords();
  const readSource = async (name, baseDir) => {
    const file = path.resolve(baseDir, name);
    const isOurs = file.startsWith(path.join(ROOT, "assembly") + path.sep) && file.endsWith(".ts");
    const source = await readIfThere(file);
    if (!isOurs) return source;
    const edited = edit(path.relative(ROOT, file).replaceAll(path.sep, "/"), source);
    return edited === null ? null : withWords(edited, file, row);
  };
  // Files at the top of the library are global without decorators, which Biome cannot parse on functions.
  for (const name of ["arena", "array"])
    libraryFiles[name] = await readFile(
      path.join(ROOT, "assembly", "runtime", `${name}.ts`),
      "utf8",
    );
  libraryFiles["rt/index-stub"] = "";
  const args = [
    ENTRIES[target],
    ...["--config", "asconfig.json", "--target", target, "--baseDir", ROOT],
    ...extra,
  ];
  const { error, stderr } = await asc.main(args, {
    readFile: readSource,
    transforms: [new Shrink()],
  });
  if (error) throw new Error(`asc: ${error.message}\n${stderr.toString()}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await compile(process.argv[2] ?? "release", process.argv.slice(3));
}
