import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exposeGlobals } from "../../../packages/kubeconform-wasm/src/module-binary.ts";
import { instantiateReactor, ReactorError } from "../../../packages/kubeconform-wasm/src/reactor.ts";

const section = (id: number, ...body: number[]): number[] => [id, body.length, ...body];
const code = (...body: number[]): number[] => [body.length + 2, 0, ...body, 0x0b];
const name = (text: string): number[] => [text.length, ...Buffer.from(text)];

/**
 * A reactor whose `call` gives the request back with its seventh byte replaced by a digit, which counts the calls in
 * a global; it traps when the third byte is a `t`, and grows its memory by a page each time.
 *
 * (func $call (param i32 i32) (result i64)
 *   (if (i32.eq (i32.load8_u offset=2 (local.get 0)) (i32.const 116)) (then unreachable))
 *   (global.set 0 (i32.add (global.get 0) (i32.const 1)))
 *   (i32.store8 offset=6 (local.get 0) (i32.add (global.get 0) (i32.const 48)))
 *   (drop (memory.grow (i32.const 1)))
 *   (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1))))
 */
const COUNTER = new Uint8Array([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, 3, 0x60, 0, 0, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 2, 0x7f, 0x7f, 1, 0x7e),
  ...section(3, 3, 0, 1, 2),
  ...section(5, 1, 0, 1),
  ...section(6, 1, 0x7f, 1, 0x41, 0, 0x0b),
  ...section(
    7,
    ...[4, ...name("memory"), 2, 0, ...name("_initialize"), 0, 0],
    ...[...name("alloc"), 0, 1, ...name("call"), 0, 2],
  ),
  ...section(
    10,
    3,
    ...code(),
    ...code(0x41, 0x80, 0x08),
    ...code(
      ...[0x20, 0, 0x2d, 0, 2, 0x41, 0xf4, 0, 0x46, 0x04, 0x40, 0x00, 0x0b],
      ...[0x23, 0, 0x41, 1, 0x6a, 0x24, 0],
      ...[0x20, 0, 0x23, 0, 0x41, 48, 0x6a, 0x3a, 0, 6],
      ...[0x41, 1, 0x40, 0, 0x1a],
      ...[0x20, 0, 0xad, 0x42, 32, 0x86, 0x20, 1, 0xad, 0x84],
    ),
  ),
]);

const startCounter = (bytes: Uint8Array): ReturnType<typeof instantiateReactor> =>
  instantiateReactor(new WebAssembly.Module(bytes), { seed: "test" });

describe("a reactor", () => {
  it("answers JSON with JSON", () => {
    assert.deepEqual(startCounter(COUNTER).call({ n: "x" }), { n: "1" });
  });

  it("is put back to a snapshot with its globals, not its memory alone", () => {
    const reactor = startCounter(exposeGlobals(COUNTER));
    const start = reactor.snapshot();
    assert.deepEqual([reactor.call({ n: "x" }), reactor.call({ n: "x" })], [{ n: "1" }, { n: "2" }]);
    reactor.restore(start, "test");
    assert.deepEqual(reactor.call({ n: "x" }), { n: "1" });
  });

  it("refuses a snapshot of a module that hides its globals", () => {
    assert.throws(() => startCounter(COUNTER).snapshot(), TypeError);
  });

  it("zeroes what has grown since the snapshot", () => {
    const reactor = startCounter(exposeGlobals(COUNTER));
    const start = reactor.snapshot();
    reactor.call({ n: "x" });
    assert.equal(reactor.memoryBytes(), 2 * 65536);
    reactor.restore(start, "test");
    assert.equal(reactor.memoryBytes(), 2 * 65536);
    assert.ok(reactor.snapshot().memory.every((byte) => byte === 0));
  });

  it("is dead after a trap", () => {
    const reactor = startCounter(COUNTER);
    assert.throws(() => reactor.call({ t: "x" }), ReactorError);
    assert.equal(reactor.isDead(), true);
    assert.throws(() => reactor.call({ n: "x" }), /the reactor is dead/);
  });

  it("is no reactor without the exports of one", () => {
    assert.throws(() => startCounter(COUNTER.slice(0, 8)), TypeError);
  });
});

describe("exposing the globals of a module", () => {
  it("does it once", () => {
    const once = exposeGlobals(COUNTER);
    assert.ok(once.length > COUNTER.length);
    assert.equal(exposeGlobals(once), once);
    const exports = WebAssembly.Module.exports(new WebAssembly.Module(once)).map((entry) => entry.name);
    assert.deepEqual(exports, ["memory", "_initialize", "alloc", "call", "global:0"]);
  });

  it("refuses what is no module", () => {
    assert.throws(() => exposeGlobals(Buffer.from("<html>")), TypeError);
    assert.throws(() => exposeGlobals(COUNTER.slice(0, 20)), TypeError);
  });
});
