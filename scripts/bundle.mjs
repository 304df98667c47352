// Puts the TypeScript binding into few files: a hook is a process of its own, and Node takes a millisecond for each module that it loads,
// and nearly another for each 10 KB of it. So what a bystander's hook does without stands in files of its own, which are read
// when something in them is asked for for the first time.
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = "./js/bindings/typescript";
const compiled = join(root, "build", folder);
/** What is read later, by file. They are CommonJS: Node 20 has no other way to load anything at once. */
const LATER = {
  // Of hooks in which the core is asked, and of tests.
  "charm-coordinator-core.cjs": ["core", "engine", "memory", "module", "policy"],
  // Of charms that take an operator's policy.
  "charm-coordinator-swap.cjs": ["kept", "offer", "option", "swap"],
};

/** Gives a file, in place of the modules of other files that are read later, what stands for them until then. */
const standIns = (file) => ({
  name: "later",
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/ }, async ({ path }) => {
      if (dirname(path) !== compiled) return undefined;
      const module = basename(path, ".js");
      const other = Object.keys(LATER).find((one) => LATER[one].includes(module));
      if (other === undefined || other === file) return undefined;
      return { contents: await standInFor(path, other) };
    });
  },
});

const exportsOf = (path) => import(pathToFileURL(path).href);

async function standInFor(path, file) {
  const exported = Object.entries(await exportsOf(path));
  return [
    `import { later, laterClass } from "./later.js";`,
    `const loaded = () => later()("../../../${file}");`,
    ...exported.map(([name, value]) => `export const ${name} = ${expressionOf(name, value)};`),
  ].join("\n");
}

function expressionOf(name, value) {
  // What is neither a class nor a function is the same for ever.
  if (typeof value !== "function") return JSON.stringify(value);
  const isClass = /^class\b/.test(Function.prototype.toString.call(value));
  if (isClass) return `/* @__PURE__ */ laterClass(() => loaded().${name})`;
  return `(...given) => loaded().${name}(...given)`;
}

async function write(file, options) {
  await build({
    absWorkingDir: join(root, "build"),
    outfile: file,
    bundle: true,
    packages: "external",
    platform: "node",
    target: "node20",
    plugins: [standIns(file)],
    // Node reads all of it in each hook. Names stay as they are, for whoever reads a stack.
    minifyWhitespace: true,
    minifySyntax: true,
    // Files beside the binding are found from where its sources are compiled to.
    define: { "import.meta.url": "here" },
    logLevel: "warning",
    ...options,
  });
}

/** A name that two modules of a file export would be exported by neither. */
async function refuseTwice(modules) {
  const exported = await Promise.all(
    modules.map((name) => exportsOf(join(compiled, `${name}.js`))),
  );
  const names = exported.flatMap((one) => Object.keys(one));
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new Error(`${twice} is exported twice by ${modules.join(", ")}`);
}

const index = `${folder}/index.js`;
await write("charm-coordinator.js", {
  entryPoints: [index],
  format: "esm",
  banner: { js: `const here = new URL("${index}", import.meta.url).href;` },
});
for (const [file, modules] of Object.entries(LATER)) {
  await refuseTwice(modules);
  const contents = modules.map((module) => `export * from "./${module}.js";`).join("\n");
  await write(file, {
    stdin: { contents, resolveDir: compiled },
    format: "cjs",
    banner: { js: `const here = require("node:url").pathToFileURL(__dirname + "/${index}").href;` },
  });
}
