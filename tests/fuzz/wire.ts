/**
 * A peer whose databag holds anything at all, beside others that are sound: those are decided as if it were not there. And grants
 * that hold anything at all: nothing is granted, and nothing written, as long as they cannot be read.
 *
 * @module
 */

import { deepEqual } from "node:assert/strict";
import fc from "fast-check";
import { damage, damaged, json } from "./grammar.js";
import { Guest } from "./guest.js";
import { type Decided, decide, doneBy, type Facts, grantsOf, type Values } from "./hook.js";

const locks = ["restart", "migrate", "x"] as const;
const bad = "app/3";

const id = fc
  .integer({ min: 0, max: 59 })
  .map((second) => `2026-11-22 09:00:${String(second).padStart(2, "0")}.000000Z`);

const ids = fc.dictionary(fc.constantFrom(...locks), id, { maxKeys: 2, noNullPrototype: true });

/** A databag as a unit of this kind, or of the old one, writes it. */
const sound: fc.Arbitrary<Values> = fc.record({
  coordinator: ids.map((requests) => JSON.stringify(requests)),
  "coordinator-v1": ids.map((done) => JSON.stringify({ done, v: 1 })),
});

/** Something in the place of an id. */
const oddId = fc.oneof(
  { weight: 3, arbitrary: id.map((text) => JSON.stringify(text)) },
  fc.constantFrom('"2026-02-30 09:00:00.000000Z"', '"9999-12-31 23:59:59.999999Z"', '""', "1"),
  json,
);

/** Nearly what is expected there. */
const oddIds = fc
  .array(
    fc.tuple(
      fc.constantFrom('"restart"', '"migrate"', '""', '"\\u0072estart"', `"${"y".repeat(257)}"`),
      oddId,
    ),
    { maxLength: 3 },
  )
  .map((members) => `{${members.map(([lock, value]) => `${lock}:${value}`).join(",")}}`);

const oddDetails = fc
  .tuple(
    oddIds,
    fc.constantFrom("1", "1", "1", "2", "0", "1.5", '"1"', "18446744073709551617"),
    json,
  )
  .map(([done, v, data]) => `{"done":${done},"v":${v},"data":${data}}`);

/** The two texts of the bad peer, and what befalls them. A text of no bytes is no key at all, as in Juju. */
const unsound: fc.Arbitrary<Values> = fc
  .tuple(
    fc.oneof(json, oddIds),
    damage,
    fc.oneof(json, oddDetails),
    damage,
    fc.constantFrom("coordinator-v2", "coordinator-r1", "ingress-address"),
  )
  .map(([requests, first, details, second, other]) => ({
    coordinator: damaged(requests, first).toString(),
    "coordinator-v1": damaged(details, second).toString(),
    [other]: "{",
  }));

/** `n` counts units: with such a policy the peer is there in both hooks, and says nothing in one. */
const policies = fc.constantFrom(
  { policy: "serial", n: false },
  { policy: "parallel:2", n: false },
  { policy: "parallel:50%", n: true },
  { policy: "available:3", n: true },
);

interface Case {
  readonly peers: readonly Values[];
  readonly grants: Readonly<Record<string, Values>>;
  readonly odd: Values;
  readonly store: "settings" | "application";
  readonly policy: { readonly policy: string; readonly n: boolean };
}

/** A peer whose data may be anything, beside others. */
export const cases: fc.Arbitrary<Case> = fc.record({
  peers: fc.array(sound, { minLength: 3, maxLength: 3 }),
  grants: fc.dictionary(fc.constantFrom("app/1", "app/2"), ids, {
    maxKeys: 1,
    noNullPrototype: true,
  }),
  odd: unsound,
  store: fc.constantFrom("settings", "application"),
  policy: policies,
});

function placeOf(store: Facts["store"], grants: object): Values {
  if (store === "settings") return { coordinator: JSON.stringify(grants) };
  const document = { generation: 1, grants, order: [], policy: {}, v: 1, writer: "app/0" };
  return { "coordinator-r1": JSON.stringify(document) };
}

/** The locks that the peer asks for or says to be done with, in data that the core has read: only their order can change. */
function locksOf(odd: Values): Set<string> {
  const named = new Set<string>();
  for (const text of [odd.coordinator, odd["coordinator-v1"]]) {
    const value = text ? JSON.parse(text) : {};
    for (const lock of [...Object.keys(value), ...Object.keys(value.done ?? {})]) named.add(lock);
  }
  return named;
}

/** The same requests and the same `done` as a unit of this kind writes them, and nothing beside them. */
function plainly(odd: Values): Values {
  const values: Record<string, string> = {};
  const { coordinator, "coordinator-v1": details } = odd;
  if (coordinator) values.coordinator = JSON.stringify(JSON.parse(coordinator));
  if (details)
    values["coordinator-v1"] = JSON.stringify({ done: JSON.parse(details).done ?? {}, v: 1 });
  return values;
}

