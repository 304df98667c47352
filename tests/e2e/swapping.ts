/**
 * Units that take their policy from their operator, in one process: each with a folder of its own, as charm directories are.
 *
 * @module
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Coordinator } from "../../bindings/typescript/coordinator.js";
import { HostError } from "../../bindings/typescript/errors.js";
import type { Host } from "../../bindings/typescript/host.js";
import type { Kept } from "../../bindings/typescript/kept.js";
import { PolicySource } from "../../bindings/typescript/swap.js";
import { holdingUnits } from "../../host/juju/measure/wire.js";
import type { LocalJuju } from "../../host/juju/model/juju.js";
import type { JujuVersion } from "../../host/juju/model/state.js";
import type { Algorithm } from "./rolling-charm.js";
import { Stage } from "./stage.js";

const project = new URL("../../../../", import.meta.url);

/** A file of the project. */
export const fileOf = (path: string): string => fileURLToPath(new URL(path, project));

/** At most N/2-1 at once, the leader last. */
export const HALF = fileOf("tests/conformance/policies/half-c.wasm");
export const SERIAL = fileOf("build/policies/serial.wasm");
const RESOURCE = "coordinator-policy";

function withoutResources(host: Host): Host {
  const resource = (): never => {
    throw new HostError("hook_tool_failed", "no route to the controller");
  };
  const hook = new Proxy(host.hook, {
    get(target, name) {
      if (name === "resource") return resource;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const { leadership, peers, flags } = host;
  return { leadership, peers, flags, hook };
}

/** Applications that have come up, by setting: to come up costs more than to roll. */
const STARTED = new Map<string, LocalJuju>();

/** An application whose charm's own policy is `serial`. */
export class Swapping {
  readonly stage: Stage;
  /** Leaders that granted more than the policy permits that they have kept. */
  readonly exceeded: string[] = [];
  /** Units that cannot fetch a resource: they go on with the policy they have. */
  readonly cutOff = new Set<string>();
  readonly #units: number;
  readonly #folder = mkdtempSync(join(tmpdir(), "swapping-"));

  constructor(juju: JujuVersion, units: number, seed: number) {
    this.#units = units;
    const algorithm: Algorithm = {
      name: "charm-coordinator, swapping",
      open: (given) => {
        const host = this.cutOff.has(given.hook.unit) ? withoutResources(given) : given;
        const folder = this.#folderOf(host.hook.unit);
        // No clock: on a loaded machine any may be too early, and the fuel ends whoever does not end.
        const swap = new PolicySource({ folder, time: 60_000 });
        const coordinator = new Coordinator(host, { policy: "serial", swap });
        coordinator.start();
        return coordinator;
      },
    };
    // The stage's own bound: what the most permissive policy lets in.
    const policy = `parallel:${this.#permitted("half")}`;
    const setting = `${juju} ${units}`;
    const started = STARTED.get(setting);
    this.stage = new Stage({
      ...{ juju, units, seed, algorithm, policy },
      ...(started === undefined ? {} : { started }),
    });
    this.stage.run();
    if (started === undefined) STARTED.set(setting, this.stage.juju.clone());
    this.watch();
  }

  /** Looks at the grants at each call; `then` sees each call as well. */
  watch(then: Stage["interrupt"] = null): void {
    let before: string[] = [];
    this.stage.interrupt = (unit, call, when) => {
      const holding = holdingUnits(this.stage.juju);
      if (holding.some((one) => !before.includes(one))) this.#look(this.#writer ?? unit, holding);
      before = holding;
      then?.(unit, call, when);
    };
  }

  #look(leader: string, holding: readonly string[]): void {
    const { name } = this.kept(leader) ?? { name: "" };
    if (holding.length > this.#permitted(name)) {
      this.exceeded.push(`${leader} by ${name || "serial"}: ${holding.join()}`);
    }
  }

  /** Who wrote the grants that are in force; null in leader settings, which do not tell. */
  get #writer(): string | null {
    const documents = Object.values(this.stage.juju.state.applicationBag.values);
    return documents.length === 0 ? null : (JSON.parse(documents.at(-1)!).writer as string);
  }

  #permitted(policy: string): number {
    return policy === "half" ? Math.max(1, Math.floor(this.#units / 2 - 1)) : 1;
  }

  #folderOf(unit: string): string {
    return join(this.#folder, unit.replace("/", "-"));
  }

  /** What the unit has kept; null if nothing. */
  kept(unit: string): Kept | null {
    try {
      return JSON.parse(readFileSync(join(this.#folderOf(unit), "policy.json"), "utf8")) as Kept;
    } catch {
      return null;
    }
  }

  /** What an operator attaches to have none. */
  emptyFile(): string {
    const path = join(this.#folder, "empty");
    writeFileSync(path, "");
    return path;
  }

  attach(path: string): void {
    this.stage.juju.attachResource(RESOURCE, path);
  }

  /** What has gone wrong so far that never may. */
  get wrongs(): Readonly<Record<string, readonly string[]>> {
    const { crowded, unheld, dropped, failures } = this.stage;
    return { crowded, unheld, dropped, failures, exceeded: this.exceeded };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

export const NOTHING_WRONG = { crowded: [], unheld: [], dropped: [], failures: [], exceeded: [] };
