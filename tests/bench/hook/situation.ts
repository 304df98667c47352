/**
 * What a hook finds in the middle of a rollout: unit `app/0` leads, `app/1` has operated, all others wait.
 *
 * @module
 */

import { Coordinator, MemoryApplication } from "../../../bindings/typescript/index.js";

/**
 * `bystander` has nothing to do, `requester` asks for the lock, `holder` is granted it and gives it back, `leader` grants it to the next
 * unit.
 */
export const roles = ["bystander", "requester", "holder", "leader"] as const;
export type Role = (typeof roles)[number];

/** What hook tools answer, by the names of files from which `tests/bench/hook/programs/tool` reads them. */
export interface Situation {
  readonly unit: string;
  readonly answers: Readonly<Record<string, string>>;
}

/** As the units of an application in memory, on the core itself, have written it. */
export function situationOf(role: Role, units: number): Situation {
  const application = new MemoryApplication({ units });
  const run = (unit: string, asks = false): void => {
    const host = application.hook(unit);
    const coordinator = new Coordinator(host, { policy: "serial" });
    coordinator.start();
    if (asks) coordinator.acquire("restart");
    coordinator.end();
    host.commit();
  };
  const [leader, first, ...others] = application.units as [string, string, ...string[]];
  for (const unit of [first, ...others]) run(unit, true);
  run(leader);
  if (role === "holder") return { unit: first, answers: answersOf(application, leader) };
  run(first);
  // Now the leader has to grant the lock to the next one; once it has, the first has nothing to do.
  if (role !== "leader") run(leader);
  return { unit: role === "leader" ? leader : first, answers: answersOf(application, leader) };
}

function answersOf(application: MemoryApplication, leader: string): Record<string, string> {
  const answers: Record<string, unknown> = {
    "relation-ids": ["coordinator:0"],
    "relation-list": application.units.filter((unit) => unit !== leader),
    "goal-state": {
      units: Object.fromEntries(application.units.map((unit) => [unit, { status: "active" }])),
    },
  };
  const put = (name: string, values: Readonly<Record<string, string>>): void => {
    answers[`${name}--`] = values;
    answers[`${name}-coordinator`] = values.coordinator ?? null;
  };
  put("settings", application.settings);
  for (const [unit, values] of application.databags) put(`databag-${unit.split("/")[1]}`, values);
  return Object.fromEntries(
    Object.entries(answers).map(([name, value]) => [name, JSON.stringify(value)]),
  );
}
