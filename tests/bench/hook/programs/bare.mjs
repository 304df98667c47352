// Reads what a coordinator has to read, and does nothing with it.
import { execFileSync } from "node:child_process";
import { tellTime } from "./time.mjs";

const tool = (name, ...args) => JSON.parse(execFileSync(name, ["--format=json", ...args]));

tellTime();
const leader = tool("is-leader");
const [relation] = tool("relation-ids", "coordinator");
tool("relation-get", "-r", relation, "-", process.env.JUJU_UNIT_NAME);
tool("leader-get", "-");
if (leader) {
  for (const unit of tool("relation-list", "-r", relation)) {
    tool("relation-get", "-r", relation, "-", unit);
  }
}
