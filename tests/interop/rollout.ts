/**
 * One rollout through an application in which units of the original `charmhelpers.coordinator` and units of this project's
 * libraries coordinate with each other, on the local Juju at 3.6.
 *
 * @module
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { committedRequests, publishedGrants, waitingUnits } from "../../host/juju/measure/wire.js";
import type { HookContext } from "../../host/juju/model/context.js";
import { LocalJuju } from "../../host/juju/model/juju.js";
import { below, pick, type Random, seeded } from "../../host/juju/model/random.js";
import { Onlooker, spentGrant } from "./onlooker.js";
import {
  type Library,
  locks,
  type Policy,
  type Program,
  PythonProgram,
  type Serves,
  TypeScriptProgram,
} from "./program.js";
import type { Zygote } from "./zygote.js";

export interface Setting {
  /** What the unit that leads at first runs. */
  readonly leader: "old" | "new";
  readonly units: number;
  readonly policy: Policy;
  readonly seed: number;
  /** How often leadership moves, at random moments. */
  readonly moves?: number;
  /** All units begin with the original, and are upgraded one by one at random moments. */
  readonly upgrades?: boolean;
}

/** What a rollout came to. */
export interface Outcome {
  readonly setting: Setting;
  /** What each unit runs at the end. */
  readonly libraries: readonly Library[];
  /** What does not hold; empty if all does. */
  readonly wrong: readonly string[];
  /** What the old library does by itself, and how often. */
  readonly oldFaults: Readonly<Record<string, number>>;
  readonly hooks: number;
  /** How often update-status had to go round. */
  readonly rounds: number;
}

const newLibraries: readonly Library[] = ["drop-in", "typescript"];
const mostSteps = 20_000;

