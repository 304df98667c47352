// Compiles AssemblyScript by a target of asconfig.json. On the way each `t("…")` in assembly/ (a fixed ASCII text, see
// assembly/json/word.ts) becomes a place in one row of bare bytes: a string literal would stand in the module as UTF-16, behind
// a header, once for every use.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import asc, { libraryFiles } from "assemblyscript/asc";
import { Hints, shrink } from "./shrink.mjs";
import { layOut, pack } from "./words.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const WORD = path.join(ROOT, "assembly", "json", "word.ts");
/** What each target of asconfig.json compiles. */
const ENTRIES = {
  release: "assembly/core/index.ts",
  seeded: "assembly/core/index.ts",
  debug: "assembly/core/index.ts",
  meter: "assembly/meter/index.ts",
};
const POLICIES = "assembly/policies";
const CALL = /\bt\(\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'),?\s*\)/g;
function textOf(literal) {
  return literal.slice(1, -1).replace(/\\(.)/g, "$1");
}

/** A source and all sources of assembly/ that it imports. */
async function sourcesOf(entry) {
  const found = new Map();
  const visit = async (file) => {
    if (found.has(file)) return;
    const source = await readFile(file, "utf8");
    found.set(file, source);
    for (const [, name] of source.matchAll(/\bfrom "(\.[^"]*)"/g))
      await visit(path.resolve(path.dirname(file), `${name}.ts`));
  };
  await visit(entry);
  return found;
}

/** All texts that a module may have, each once. */
async function textsOf(entry) {
  const texts = new Set();
  for (const [file, source] of await sourcesOf(path.join(ROOT, entry))) {
    if (file === WORD) continue;
    for (const [, literal] of source.matchAll(CALL)) {
      const text = textOf(literal);
      if (!/^[ -~]+$/.test(text))
        throw new Error(`${path.relative(ROOT, file)}: t(${literal}) is not ASCII`);
      texts.add(text);
    }
  }
  return [...texts].sort();
}

/** word.ts with the packed texts, and room for what they become. */
function withTexts(source, texts) {
  const { pairs, row } = pack(texts);
  return `${source}
import { unpack } from "../runtime/unpack";
export const WORDS: usize = memory.data(${layOut(texts).size}, 1);
const PACKED: usize = memory.data<u8>([${[...pairs, ...row]}], 1);
unpack(PACKED, PACKED + ${pairs.length}, PACKED + ${pairs.length + row.length}, WORDS);
`;
}

function withWords(source, file, texts) {
  if (file === WORD) return withTexts(source, texts);
  const { places } = layOut(texts);
  const used = source.replace(
    CALL,
    (_, literal) => `(<u32>WORDS + ${places.get(textOf(literal))})`,
  );
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
 * @param extra arguments of asc.
 * @param edit is given each source of assembly/ (null for one that is not there) and returns what is compiled in its place.
 */
export async function compile(target, extra = [], edit = (_name, source) => source) {
  await compileEntry(ENTRIES[target], target, extra, edit);
}

/** Compiles all modules of assembly/policies/ to build/policies/, in this one process. */
async function compilePolicies() {
  await mkdir(path.join(ROOT, "build/policies"), { recursive: true });
  const names = await readdir(path.join(ROOT, POLICIES));
  for (const name of names.filter((one) => one.endsWith(".ts")).sort()) {
    const output = `build/policies/${name.replace(/ts$/, "wasm")}`;
    await compileEntry(`${POLICIES}/${name}`, "policy", ["--outFile", output]);
  }
}

async function compileEntry(entry, target, extra, edit = (_name, source) => source) {
  const texts = await textsOf(entry);
  const readSource = async (name, baseDir) => {
    const file = path.resolve(baseDir, name);
    const isOurs = file.startsWith(path.join(ROOT, "assembly") + path.sep) && file.endsWith(".ts");
    const source = await readIfThere(file);
    if (!isOurs) return source;
    const edited = edit(path.relative(ROOT, file).replaceAll(path.sep, "/"), source);
    return edited === null ? null : withWords(edited, file, texts);
  };
  // Files at the top of the library are global without decorators, which Biome cannot parse on functions.
  for (const name of ["arena", "array"])
    libraryFiles[name] = await readFile(
      path.join(ROOT, "assembly", "runtime", `${name}.ts`),
      "utf8",
    );
  libraryFiles["rt/index-stub"] = "";
  const args = [
    entry,
    ...["--config", "asconfig.json", "--target", target, "--baseDir", ROOT],
    ...extra,
  ];
  const { error, stderr } = await asc.main(args, {
    readFile: readSource,
    writeFile: (name, contents, baseDir) => {
      const isCore = target === "release" && name.endsWith(".wasm");
      return writeFile(path.resolve(baseDir, name), isCore ? shrink(contents) : contents);
    },
    // What they say is of the core's functions and classes.
    transforms: target === "meter" ? [] : [new Hints(target === "release")],
  });
  if (error) throw new Error(`asc: ${error.message}\n${stderr.toString()}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [target = "release", ...extra] = process.argv.slice(2);
  if (target === "policies") await compilePolicies();
  else await compile(target, extra);
}
