// Puts the TypeScript binding into one file, build/charm-coordinator.js: a hook is a process of its own, and Node takes a millisecond for each
// module that it loads.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = "./js/bindings/typescript";

await build({
  absWorkingDir: `${root}build`,
  entryPoints: [`${folder}/index.js`],
  outfile: "charm-coordinator.js",
  bundle: true,
  packages: "external",
  platform: "node",
  target: "node20",
  format: "esm",
  // Files beside the binding are found from where its sources are compiled to.
  banner: { js: `const here = new URL("${folder}/index.js", import.meta.url).href;` },
  // Node reads all of it in each hook. Names stay as they are, for whoever reads a stack.
  minifyWhitespace: true,
  minifySyntax: true,
  define: { "import.meta.url": "here" },
  logLevel: "warning",
});
