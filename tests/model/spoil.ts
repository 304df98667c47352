/**
 * Data that nobody can read, made of what was there, so that whoever looks on can still tell what it was and put it back.
 *
 * @module
 */

import type { Values } from "../../bindings/typescript/host.js";

const newer = '{"v": 2}';

/** No JSON any more, or of a version that nobody here knows. */
function broken(text: string, isVersion: boolean): string {
  if (!isVersion) return `{${text}`;
  return text === "" ? newer : text.replace('"v": 1', '"v": 2');
}

/** Not the same as before: to Juju 4 that would be no event. */
function again(text: string): string {
  if (text === "{") return "{} ";
  if (text.startsWith("{{")) return `${text.slice(1)} `;
  return text.includes('"v": 2') ? `${text.replace('"v": 2', '"v": 1')} ` : text;
}

/** It is no JSON; what is of a newer version is JSON still. */
export function isBroken(values: Values): boolean {
  return Object.values(values).some((text) => text === "{" || text.startsWith("{{"));
}

export function isSpoiled(values: Values): boolean {
  return Object.values(values).some((text) => text !== again(text));
}

/** What a unit's databag, or leader settings, become; of an application databag the greatest reign. */
export function spoiled(values: Values, isVersion: boolean, isApplication: boolean): Values {
  const reigns = Object.keys(values).map((key) => Number(/-r(\d+)$/.exec(key)?.[1] ?? 0));
  const plain = isVersion ? "coordinator-v1" : "coordinator";
  const key = isApplication ? `coordinator-r${Math.max(1, ...reigns)}` : plain;
  return { ...values, [key]: broken(values[key] ?? "", isVersion) };
}

/** What an operator makes of them. */
export function mended(values: Values): Values {
  return Object.fromEntries(Object.entries(values).map(([key, text]) => [key, again(text)]));
}
