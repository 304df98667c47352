/** How as-pect runs the specs of tests/assembly; `COVERAGE=1` adds a table of what they reach. */
export default {
  entries: ["tests/assembly/**/*.spec.ts"],
  include: ["tests/assembly/**/*.include.ts"],
  disclude: [/node_modules/],
  coverage: process.env.COVERAGE ? ["assembly/**/*.ts"] : undefined,
  async instantiate(memory, createImports, instantiate, binary) {
    try {
      return await instantiate(binary, createImports({ env: { memory } }));
    } catch (error) {
      // Without this an import that is missing prints megabytes of glue code.
      console.error(`cannot instantiate the spec: ${error.message}`);
      process.exit(1);
    }
  },
};