/** What a hook decided on everything but this peer and these locks. */
function decisions(decided: Decided, facts: Facts, concerned: ReadonlySet<string>): object {
  const isFree = (lock: string): boolean => !concerned.has(lock);
  // What nobody rewrote stands in the order in which it was given, and what is over goes with the next grant, whosever that is.
  const grants = Object.entries(grantsOf(decided, facts))
    .filter(([unit]) => unit !== bad)
    .flatMap(([unit, held]) => {
      const done = doneBy(unit, decided, facts);
      return Object.entries(held as Values)
        .filter(([lock, id]) => isFree(lock) && !((done[lock] ?? "") >= id))
        .map((grant) => [unit, ...grant].join(" "));
    });
  return {
    holds: decided.view.granted.filter(isFree),
    waits: decided.view.requested.filter(isFree),
    released: decided.end.released.filter(isFree),
    granted: decided.end.grants.filter(({ unit, lock }) => unit !== bad && isFree(lock)),
    grants: grants.sort(),
  };
}

/** @throws Error if anybody else is decided otherwise than without this peer. */
export function checkPeer({ peers, grants, odd, store, policy: { policy, n } }: Case): void {
  const [leader, first, second] = peers as [Values, Values, Values];
  const settings = placeOf(store, grants);
  const facts = { store, policy, settings };
  const others = { "app/0": leader, "app/1": first, "app/2": second };
  const without: Facts = n
    ? { ...facts, members: ["app/1", "app/2", bad], databags: { ...others, [bad]: {} } }
    : { ...facts, members: ["app/1", "app/2"], databags: others };
  const beside: Facts = {
    ...facts,
    members: ["app/1", "app/2", bad],
    databags: { ...others, [bad]: odd },
  };
  const here = decide(new Guest(), beside);
  const isReported = here.end.problems.some(({ unit }) => unit === bad);
  if (!isReported) {
    // What can be read counts, and counts as what it says, however oddly it is written.
    const plain: Facts = { ...beside, databags: { ...others, [bad]: plainly(odd) } };
    const nothing = new Set<string>();
    deepEqual(
      decisions(here, beside, nothing),
      decisions(decide(new Guest(), plain), plain, nothing),
    );
    // The peer then stands in the queue, and with a policy that counts holders it concerns everybody.
    if (n) return;
  }
  const concerned = isReported ? new Set<string>() : locksOf(odd);
  deepEqual(
    decisions(here, beside, concerned),
    decisions(decide(new Guest(), without), without, concerned),
  );
  if (isReported && here.end.grants.some(({ unit }) => unit === bad)) {
    throw new Error(`${bad} is granted a lock, and its data cannot be read`);
  }
}

const oddGrants = fc
  .tuple(
    fc.oneof(
      json,
      oddIds,
      oddDetails,
      oddIds.map((held) => `{"app/1":${held}}`),
    ),
    damage,
  )
  .map(([text, what]) => damaged(text, what).toString());

/** @throws Error if grants that cannot be read are acted on, or written over. */
export function checkGrants(
  store: Facts["store"],
  text: string,
  details: string,
  leader: Values,
): void {
  const settings: Values =
    store === "settings"
      ? { coordinator: text, "coordinator-v1": details }
      : { "coordinator-r1": text, "coordinator-r3": details };
  const databags = { "app/0": leader, "app/1": { coordinator: "{}", "coordinator-v1": '{"v":1}' } };
  const facts: Facts = { store, policy: "serial", members: ["app/1"], databags, settings };
  const { view, end, written } = decide(new Guest(), facts);
  if (!end.problems.some(({ code }) => code === "bad_settings")) return;
  deepEqual(
    { holds: view.granted, granted: end.grants, written },
    { holds: [], granted: [], written: {} },
  );
}

/** Either, of one input. */
export function wireProperty(): fc.IProperty<[unknown]> {
  const grantsCase = fc.record({
    store: fc.constantFrom("settings" as const, "application" as const),
    text: oddGrants,
    details: oddGrants,
    leader: sound,
  });
  const either = fc.oneof(
    { weight: 3, arbitrary: cases.map((peer) => ({ peer })) },
    { weight: 1, arbitrary: grantsCase.map((grants) => ({ grants })) },
  );
  return fc.property(either, (input) => {
    if ("peer" in input) checkPeer(input.peer);
    else
      checkGrants(input.grants.store, input.grants.text, input.grants.details, input.grants.leader);
  }) as unknown as fc.IProperty<[unknown]>;
}
