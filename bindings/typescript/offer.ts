/**
 * What an operator offers as the policy: a module in a charm resource, or else in a file of the charm, and what stands in the config
 * option. Nothing of it has been looked into yet.
 *
 * @module
 */

import { readFileSync, statSync } from "node:fs";
import { CoordinatorError } from "./errors.js";
import type { Hook } from "./host.js";
import type { Origin, Refused } from "./kept.js";
import { NO_OPTION, type Option, readOption } from "./option.js";
import { MOST_FILE, sha256Of } from "./policy.js";

/** Where it is to be found; null: nowhere. */
export interface Places {
  readonly resource: string | null;
  readonly option: string | null;
  /** A path. */
  readonly file: string | null;
}

export interface File {
  readonly from: "resource" | "file";
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

export interface Offer {
  readonly file: File | null;
  readonly option: Option;
}

/** Why something new does not become the policy. */
export class Refusal extends Error {
  readonly refused: Refused;

  constructor(from: Origin, code: string, message: string, sha256 = "") {
    super(`${code}: ${message}`);
    this.refused = { from, sha256, code, message };
  }
}

/**
 * Asks Juju, and reads.
 *
 * @param decidedBefore - whether the policy in force came from the resource. One that was never attached is none; one that has
 * decided and is not to be had any more is a failure.
 * @throws Refusal
 */
export function findOffer(hook: Hook, places: Places, decidedBefore: boolean): Offer {
  return { file: findFile(hook, places, decidedBefore), option: findOption(hook, places.option) };
}

function findFile(hook: Hook, { resource, file }: Places, decidedBefore: boolean): File | null {
  if (resource !== null) {
    const path = pathOf(hook, resource);
    if (path === null && decidedBefore) {
      throw new Refusal("resource", "resource_failed", "Juju does not have it any more");
    }
    const bytes = path === null ? null : read("resource", path);
    // Juju keeps no resource without a file, so an empty one is how to take a policy back.
    if (bytes !== null && bytes.length > 0) return fileOf("resource", bytes);
  }
  return file === null ? null : fileOf("file", read("file", file));
}

function pathOf(hook: Hook, resource: string): string | null {
  try {
    return hook.resource(resource);
  } catch (error) {
    throw new Refusal("resource", "resource_failed", messageOf(error));
  }
}

function findOption(hook: Hook, option: string | null): Option {
  if (option === null) return NO_OPTION;
  let value: unknown;
  try {
    value = hook.config()[option];
  } catch (error) {
    throw new Refusal("option", "config_failed", messageOf(error));
  }
  try {
    return readOption(value);
  } catch (error) {
    if (!(error instanceof CoordinatorError)) throw error;
    throw new Refusal("option", error.code, error.message);
  }
}

function read(from: "resource" | "file", path: string): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size <= MOST_FILE) return readFileSync(path);
    throw new Refusal(from, "too_big", `the file has ${size} bytes; at most ${MOST_FILE}`);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(from, `${from}_failed`, messageOf(error));
  }
}

function fileOf(from: "resource" | "file", bytes: Uint8Array): File {
  return { from, bytes, sha256: sha256Of(bytes) };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : `${error}`;
}
