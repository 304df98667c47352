/**
 * Go, where it is there: finds 1.24 or newer, builds the charms that need it into build/charms, and tests the Go binding.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { digestOf, Failure, filesUnder, root } from "./project.mjs";

/** Where the toolchain puts itself when it is not on PATH. */
const names = ["go", "/usr/local/go/bin/go", "/usr/lib/go/bin/go"];

/** The reason why there is no Go to run, for a person. */
export const noGo = "no Go 1.24 or newer here";

function find() {
  for (const name of names) {
    const { status, stdout } = spawnSync(name, ["env", "GOVERSION"], {
      encoding: "utf8",
      env: { ...process.env, GOTOOLCHAIN: "local" },
    });
    const [, minor] = (status === 0 && /^go1\.(\d+)/.exec(stdout.trim())) || [];
    if (Number(minor) >= 24) return { name, version: stdout.trim() };
  }
  return null;
}

let found;

/** @returns the program and its version, or null if there is no Go to run. */
export function findGo() {
  found ??= find();
  return found;
}

/** The environment in which Go is run: nothing of it comes from C, and no other Go is fetched. */
export const goEnvironment = { ...process.env, CGO_ENABLED: "0", GOTOOLCHAIN: "local" };

function compile(folder, program, output) {
  const args = ["build", "-trimpath", "-ldflags=-s -w", "-o", join(root, output), program];
  const { status, stderr, error } = spawnSync(findGo().name, args, {
    cwd: join(root, folder),
    encoding: "utf8",
    env: goEnvironment,
  });
  if (status !== 0)
    throw new Failure(`cannot build ${output}:\n${error?.message ?? stderr.trim()}`);
}

const isSource = (path) => /\.(go|mod|sum|wasm)$/.test(path) && !path.endsWith("_test.go");

const charms = {
  go: {
    sources: ["host/charms/go"],
    files: ["config.yaml", "metadata.yaml"],
    run: (output) => compile("host/charms/go", ".", `${output}/dispatch`),
  },
  bash: {
    sources: ["host/charms/go", "host/charms/bash"],
    files: ["config.yaml", "metadata.yaml", "dispatch", "service.bash"],
    run: (output) => {
      compile("bindings/go", "./cmd/coordinator", `${output}/bin/coordinator`);
      compile("host/charms/go", ".", `${output}/bin/server`);
    },
  },
};

/**
 * Builds build/charms/NAME, a whole charm directory, if its sources have changed.
 *
 * @param name `go` or `bash`.
 * @param say called with a line if there is something to do.
 * @returns whether there is a Go to build it with.
 */
export function buildGoCharm(name, say = (line) => process.stderr.write(`${line}\n`)) {
  if (findGo() === null) return false;
  buildCharm(name, charms[name], say);
  return true;
}

/** Builds all of them. @returns whether there is a Go to build them with. */
export function buildGoCharms(say = (line) => process.stderr.write(`${line}\n`)) {
  return Object.keys(charms).every((name) => buildGoCharm(name, say));
}

function buildCharm(name, charm, say) {
  const output = `build/charms/${name}`;
  const files = charm.files.map((file) => `host/charms/${name}/${file}`);
  const sources = charm.sources.flatMap((from) => filesUnder(from, isSource));
  buildOnce(output, `${name}-charm`, [...files, ...sources], say, () => {
    for (const file of files) {
      const target = join(root, output, basename(file));
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(join(root, file), target);
      if (basename(file) === "dispatch") chmodSync(target, 0o755);
    }
    charm.run(output);
  });
}

/**
 * Builds `build/go-NAME` from `bindings/go/internal/NAME`: `runner` runs modules in wazero beside other engines, `decision` times
 * the core's decisions, `hookcost` is a hook that says what it cost.
 *
 * @returns whether there is a Go to build it with.
 */
export function buildGoProgram(name, say = (line) => process.stderr.write(`${line}\n`)) {
  if (findGo() === null) return false;
  const output = `build/go-${name}`;
  buildOnce(output, `go-${name}`, [], say, () =>
    compile("bindings/go", `./internal/${name}`, output),
  );
  return true;
}

/** Builds if the binding, Go or these inputs have changed since the last time. */
function buildOnce(output, name, inputs, say, run) {
  const stamp = join(root, "build", `${name}.stamp`);
  const sources = ["scripts/go.mjs", ...filesUnder("bindings/go", isSource), ...inputs];
  const digest = `${digestOf(sources)} ${findGo().version}`;
  const upToDate = existsSync(join(root, output)) && existsSync(stamp);
  if (upToDate && readFileSync(stamp, "utf8") === digest) return;
  say(`building ${output} ...`);
  run();
  writeFileSync(stamp, digest);
}

const modules = ["bindings/go", "host/charms/go"];

/** Machines for which wazero has no compiler; the first of them is big-endian. */
const otherMachines = ["s390x", "riscv64"];

/**
 * Format, vet, tests, and the vectors on other machines: run where qemu can, else only built.
 *
 * @returns what failed, a line each.
 */
export function testGo(say) {
  buildGoCharms(say);
  return [
    ...unformatted(),
    ...modules.flatMap((folder) => run({ folder, args: ["vet", "./..."] })),
    ...run({ folder: "bindings/go", args: ["test", "./..."] }),
    ...otherMachines.flatMap((machine) => testOn(machine, say)),
  ];
}

function run({ folder, args, env = {} }, program = findGo().name) {
  const { status, error } = spawnSync(program, args, {
    cwd: join(root, folder),
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...goEnvironment, ...env },
  });
  const ended = error?.message ?? `exit code ${status ?? "none: ended by a signal"}`;
  return status === 0 ? [] : [`${program} ${args.join(" ")} in ${folder}: ${ended}`];
}

function unformatted() {
  const beside = join(dirname(findGo().name), "gofmt");
  const program = existsSync(beside) ? beside : "gofmt";
  const { stdout, error } = spawnSync(program, ["-l", ...modules], { cwd: root, encoding: "utf8" });
  if (error) return [`gofmt: ${error.message}`];
  return stdout.split("\n").flatMap((file) => (file === "" ? [] : [`gofmt would change ${file}`]));
}

function testOn(machine, say) {
  const program = join(root, "build", `go-${machine}.test`);
  const env = { GOARCH: machine };
  const built = run({ folder: "bindings/go", args: ["test", "-c", "-o", program, "."], env });
  if (built.length > 0) return built;
  const emulator = `qemu-${machine}`;
  if (spawnSync(emulator, ["--version"]).error) {
    say(`no ${emulator} here: built for ${machine}, and not run`);
    return [];
  }
  say(`${machine}, by ${emulator}:`);
  const vectors = [program, "-test.run=^TestVectors$/^interpreter$"];
  return run({ folder: "bindings/go", args: vectors }, emulator);
}
