/** What AssemblyScript's own typings leave out. */
declare namespace heap {
  function reset(): void;
}
