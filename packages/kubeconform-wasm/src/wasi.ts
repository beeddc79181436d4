import { createCipheriv, createHash } from "node:crypto";
import type { Cipheriv } from "node:crypto";

// Error numbers of WASI preview 1.
const OK = 0;
const BAD_FILE = 8;
const INVALID = 28;
const NOT_SUPPORTED = 52;

/** The wall clock every program sees: 2025-01-01T00:00:00Z, in nanoseconds. It never moves. */
const WALL_CLOCK = 1_735_689_600_000_000_000n;
/** How far the monotonic clock moves at each reading, in nanoseconds. */
const TICK = 1000n;
/** Standard output and error are kept up to this many bytes; a panic tells its reason first. */
const OUTPUT_LIMIT = 16 * 1024;
const CHARACTER_DEVICE = 2;
const CLOCK_MONOTONIC = 1;
const SUBSCRIPTION_SIZE = 48;
const EVENT_SIZE = 32;
const EVENT_CLOCK = 0;
const ABSOLUTE_TIME = 1;

type HostFunction = (...args: never[]) => number;

/** Thrown out of a program that ended itself. The instance must not be called again. */
export class ProgramExit extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`the program exited with code ${code}`);
    this.name = "ProgramExit";
    this.code = code;
  }
}

/** A place in the clock and random stream of a `Wasi`, to come back to. */
export interface WasiState {
  readonly monotonic: bigint;
}

/** A `WebAssembly.Memory`, as far as it matters here: growing replaces its buffer. */
export interface LinearMemory {
  readonly buffer: ArrayBuffer;
}

/**
 * The part of `wasi_snapshot_preview1` that a pure computation needs: a fixed wall clock, a monotonic clock that
 * moves by a constant at each reading, a random stream that a seed determines, and captured output. There are no
 * files, no environment, no network; one argument is given, because klog panics without any.
 */
export interface Wasi {
  readonly functions: Readonly<Record<string, HostFunction>>;
  /** The memory must be attached before the first call of an export. */
  attach(memory: LinearMemory): void;
  /** Starts the random stream anew. */
  reseed(seed: string): void;
  state(): WasiState;
  /** Sets the clock back, starts the random stream of `seed`, and forgets the output. */
  restore(state: WasiState, seed: string): void;
  /** What was written to standard output and standard error, cut at 16 KiB. */
  output(): string;
}

