// A charm without a framework.
import { Coordinator, jujuHost } from "charm-coordinator";
import { tellTime } from "./time.mjs";

const coordinator = new Coordinator(jujuHost({ relation: "coordinator" }), { policy: "serial" });
coordinator.start();
tellTime();
if (process.env.BENCH_ROLE === "requester") coordinator.acquire("restart");
