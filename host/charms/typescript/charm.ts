/**
 * The sample charm: an HTTP server in each unit, restarted for a new version only while its unit holds the lock `restart`.
 *
 * @module
 */

import { charm, PolicySource } from "../../../bindings/typescript/index.js";
import { config, setStatus } from "./juju.js";
import { Service } from "./service.js";

const { version, policy, "warm-up": warmUp } = config();
const service = new Service(process.env.JUJU_CHARM_DIR ?? ".", warmUp);

// What the operator attaches or configures under the name `coordinator-policy` goes before the option `policy`.
const app = charm({ operatorPolicy: policy, swap: new PolicySource() });

// The first start takes nothing away from anybody, so it needs no lock.
app.on("start", async () => {
  await service.start(version);
  setStatus("active", `serves version ${version}`);
});

app.on("config-changed", async ({ acquire }) => {
  const serves = await service.version();
  if (serves === null || serves === version) return;
  if (!acquire("restart")) setStatus("waiting", `waits for restart to version ${version}`);
});

// Runs in the hook in which the lock is held: perhaps the one above, perhaps a later one. If it throws, or is killed, the unit
// keeps the lock and tries again, so it must be able to run twice.
app.when("coordinator.granted.restart", async () => {
  if ((await service.version()) !== version) {
    setStatus("maintenance", `restart: to version ${version}`);
    await service.stop();
    await service.start(version);
  }
  setStatus("active", `serves version ${version}`);
});

app.on("stop", () => service.stop());

await app.run();
