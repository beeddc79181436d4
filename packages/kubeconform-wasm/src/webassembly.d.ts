// The part of the WebAssembly JavaScript interface that is used here. TypeScript declares it with the browser's
// types only, which a Node program has no use for.
declare namespace WebAssembly {
  class Module {
    readonly [Symbol.toStringTag]: string;
    constructor(bytes: Uint8Array | ArrayBuffer);
    static imports(module: Module): { readonly module: string; readonly name: string; readonly kind: string }[];
    static exports(module: Module): { readonly name: string; readonly kind: string }[];
  }

  class Memory {
    readonly buffer: ArrayBuffer;
  }

  class Global {
    value: number | bigint;
  }

  type Exports = Readonly<Record<string, unknown>>;

  class Instance {
    readonly exports: Exports;
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
  }

  function compile(bytes: Uint8Array | ArrayBuffer): Promise<Module>;
}
