import { GLOBAL_PREFIX } from "./module-binary.ts";
import { createWasi, fillImports } from "./wasi.ts";
import type { Wasi, WasiState } from "./wasi.ts";

/**
 * What a reactor's files look like: the answer to a path, as bytes whose first one says what follows: `f` the bytes
 * of a file, `d` a JSON listing of a directory, `a` nothing (absent), `e` a JSON error `{kind, message}`.
 */
export type Lookup = (path: string) => Uint8Array;

export interface ReactorOptions {
  /** Where the program's files come from; without it every path is absent. */
  readonly lookup?: Lookup | undefined;
  /** Determines every random number the program sees. */
  readonly seed: string;
  readonly onStderr?: ((text: string) => void) | undefined;
}

/** A copy of a reactor as it was at one moment. */
export interface Snapshot {
  readonly memory: Uint8Array;
  /** The module's variables, in the order of their exports. */
  readonly globals: readonly (number | bigint)[];
  readonly wasi: WasiState;
}

/** A program that trapped, threw or ended itself; `output` is what it had to say (a Go panic, cut at 16 KiB). */
export class ReactorError extends Error {
  readonly output: string;
  constructor(message: string, output: string, cause: unknown) {
    super(message, { cause });
    this.name = "ReactorError";
    this.output = output;
  }
}

/** One live instance of a WASM module, called with JSON and answering in JSON. */
export interface Reactor {
  /** Calls the program. Fails with a ReactorError when it traps, exits or throws; the reactor is dead from then on. */
  call(request: object): unknown;
  /** The same with text on both sides, for those who have it already. */
  callText(request: string): string;
  /**
   * Copies memory, variables and clock. Fails with a TypeError when the module does not export its variables (see
   * `exposeGlobals`): memory alone is not the whole state.
   */
  snapshot(): Snapshot;
  /** Goes back to a snapshot, with a random stream of its own. The memory keeps its size. */
  restore(snapshot: Snapshot, seed: string): void;
  /** Gives the program other random numbers from here on. */
  reseed(seed: string): void;
  memoryBytes(): number;
  isDead(): boolean;
}

interface ReactorExports {
  readonly memory: WebAssembly.Memory;
  readonly _initialize: () => void;
  readonly alloc: (size: number) => number;
  readonly call: (pointer: number, length: number) => bigint;
}

const WASI_MODULE = "wasi_snapshot_preview1";
const FILES_MODULE = "drydock";
const ABSENT = new Uint8Array([0x61]);

/**
 * Starts an instance and runs its `_initialize`. Synchronous, so it belongs into a worker thread. Fails with a
 * ReactorError when the program does not start, with a TypeError when the module is not such a reactor.
 */
export function instantiateReactor(module: WebAssembly.Module, options: ReactorOptions): Reactor {
  const wasi = createWasi(options.seed, options.onStderr);
  const files = createFileImports(options.lookup ?? ((): Uint8Array => ABSENT));
  const wasiNames = WebAssembly.Module.imports(module)
    .filter((entry) => entry.module === WASI_MODULE)
    .map((entry) => entry.name);
  const instance = new WebAssembly.Instance(module, {
    [WASI_MODULE]: fillImports(wasi, wasiNames),
    [FILES_MODULE]: files.functions,
  });
  const exports = asReactorExports(instance.exports);
  wasi.attach(exports.memory);
  files.attach(exports.memory);
  return startReactor(exports, wasi);
}

function startReactor(exports: ReactorExports, wasi: Wasi): Reactor {
  let hasDied = false;

  const guard = <T>(run: () => T): T => {
    if (hasDied) throw new ReactorError("the reactor is dead", wasi.output(), undefined);
    try {
      return run();
    } catch (error) {
      hasDied = true;
      throw new ReactorError(error instanceof Error ? error.message : String(error), wasi.output(), error);
    }
  };

  const callText = (request: string): string =>
    guard(() => {
      const bytes = Buffer.from(request, "utf8");
      const pointer = exports.alloc(bytes.length) >>> 0;
      new Uint8Array(exports.memory.buffer, pointer, bytes.length).set(bytes);
      const result = BigInt.asUintN(64, exports.call(pointer, bytes.length));
      const length = Number(result & 0xffff_ffffn);
      return Buffer.from(exports.memory.buffer, Number(result >> 32n), length).toString("utf8");
    });

  const globals = Object.entries(exports)
    .filter(([name]) => name.startsWith(GLOBAL_PREFIX))
    .map(([, global]) => global as WebAssembly.Global);

  guard(() => exports._initialize());
  return {
    call: (request) => JSON.parse(callText(JSON.stringify(request))) as unknown,
    callText,
    snapshot: () => {
      if (globals.length === 0) throw new TypeError("the module does not export its globals");
      const memory = new Uint8Array(exports.memory.buffer).slice();
      return { memory, globals: globals.map(({ value }) => value), wasi: wasi.state() };
    },
    restore: (snapshot, seed) => {
      const memory = new Uint8Array(exports.memory.buffer);
      memory.set(snapshot.memory);
      // What has grown since is handed out again as fresh memory, which a program takes to be zero.
      memory.fill(0, snapshot.memory.length);
      snapshot.globals.forEach((value, index) => {
        const global = globals[index];
        if (global !== undefined) global.value = value;
      });
      wasi.restore(snapshot.wasi, seed);
    },
    reseed: (seed) => wasi.reseed(seed),
    memoryBytes: () => exports.memory.buffer.byteLength,
    isDead: () => hasDied,
  };
}

/** `lookup` keeps the answer and tells its size; `reply` copies it to where the program made room. */
function createFileImports(lookup: Lookup): {
  readonly functions: Record<string, unknown>;
  attach(memory: WebAssembly.Memory): void;
} {
  let memory: WebAssembly.Memory | undefined;
  let pending: Uint8Array = ABSENT;
  const bytesAt = (pointer: number, length: number): Uint8Array => {
    if (memory === undefined) throw new Error("no memory is attached");
    return new Uint8Array(memory.buffer, pointer >>> 0, length);
  };
  return {
    functions: {
      lookup: (pointer: number, length: number) => {
        pending = lookup(Buffer.from(bytesAt(pointer, length >>> 0)).toString("utf8"));
        return pending.length;
      },
      reply: (pointer: number) => {
        bytesAt(pointer, pending.length).set(pending);
        pending = ABSENT;
        return undefined;
      },
    },
    attach: (attached) => {
      memory = attached;
    },
  };
}

function asReactorExports(exports: WebAssembly.Exports): ReactorExports {
  const isReactor =
    exports["memory"] instanceof WebAssembly.Memory &&
    [exports["_initialize"], exports["alloc"], exports["call"]].every((entry) => typeof entry === "function");
  if (!isReactor) throw new TypeError("the module lacks the exports memory, _initialize, alloc and call");
  return exports as WebAssembly.Exports & ReactorExports;
}
