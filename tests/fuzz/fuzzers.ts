/** The fuzzers by name. @module */
export const fuzzers: Readonly<
  Record<"json" | "wire" | "abi", (seed: number, inputs: number) => string | null>
> = {
  json: () => null,
  wire: () => null,
  abi: () => null,
};
