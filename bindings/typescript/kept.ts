/**
 * What is kept of the operator's policy from hook to hook, in a folder of the charm's directory: the module that was found good, and beside
 * it what decides, and what was refused. The format is that of `host/abi.md`, "Swapping a policy", the same in every language.
 *
 * @module
 */

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isObject, type PolicyNeeds } from "./contract.js";

/** Where something of a policy came from. */
export type Origin = "resource" | "file" | "option";

/** What an operator wanted last, and could not have. */
export interface Refused {
  readonly from: Origin;
  /** Of the file; `""` if there is none, or it could not be read. */
  readonly sha256: string;
  readonly code: string;
  readonly message: string;
}

/** `from` is `""` if there is no module, and so are its name, version and sha256. */
export interface Kept {
  readonly v: 1;
  readonly from: "resource" | "file" | "";
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  /** The module's. */
  readonly config: unknown;
  readonly needs: PolicyNeeds;
  /** Those of the option; null if it has none. */
  readonly rules: unknown;
  readonly limit: unknown;
  readonly refused: Refused | null;
}

/** What there is before anything was kept: the charm's own policy decides. */
export const NOTHING_KEPT: Kept = {
  v: 1,
  from: "",
  name: "",
  version: "",
  sha256: "",
  config: {},
  needs: {},
  rules: null,
  limit: null,
  refused: null,
};

const RECORD = "policy.json";
const MODULE = "policy.wasm";

export class KeptFolder {
  readonly #path: string;

  /** @param path - the folder; it is made when something is to be kept. */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * @returns null if nothing was kept.
   * @throws Error if there is something that cannot be read.
   */
  read(): Kept | null {
    let text: string;
    try {
      text = readFileSync(join(this.#path, RECORD), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
    const record: unknown = JSON.parse(text);
    if (isKept(record)) return record;
    throw new Error("it is not what this version writes");
  }

  /** The module's file; null if it cannot be read. */
  module(): Uint8Array | null {
    try {
      return readFileSync(join(this.#path, MODULE));
    } catch {
      return null;
    }
  }

  /**
   * Keeps this, the module first: if it ends in between, the record does not match it, which its reader finds out.
   *
   * @param module - the module's file; null if it stays as it is.
   * @throws Error if it cannot be written.
   */
  write(record: Kept, module: Uint8Array | null): void {
    mkdirSync(this.#path, { recursive: true, mode: 0o700 });
    if (module !== null) this.#replace(MODULE, module);
    this.#replace(RECORD, `${JSON.stringify(record, null, 2)}\n`);
    if (record.from === "") rmSync(join(this.#path, MODULE), { force: true });
  }

  /** Forgets everything: the next hook of a leader begins anew. */
  forget(): void {
    rmSync(join(this.#path, RECORD), { force: true });
  }

  #replace(name: string, content: Uint8Array | string): void {
    const fresh = join(this.#path, `${name}.new`);
    writeFileSync(fresh, content, { mode: 0o600 });
    renameSync(fresh, join(this.#path, name));
  }
}

function isKept(record: unknown): record is Kept {
  if (!isObject(record) || record.v !== 1) return false;
  const { from, name, version, sha256, needs, refused } = record;
  const areTexts = [name, version, sha256].every((value) => typeof value === "string");
  if (!["resource", "file", ""].includes(from as string) || !areTexts || !isObject(needs)) {
    return false;
  }
  if (!["config", "rules", "limit"].every((member) => Object.hasOwn(record, member))) return false;
  return refused === null || isRefused(refused);
}

function isRefused(refused: unknown): boolean {
  const members = ["from", "sha256", "code", "message"];
  return isObject(refused) && members.every((member) => typeof refused[member] === "string");
}
