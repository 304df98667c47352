/**
 * Python, where it is there: finds 3.10 or newer, and makes virtual environments what the lists of requirements say.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure, root } from "./project.mjs";

const folder = ".venv";
/** Of the binding's tests, and of the sample charms that are not on ops. */
const requirements = ["bindings/python/requirements.txt", "host/charms/reactive/requirements.txt"];

/** Newer ones are there under the plain name. */
const names = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];
const question =
  "import ensurepip, sys, venv; assert sys.version_info >= (3, 10); print(sys.version, sys.executable)";

/** What is wanted of pip besides: it may not be compiled everywhere, and its tests say when it is missing. */
const optional = ["pywasm3==0.5.0"];

function run(program, args) {
  return spawnSync(program, args, { cwd: root, encoding: "utf8", maxBuffer: 64 << 20 });
}

function find() {
  for (const name of names) {
    const { status, stdout } = run(name, ["-c", question]);
    if (status === 0) return { name, version: stdout };
  }
  return null;
}

/** The reason why there is no Python to run, for a person. */
export const noPython = "no Python 3.10 or newer with venv here";

/** A program of the virtual environment. */
export const pythonProgram = (name) => join(root, folder, "bin", name);

const toStderr = (line) => process.stderr.write(`${line}\n`);

/**
 * Makes the virtual environment `.venv`, once.
 *
 * @param say called with the one line of progress, only if there is something to do.
 * @returns whether there is a Python to run.
 */
export function setUpPython(say = toStderr) {
  return setUpEnvironment(folder, requirements, say, optional);
}

/**
 * Makes a virtual environment, once.
 *
 * @param folder where, from the root.
 * @param lists files of requirements, from the root.
 * @returns whether there is a Python to run.
 */
export function setUpEnvironment(folder, lists, say = toStderr, optional = []) {
  const python = find();
  if (python === null) return false;
  const hash = createHash("sha256").update(python.version).update(optional.join());
  for (const list of lists) hash.update(readFileSync(join(root, list)));
  const wanted = hash.digest("hex");
  const stamp = join(root, folder, "stamp");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return true;
  say(`installing what ${lists.join(" and ")} name into ${folder} ...`);
  rmSync(join(root, folder), { recursive: true, force: true });
  must(run(python.name, ["-m", "venv", folder]), `cannot make ${folder}`);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"];
  const program = join(root, folder, "bin", "python");
  must(run(program, [...pip, ...lists.flatMap((list) => ["-r", list])]), "pip failed");
  if (optional.length > 0) run(program, [...pip, ...optional]);
  writeFileSync(stamp, wanted);
  return true;
}

function must({ status, stdout, stderr, error }, what) {
  if (status !== 0) throw new Failure(`${what}:\n${error?.message ?? `${stdout}${stderr}`.trim()}`);
}
