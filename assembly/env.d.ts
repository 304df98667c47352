/** What AssemblyScript's own typings leave out. */
declare namespace heap {
  function reset(): void;
}

/** Only in the core's own runtime (runtime/arena.ts). */
declare const IS_ARENA: bool;
