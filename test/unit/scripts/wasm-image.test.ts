import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bakeState, ImageError } from "../../../scripts/wasm-image.ts";

const PAGE = 65_536;

/** A section: its number, its length and its bytes. All are shorter than 128 bytes here. */
function section(id: number, ...bytes: number[]): number[] {
  return [id, bytes.length, ...bytes];
}

function text(name: string): number[] {
  return [name.length, ...Buffer.from(name)];
}

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const TYPES = section(1, 2, 0x60, 0, 0, 0x60, 0, 1, 0x7f);
const IMPORTS = section(2, 1, ...text("host"), ...text("f"), 0, 0);
const FUNCTIONS = section(3, 2, 0, 1);
const MEMORY = section(5, 1, 0, 1);
/** An unchangeable 7, and a variable that starts at 1. */
const GLOBALS = section(6, 2, 0x7f, 0, 0x41, 7, 0x0b, 0x7f, 1, 0x41, 1, 0x0b);
const EXPORTS = section(7, 3, ...text("_initialize"), 0, 1, ...text("read"), 0, 2, ...text("memory"), 2, 0);
/** `_initialize` traps; `read` gives the variable plus the number that stands at 70,000 in memory. */
const CODE = section(10, 2, 3, 0, 0x00, 0x0b, 12, 0, 0x23, 1, 0x41, 0, 0x28, 2, 0xf0, 0xa2, 4, 0x6a, 0x0b);
const DATA = section(11, 1, 0, 0x41, 0, 0x0b, 1, 99);

const module = Uint8Array.from([HEADER, TYPES, IMPORTS, FUNCTIONS, MEMORY, GLOBALS, EXPORTS, CODE, DATA].flat());

function filledMemory(): Uint8Array {
  const memory = new Uint8Array(2 * PAGE);
  new DataView(memory.buffer).setUint32(70_000, 30, true);
  memory[PAGE - 1] = 5;
  return memory;
}

function start(wasm: Uint8Array): WebAssembly.Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(wasm), { host: { f: () => undefined } }).exports;
}

describe("bakeState", () => {
  it("makes a module that starts in the state it was given", () => {
    const exports = start(bakeState(module, { memory: filledMemory(), globals: [-12] }, 3));
    (exports["_initialize"] as () => void)();
    assert.equal((exports["read"] as () => number)(), 18);
    const memory = new Uint8Array((exports["memory"] as WebAssembly.Memory).buffer);
    assert.deepEqual([memory.length, memory[0], memory[PAGE - 1]], [2 * PAGE, 0, 5]);
  });

  it("declares the maximum of the memory", () => {
    const exports = start(bakeState(module, { memory: filledMemory(), globals: [0] }, 3));
    const memory = exports["memory"] as { grow(pages: number): number };
    assert.equal(memory.grow(1), 2);
    assert.throws(() => memory.grow(1), RangeError);
  });

  it("keeps large and negative variables", () => {
    for (const value of [-2_147_483_648, 2_147_483_647, -64, 64]) {
      const exports = start(bakeState(module, { memory: filledMemory(), globals: [value] }, 3));
      assert.equal((exports["read"] as () => number)(), (value + 30) | 0);
    }
  });

  it("refuses a state that is not the module's", () => {
    const memory = filledMemory();
    assert.throws(() => bakeState(module, { memory, globals: [] }, 3), ImageError);
    assert.throws(() => bakeState(module, { memory, globals: [1, 2] }, 3), ImageError);
    assert.throws(() => bakeState(module, { memory, globals: [1] }, 1), ImageError);
    assert.throws(() => bakeState(module.subarray(0, 60), { memory, globals: [1] }, 3), ImageError);
  });
});
