import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { loadPolicy } from "../../bindings/typescript/index.js";
import { isFetched } from "./new.js";
import { templateOf } from "./template.js";

// The compiled test lies in build/js/host/policy.
const root = fileURLToPath(new URL("../../../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "policy-new-"));
after(() => rmSync(folder, { recursive: true }));

// What npm and Node's test runner say to their children would make these take themselves for a part of this run.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_TEST_CONTEXT)/i.test(name)),
);

function run(program: string, args: readonly string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: "utf8" });
  return { status, output: stdout, errors: stderr };
}

function npm(args: readonly string[], cwd: string) {
  const beside = join(dirname(process.execPath), "npm");
  return run(existsSync(beside) ? beside : "npm", args, cwd);
}

test("a new policy is built and tested as printed", () => {
  const made = run(
    process.execPath,
    [join(root, "scripts/coordinator.mjs"), "policy", "new", "half"],
    folder,
  );
  assert.equal(made.status, 0, made.errors);
  assert.match(made.output, /^made half\/$/m);
  const [, name] = /^ {2}cd (\S+) && npm test {2}/m.exec(made.output)!;

  const tested = npm(["test"], join(folder, name!));
  assert.equal(tested.status, 0, tested.output + tested.errors);
  assert.match(
    tested.output,
    /^4 of 4 vectors hold; the dearest took [\d,]+ of 100,000,000 fuel$/m,
  );
  const policy = loadPolicy(readFileSync(join(folder, "half/half.wasm")));
  assert.deepEqual([policy.name, policy.version], ["half", "1"]);

  const source = join(folder, "half/half.ts");
  writeFileSync(source, readFileSync(source, "utf8").replace("/ 2 - 1", "/ 2"));
  const wrong = npm(["test"], join(folder, name!));
  assert.equal(wrong.status, 1);
  assert.match(wrong.output, /^FAILS {2}of five units one at a time /m);
});

test("a new policy is the smallest one, as the README shows it, and as short", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [, shown] = /^```ts half\.ts\n([\s\S]*?)^```$/m.exec(readme)!;
  assert.equal(templateOf("half", "1.0.0")[0]!.text, shown);
  assert.ok(shown!.trimEnd().split("\n").length < 10);
});

test("any name becomes that of a class", () => {
  const [policy] = templateOf("two-at-a-time", "1.0.0");
  assert.equal(policy!.name, "two-at-a-time.ts");
  assert.match(policy!.text, /class TwoAtATime extends Policy/);
  assert.match(templateOf("policy", "1.0.0")[0]!.text, /class PolicyPolicy extends Policy/);
});

test("what a new policy depends on is a version where npm fetched one, else a folder", () => {
  const modules = join(folder, "node_modules");
  const installed = join(modules, "charm-coordinator");
  assert.equal(isFetched(installed), false);
  mkdirSync(modules);
  const isFetchedIf = (entry: object | undefined): boolean => {
    const packages = { "node_modules/charm-coordinator": entry };
    writeFileSync(join(modules, ".package-lock.json"), JSON.stringify({ packages }));
    return isFetched(installed);
  };
  assert.equal(isFetchedIf({ version: "1.0.0", resolved: "https://example.org/it.tgz" }), true);
  assert.equal(isFetchedIf({ version: "1.0.0" }), true);
  assert.equal(isFetchedIf({ version: "1.0.0", resolved: "file:../it.tgz" }), false);
  assert.equal(isFetchedIf(undefined), false);
});

test("the npm package carries all that a policy imports", () => {
  const { output } = npm(["pack", "--dry-run", "--json"], root);
  const [{ files }] = JSON.parse(output) as [{ files: { path: string }[] }];
  const packed = new Set(files.map(({ path }) => path));
  const missing: string[] = [];
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    if (!packed.has(file)) missing.push(file);
    for (const [, name] of readFileSync(join(root, file), "utf8").matchAll(/\bfrom "(\.[^"]*)"/g)) {
      visit(normalize(join(dirname(file), `${name}.ts`)));
    }
  };
  visit("assembly/policy/index.ts");
  visit("assembly/policy/exports.ts");
  assert.deepEqual(missing, []);
  assert.ok(seen.size > 15);
});
