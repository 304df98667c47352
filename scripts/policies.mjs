/**
 * `npm run policies`: builds the sample policies of tests/conformance/policies again, each where its compiler is there. By the version
 * that made the committed file it must become the same bytes; by another one it must decide alike.
 *
 * With `--write` what was built takes the place of the committed files, and the versions are noted, and what a decision costs.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "./build.mjs";
import { findGo, goEnvironment, noGo } from "./go.mjs";
import { Failure, main, root } from "./project.mjs";
import { setUp } from "./setup.mjs";

const folder = join(root, "tests/conformance/policies");
const list = join(folder, "policies.json");
const output = join(root, "build/policies-again");

/** For each compiler the programs that may be it, what it says its version with, and whether it can compile to WebAssembly. */
const compilers = {
  clang: {
    programs: ["clang-19", "clang"],
    version: ["--version"],
    isFit: (program) =>
      ask(program, ["--print-targets"]).includes("wasm32") &&
      existsSync(ask(program, ["--print-prog-name=wasm-ld"])),
    missing: "no clang with wasm32 and wasm-ld here",
  },
  rustc: {
    // The one of rustup may lack the target, and the system's have it.
    programs: ["rustc", "/usr/bin/rustc"],
    version: ["--version"],
    isFit: (program) =>
      existsSync(join(ask(program, ["--print", "sysroot"]), "lib/rustlib/wasm32-unknown-unknown")),
    missing: "no rustc with wasm32-unknown-unknown here",
  },
  asc: {
    programs: [join(root, "node_modules/.bin/asc")],
    version: ["--version"],
    isFit: () => true,
    missing: "no AssemblyScript here: npm ci",
  },
  go: {
    programs: findGo() === null ? [] : [findGo().name],
    version: ["version"],
    isFit: () => true,
    missing: noGo,
  },
};

/** What a program says; "" if it says nothing or is not there. */
function ask(program, args) {
  const { status, stdout } = spawnSync(program, args, { encoding: "utf8", env: goEnvironment });
  return status === 0 ? stdout.trim() : "";
}

function find({ programs, version, isFit }) {
  for (const program of programs) {
    const [said] = ask(program, version).split("\n");
    if (said !== "" && isFit(program)) return { program, version: said };
  }
  return null;
}

/** npm puts programs of packages on the path, and clang runs a `wasm-opt` that it finds there over what it has linked. */
function pathWithoutPackages() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.filter((one) => !one.includes("node_modules")).join(delimiter);
}

/** Builds one, as its `build` says but to another place. */
function buildAgain({ file, compiler, build }, program) {
  const command = build
    .replace(new RegExp(`(^| )${compiler} `), `$1${program} `)
    .replace(new RegExp(`\\S*${file}`), join(output, file));
  const { status, stderr, error } = spawnSync(command, {
    cwd: folder,
    encoding: "utf8",
    shell: true,
    env: { ...goEnvironment, GOFLAGS: "", PATH: pathWithoutPackages() },
  });
  if (status !== 0) throw new Failure(`cannot build ${file}:\n${error?.message ?? stderr.trim()}`);
}

/** How much fuel a policy takes for the first vector. */
async function fuelOf(file) {
  const { loadPolicy } = await import("../build/js/bindings/typescript/index.js");
  const [first] = JSON.parse(readFileSync(join(folder, "vectors.json"), "utf8"));
  const policy = loadPolicy(readFileSync(join(folder, file)));
  policy.decide(first.in);
  return Number(policy.fuelUsed);
}

/** Puts what was built by another version to the vectors. */
function decideAlike(say) {
  const test = join(root, "build/js/tests/conformance/policies.test.js");
  const { status, stdout } = spawnSync(process.execPath, ["--test", test], {
    encoding: "utf8",
    env: { ...process.env, POLICIES: output },
  });
  if (status !== 0) say(stdout);
  return status === 0;
}

/** Builds those whose compiler is there. @returns them, each with the version that built it, and whether it is the same. */
function buildAll(policies, say) {
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  const built = [];
  for (const policy of policies) {
    const compiler = compilers[policy.compiler];
    const found = find(compiler);
    if (found === null) {
      say(`${policy.file}: ${compiler.missing}, so it is not built again`);
      continue;
    }
    buildAgain(policy, found.program);
    const [one, other] = [output, folder].map((place) => readFileSync(join(place, policy.file)));
    built.push({ policy, version: found.version, isSame: one.equals(other) });
  }
  return built;
}

const readList = () => JSON.parse(readFileSync(list, "utf8"));

/**
 * Builds those whose compiler is there, and holds them against the committed files.
 *
 * @param say called with a line for each.
 * @returns what is wrong, a line each.
 */
export function checkPolicies(say) {
  const wrong = [];
  const others = [];
  for (const { policy, version, isSame } of buildAll(readList(), say)) {
    if (isSame) say(`${policy.file}: the same bytes, by ${version}`);
    else if (version !== policy.version)
      others.push(`${policy.file}, by ${version} instead of ${policy.version},`);
    else wrong.push(`${policy.file} is not what its sources give: npm run policies -- --write`);
  }
  if (others.length > 0 && !decideAlike(say)) {
    return [...wrong, ...others.map((one) => `${one} does not decide alike`)];
  }
  for (const one of others) say(`${one} decides alike`);
  return wrong;
}

async function writePolicies(say) {
  const policies = readList();
  for (const { policy, version } of buildAll(policies, say)) {
    writeFileSync(join(folder, policy.file), readFileSync(join(output, policy.file)));
    policy.version = version;
    say(`${policy.file}: written, by ${version}`);
  }
  for (const policy of policies) policy.fuel = await fuelOf(policy.file);
  writeFileSync(list, `${JSON.stringify(policies, null, 2)}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(async (args) => {
    const say = (line) => process.stdout.write(`${line}\n`);
    setUp();
    build();
    if (args.includes("--write")) return writePolicies(say);
    const wrong = checkPolicies(say);
    if (wrong.length > 0) throw new Failure(wrong.join("\n"));
  });
}