/** `onOutput` hears each piece of output as it is written, uncut. */
export function createWasi(seed: string, onOutput?: (text: string) => void): Wasi {
  let memory: LinearMemory | undefined;
  let monotonic = 0n;
  let random = createRandomStream(seed);
  let output: Uint8Array[] = [];
  let outputSize = 0;

  // Growing a memory detaches its buffer, so views are made anew at each use.
  const buffer = (): ArrayBuffer => {
    if (memory === undefined) throw new Error("no memory is attached");
    return memory.buffer;
  };
  const view = (): DataView => new DataView(buffer());

  const capture = (bytes: Uint8Array): void => {
    onOutput?.(Buffer.from(bytes).toString("utf8"));
    const kept = bytes.slice(0, OUTPUT_LIMIT - outputSize);
    outputSize += kept.length;
    if (kept.length > 0) output.push(kept);
  };

  const clock = (id: number): bigint => {
    if (id !== CLOCK_MONOTONIC) return WALL_CLOCK;
    monotonic += TICK;
    return monotonic;
  };

  const writeArguments = (pointers: number, text: number): number => {
    view().setUint32(pointers, text, true);
    new Uint8Array(buffer(), text, ARGUMENT.length).set(ARGUMENT);
    return OK;
  };

  const writeSizes = (count: number, size: number, countPointer: number, sizePointer: number): number => {
    view().setUint32(countPointer, count, true);
    view().setUint32(sizePointer, size, true);
    return OK;
  };

  const write = (fd: number, vectors: number, count: number, written: number): number => {
    if (fd !== 1 && fd !== 2) return BAD_FILE;
    const memoryView = view();
    let size = 0;
    for (let index = 0; index < count; index++) {
      const length = memoryView.getUint32(vectors + index * 8 + 4, true);
      capture(new Uint8Array(buffer(), memoryView.getUint32(vectors + index * 8, true), length));
      size += length;
    }
    memoryView.setUint32(written, size, true);
    return OK;
  };

  const describeFile = (fd: number, result: number): number => {
    if (fd > 2) return BAD_FILE;
    new Uint8Array(buffer(), result, 24).fill(0);
    view().setUint8(result, CHARACTER_DEVICE);
    return OK;
  };

  /** Nobody waits: the earliest sleeper's time is made to have come. Subscriptions to files are answered with an error. */
  const poll = (subscriptions: number, events: number, count: number, fired: number): number => {
    if (count === 0) return INVALID;
    const sleepers = readSubscriptions(view(), subscriptions, count, monotonic);
    const wake = sleepers.reduce<bigint | undefined>(
      (least, { until }) => (until !== undefined && (least === undefined || until < least) ? until : least),
      undefined,
    );
    if (wake !== undefined && wake > monotonic) monotonic = wake;
    const due = sleepers.filter(({ until }) => until === undefined || until <= monotonic);
    due.forEach((subscription, index) => writeEvent(view(), events + index * EVENT_SIZE, subscription));
    view().setUint32(fired, due.length, true);
    return OK;
  };

  return {
    functions: {
      args_sizes_get: (count: number, size: number) => writeSizes(1, ARGUMENT.length, count, size),
      args_get: writeArguments,
      environ_sizes_get: (count: number, size: number) => writeSizes(0, 0, count, size),
      environ_get: () => OK,
      clock_time_get: (id: number, _precision: bigint, result: number) => {
        view().setBigUint64(result, clock(id), true);
        return OK;
      },
      random_get: (pointer: number, length: number) => {
        new Uint8Array(buffer(), pointer, length).set(random.update(Buffer.alloc(length)));
        return OK;
      },
      fd_write: write,
      fd_fdstat_get: describeFile,
      sched_yield: () => OK,
      poll_oneoff: poll,
      proc_exit: (code: number): number => {
        throw new ProgramExit(code);
      },
    },
    attach: (attached) => {
      memory = attached;
    },
    reseed: (newSeed) => {
      random = createRandomStream(newSeed);
    },
    state: () => ({ monotonic }),
    restore: (state, newSeed) => {
      monotonic = state.monotonic;
      random = createRandomStream(newSeed);
      output = [];
      outputSize = 0;
    },
    output: () => Buffer.concat(output).toString("utf8"),
  };
}

/** The import object's functions for `names`, the ones not offered above refusing with an error number. */
export function fillImports(wasi: Wasi, names: readonly string[]): Record<string, HostFunction> {
  return Object.fromEntries(
    names.map((name) => {
      const refusal = name.startsWith("fd_") ? BAD_FILE : NOT_SUPPORTED;
      return [name, wasi.functions[name] ?? ((): number => refusal)];
    }),
  );
}

const ARGUMENT = new TextEncoder().encode("engine\0");

/** Encrypting zeros in counter mode is a fast random stream that its key determines. */
function createRandomStream(seed: string): Cipheriv {
  return createCipheriv("aes-256-ctr", createHash("sha256").update(seed).digest(), Buffer.alloc(16));
}

interface Subscription {
  readonly userData: bigint;
  readonly type: number;
  /** Monotonic time to wake at; undefined for a subscription to a file. */
  readonly until: bigint | undefined;
}

function readSubscriptions(view: DataView, pointer: number, count: number, now: bigint): Subscription[] {
  return Array.from({ length: count }, (_, index) => {
    const at = pointer + index * SUBSCRIPTION_SIZE;
    const userData = view.getBigUint64(at, true);
    const type = view.getUint8(at + 8);
    if (type !== EVENT_CLOCK) return { userData, type, until: undefined };
    const timeout = view.getBigUint64(at + 24, true);
    const isAbsolute = (view.getUint16(at + 40, true) & ABSOLUTE_TIME) !== 0;
    return { userData, type, until: isAbsolute ? timeout : now + timeout };
  });
}

function writeEvent(view: DataView, pointer: number, { userData, type, until }: Subscription): void {
  view.setBigUint64(pointer, userData, true);
  view.setUint16(pointer + 8, until === undefined ? BAD_FILE : OK, true);
  view.setUint8(pointer + 10, type);
  view.setBigUint64(pointer + 16, 0n, true);
  view.setUint16(pointer + 24, 0, true);
}