/** Rolls one change of configuration through the application. */
export async function roll(zygote: Zygote, setting: Setting): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "interop-"));
  try {
    return await new Rollout(zygote, setting, folder).run();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Open {
  readonly context: HookContext;
  readonly program: Program;
}

class Rollout {
  readonly #zygote: Zygote;
  readonly #setting: Setting;
  readonly #folder: string;
  readonly #juju: LocalJuju;
  readonly #random: Random;
  readonly #onlooker: Onlooker;
  readonly #libraries = new Map<string, Library>();
  readonly #nextLibraries = new Map<string, Library>();
  readonly #serves = new Map<string, Serves>();
  readonly #open = new Map<string, Open>();
  readonly #wrong: string[] = [];
  #hooks = 0;
  #operations = 0;

  constructor(zygote: Zygote, setting: Setting, folder: string) {
    this.#zygote = zygote;
    this.#setting = setting;
    this.#folder = folder;
    this.#random = seeded(setting.seed * 7919 + setting.units);
    this.#juju = new LocalJuju({
      version: "3.6",
      seed: setting.seed,
      config: { version: "1" },
      switches: { updateStatusSeconds: 0 },
    });
    const libraryOf = (unit: string) => this.#libraries.get(unit)!;
    this.#onlooker = new Onlooker(this.#juju, setting.policy, libraryOf);
  }

  async run(): Promise<Outcome> {
    this.#addUnits();
    await this.#toQuiet();
    this.#juju.setConfig({ version: "2" });
    await this.#toQuiet(this.#troubles());
    const rounds = await this.#serveAll();
    this.#check();
    const { violations, oldFaults } = this.#onlooker;
    return {
      setting: this.#setting,
      libraries: [...this.#libraries.values()],
      wrong: [...this.#wrong, ...violations],
      oldFaults,
      hooks: this.#hooks,
      rounds,
    };
  }

  #addUnits(): void {
    const { units, leader, upgrades } = this.#setting;
    // One of each kind at least; the first one leads, and so decides which kind that is.
    const others: Library[] = leader === "old" ? [pick(this.#random, newLibraries)] : ["original"];
    while (others.length < units - 1) {
      others.push(pick(this.#random, ["original", ...newLibraries]));
    }
    const first = leader === "old" ? "original" : pick(this.#random, newLibraries);
    for (const library of [first, ...shuffled(this.#random, others)]) {
      const unit = this.#juju.addUnit();
      this.#libraries.set(unit, upgrades === true ? "original" : library);
      this.#serves.set(unit, {});
      const directory = this.#directory(unit);
      mkdirSync(directory);
      writeFileSync(
        join(directory, "metadata.yaml"),
        "name: rolling\npeers:\n  coordinator:\n    interface: coordinator\n",
      );
      writeFileSync(join(directory, "config.yaml"), "options: {}\n");
    }
  }

  #directory(unit: string): string {
    return join(this.#folder, unit.replace("/", "-"));
  }

  /** What happens at which step, besides hooks. */
  #troubles(): Map<number, () => void> {
    const { moves = 0, upgrades = false, units } = this.#setting;
    const troubles = new Map<number, () => void>();
    const at = () => {
      let step = below(this.#random, 40 * units);
      while (troubles.has(step)) step++;
      return step;
    };
    for (let n = 0; n < moves; n++) {
      const unit = pick(this.#random, this.#juju.units);
      troubles.set(at(), () => {
        // A lease is never taken away within 30 s of its last renewal.
        this.#juju.advance(31);
        this.#juju.moveLeader(unit);
      });
    }
    for (const unit of upgrades ? this.#juju.units : []) {
      troubles.set(at(), () => this.#upgrade(unit));
    }
    return troubles;
  }

  /** Hooks begin and go on in a random order until nothing is due and nothing more will happen. */
  async #toQuiet(troubles = new Map<number, () => void>()): Promise<void> {
    for (let step = 0; step < mostSteps; step++) {
      troubles.get(step)?.();
      troubles.delete(step);
      this.#juju.advance(0.05);
      if (!(await this.#step()) && troubles.size === 0) return;
    }
    this.#wrong.push(`still not quiet after ${mostSteps} steps`);
  }

  /** @returns false if no unit has anything to do. */
  async #step(): Promise<boolean> {
    const units = this.#juju.units.slice();
    while (units.length > 0) {
      const [unit] = units.splice(below(this.#random, units.length), 1) as [string];
      const open = this.#open.get(unit);
      if (open !== undefined) {
        await this.#go(unit, open);
        return true;
      }
      const due = this.#juju.due(unit);
      if (due.length === 0) continue;
      const context = this.#juju.begin(unit, pick(this.#random, due));
      if (context.event?.kind === "upgrade-charm") {
        this.#libraries.set(unit, this.#nextLibraries.get(unit)!);
      }
      this.#hooks++;
      const begun = { context, program: await this.#program(unit, context) };
      this.#open.set(unit, begun);
      await this.#go(unit, begun);
      return true;
    }
    return false;
  }

  async #program(unit: string, context: HookContext): Promise<Program> {
    const library = this.#libraries.get(unit)!;
    const serves = this.#serves.get(unit)!;
    const { policy } = this.#setting;
    if (library === "typescript") return new TypeScriptProgram(context, policy, serves);
    const directory = this.#directory(unit);
    return await PythonProgram.begin(this.#zygote, context, { library, policy, serves, directory });
  }

  async #go(unit: string, { context, program }: Open): Promise<void> {
    const reached = await program.go();
    if ("exit" in reached) this.#onlooker.leave(unit);
    // Leader settings change at once.
    this.#onlooker.look(unit);
    if ("operates" in reached) {
      this.#operations++;
      this.#onlooker.enter(unit, reached.operates);
      return;
    }
    this.#open.delete(unit);
    const { ending } = context.finish({ exit: reached.exit });
    if (ending !== "committed") {
      this.#wrong.push(`${unit} ${context.hookName} ${ending}: ${reached.error}`);
      this.#juju.resolved(unit, { retry: false });
    }
  }

  /** update-status goes round until all are served. @returns how often it did. */
  async #serveAll(): Promise<number> {
    let rounds = 0;
    let idle = 0;
    while (this.#unserved().length > 0 && idle < 3) {
      const before = this.#operations;
      this.#juju.tick();
      await this.#toQuiet();
      rounds++;
      idle = this.#operations === before ? idle + 1 : 0;
      if (idle === 3 && (await this.#upgradeSpent())) idle = 0;
    }
    return rounds;
  }

  /**
   * A leader of the old library publishes its own grant when it has done with it. If it leads no more, no leader of the new one can
   * tell that from a grant in use, until that unit asks again, leaves, or is upgraded. @returns whether there was any such unit.
   */
  async #upgradeSpent(): Promise<boolean> {
    const grants = publishedGrants(this.#juju);
    const spent = this.#juju.units.filter(
      (unit) =>
        this.#libraries.get(unit) === "original" &&
        Object.entries(grants[unit] ?? {}).some(
          ([lock, id]) => committedRequests(this.#juju, unit)[lock] !== id,
        ),
    );
    for (const unit of spent) {
      this.#onlooker.count(spentGrant);
      this.#upgrade(unit);
    }
    await this.#toQuiet();
    return spent.length > 0;
  }

  #upgrade(unit: string): void {
    this.#nextLibraries.set(unit, pick(this.#random, newLibraries));
    this.#juju.upgradeCharm([unit]);
  }

  #unserved(): string[] {
    const isServed = (serves: Serves) => locks.every((lock) => serves[lock] === "2");
    return this.#juju.units.filter((unit) => !isServed(this.#serves.get(unit)!));
  }

  #check(): void {
    for (const unit of this.#unserved()) this.#wrong.push(`${unit} was never served`);
    for (const unit of waitingUnits(this.#juju).keys()) {
      this.#wrong.push(`${unit} has a request left over`);
    }
  }
}

function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const left = list.slice();
  return list.map(() => left.splice(below(random, left.length), 1)[0]!);
}
