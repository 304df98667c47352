/**
 * The part of the JavaScript WebAssembly API that is used here. TypeScript declares it only together with a browser's DOM.
 *
 * @module
 */

export interface CompiledModule {
  readonly [Symbol.toStringTag]: string;
}

export interface Memory {
  /** Replaced when the memory grows. */
  readonly buffer: ArrayBuffer;
}

interface Api {
  readonly Module: {
    /** @throws CompileError */
    new (bytes: Uint8Array): CompiledModule;
    imports(module: CompiledModule): { readonly module: string; readonly name: string }[];
  };
  readonly Instance: new (module: CompiledModule, imports?: object) => { readonly exports: object };
  readonly CompileError: new (message: string) => Error;
}

export const { Module, Instance, CompileError } = (
  globalThis as unknown as { readonly WebAssembly: Api }
).WebAssembly;
