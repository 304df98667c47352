/**
 * What a policy begins with: the smallest one of README.md, its build, and a file of vectors that says what it must decide.
 *
 * @module
 */

/** The version of AssemblyScript with which the package is built and tested. */
const ASSEMBLYSCRIPT = "0.27.37";

export interface TemplateFile {
  readonly name: string;
  /** For a person. */
  readonly purpose: string;
  readonly text: string;
}

/**
 * @param name - of the policy: small letters, digits and hyphens.
 * @param dependency - where npm finds this package: a version, or `file:` and a folder.
 */
export function templateOf(name: string, dependency: string): TemplateFile[] {
  return [
    { name: `${name}.ts`, purpose: "the policy", text: policy(name) },
    { name: "vectors.yaml", purpose: "what it must decide", text: vectors },
    { name: "package.json", purpose: "its build and its test", text: manifest(name, dependency) },
    { name: "tsconfig.json", purpose: "for editors", text: project },
    { name: ".gitignore", purpose: "what is built", text: "node_modules/\n*.wasm\n" },
  ];
}

/** What a policy imports: its class has another name. */
const IMPORTED = ["Policy", "Request", "State"];

function policy(name: string): string {
  const words = name.split("-").map((word) => word.slice(0, 1).toUpperCase() + word.slice(1));
  const joined = words.join("");
  const type = IMPORTED.includes(joined) ? `${joined}Policy` : joined;
  return `import { Policy, Request, State, serve } from "charm-coordinator/assembly/policy";

class ${type} extends Policy {
  permits(request: Request, state: State): bool {
    return state.holdersOf(request.lock).length < max(1, state.n / 2 - 1);
  }
}
serve("${name}", "1", new ${type}());
export * from "charm-coordinator/assembly/policy/exports";
`;
}

const vectors = `# What the policy must decide. Each entry is one decision, asked of the built module by \`npm test\`.
# \`in\` is the state: who waits (\`queue\`) and who holds, the number of units (\`n\`) and the one that leads. What is left out
# is made up: nobody holds, and the units are those that are named.
- name: of five units one at a time
  in:
    n: 5
    queue:
      - { unit: app/1, lock: restart }
      - { unit: app/2, lock: restart }
  # What it must answer. Members that are not named here, such as the reasons in \`wait\`, are not looked at.
  out: { ok: { grant: [{ unit: app/1, lock: restart }] } }

- name: of eight units three at a time, and one holds it already
  in:
    n: 8
    holders:
      - { unit: app/7, lock: restart }
    queue:
      - { unit: app/3, lock: restart }
      - { unit: app/1, lock: restart }
      - { unit: app/2, lock: restart }
  out:
    ok:
      grant:
        - { unit: app/3, lock: restart }
        - { unit: app/1, lock: restart }

- name: each lock by itself
  in:
    n: 5
    holders:
      - { unit: app/1, lock: restart }
    queue:
      - { unit: app/2, lock: restart }
      - { unit: app/2, lock: migrate }
  out: { ok: { grant: [{ unit: app/2, lock: migrate }] } }

# With \`op\` it is asked something else: host/abi.md of charm-coordinator, "A policy module".
- name: it takes no config
  in: { op: check, config: { max: 3 } }
  out: { error: { code: bad_config, path: config.max } }
`;

function manifest(name: string, dependency: string): string {
  const scripts = {
    // Without imports, and with a memory that is small enough: else no host takes the module.
    build: `asc ${name}.ts -o ${name}.wasm --runtime stub --use abort= --maximumMemory 256 -O3s`,
    pretest: "npm install --no-audit --no-fund && npm run build",
    test: `coordinator policy test ${name}.wasm vectors.yaml`,
  };
  const packages = { assemblyscript: ASSEMBLYSCRIPT, "charm-coordinator": dependency };
  const content = { name, private: true, scripts, devDependencies: packages };
  return `${JSON.stringify(content, null, 2)}\n`;
}

const project = `{
  "extends": "assemblyscript/std/assembly.json",
  "include": ["*.ts", "node_modules/charm-coordinator/assembly/env.d.ts"]
}
`;
