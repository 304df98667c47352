/**
 * Values that nobody can read, to be written where the coordinator keeps its own. None of them is a well-formed lie: data that says
 * what is not so, in the right form, is believed, and no protocol could do otherwise.
 *
 * @module
 */

import { below, pick, type Random } from "../../host/juju/model/random.js";

const id = "2026-11-22 09:00:00.000000Z";

/** Unreadable in a databag, under `coordinator`. */
const requests = [
  "{",
  "7",
  "null",
  '[1, "restart"]',
  '{"restart": 1}',
  '{"restart": "zz"}',
  '{"restart": "2026-02-30 09:00:00.000000Z"}',
  '{"\\ud800": "x"}',
  `{"restart": "${id}", "restart": "${id}"}`,
  `{"restart": "${id}"} {}`,
  `{"": "${id}"}`,
  JSON.stringify({ ["x".repeat(257)]: id }),
  "[".repeat(10_000),
  "\u0000",
] as const;

/** Unreadable in a databag, under `coordinator-v1`. */
const details = [
  '{"v": 1, "done": ["restart"]}',
  '{"v": 1, "done": {"restart": true}}',
  '{"done": {}}',
  '{"v": "1", "done": {}}',
  '{"v": 2, "done": {}}',
  "\ufeff{}",
  "{".repeat(64),
] as const;

/** Unreadable in place of the grants. */
const grants = [
  "{",
  "null",
  '["app/1"]',
  '{"app/1": 3}',
  '{"app/1": {"restart": 4}}',
  '{"app/1": {"restart": "now"}}',
  '{"v": 2, "app/1": {"restart": 4}}',
  "{}}",
] as const;

/** The beginning of a JSON object is never JSON. */
function cutShort(random: Random, value: string): string {
  return value.slice(0, 1 + below(random, value.length - 1));
}

function spoiled(random: Random, value: string, others: readonly string[]): string {
  const isObject = value.startsWith("{") && value.endsWith("}");
  return isObject && below(random, 3) === 0 ? cutShort(random, value) : pick(random, others);
}

/** Unreadable values for one databag. @param now what is there. */
export function spoiledDatabag(
  random: Random,
  now: Readonly<Record<string, string>>,
): Record<string, string> {
  const both = below(random, 3);
  const values: Record<string, string> = {};
  if (both !== 0) values.coordinator = spoiled(random, now.coordinator ?? "", requests);
  if (both !== 1) values["coordinator-v1"] = spoiled(random, now["coordinator-v1"] ?? "", details);
  return values;
}

/** An unreadable value for the grants. @param now what is there. */
export function spoiledGrants(random: Random, now: string): string {
  return spoiled(random, now, grants);
}
