import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createWasi, fillImports, ProgramExit } from "../../../packages/kubeconform-wasm/src/wasi.ts";
import type { Wasi } from "../../../packages/kubeconform-wasm/src/wasi.ts";

type Import = (...args: unknown[]) => number;

function attached(seed = "seed"): { wasi: Wasi; view: DataView; imports: (name: string) => Import } {
  const wasi = createWasi(seed);
  const memory = { buffer: new ArrayBuffer(65536) };
  wasi.attach(memory);
  const imports = (name: string): Import => fillImports(wasi, [name])[name] as unknown as Import;
  return { wasi, view: new DataView(memory.buffer), imports };
}

describe("the system that a program sees", () => {
  it("has a wall clock that stands and a monotonic one that moves by a constant", () => {
    const { view, imports } = attached();
    const read = (id: number): bigint => {
      assert.equal(imports("clock_time_get")(id, 0n, 8), 0);
      return view.getBigUint64(8, true);
    };
    assert.deepEqual([read(0), read(0)], [1_735_689_600_000_000_000n, 1_735_689_600_000_000_000n]);
    const [first, second, third] = [read(1), read(1), read(1)];
    assert.ok(first < second);
    assert.equal(second - first, third - second);
  });

  it("gives the same random bytes for the same seed only, however they are asked for", () => {
    const bytes = (seed: string, ...lengths: number[]): string => {
      const { view, imports } = attached(seed);
      let at = 0;
      for (const length of lengths) {
        imports("random_get")(at, length);
        at += length;
      }
      return Buffer.from(view.buffer, 0, at).toString("hex");
    };
    assert.equal(bytes("a", 16), bytes("a", 3, 13));
    assert.notEqual(bytes("a", 16), bytes("b", 16));
  });

  it("goes back in time and randomness", () => {
    const { wasi, view, imports } = attached();
    const start = wasi.state();
    const look = (): string => {
      imports("clock_time_get")(1, 0n, 0);
      imports("random_get")(8, 8);
      return Buffer.from(view.buffer, 0, 16).toString("hex");
    };
    const first = look();
    assert.notEqual(look(), first);
    wasi.restore(start, "seed");
    assert.equal(look(), first);
  });

  it("keeps the first 16 KiB of output", () => {
    const { wasi, view, imports } = attached();
    Buffer.from(view.buffer, 1000, 10_000).fill("x");
    view.setUint32(0, 1000, true);
    view.setUint32(4, 10_000, true);
    for (let count = 0; count < 3; count++) assert.equal(imports("fd_write")(2, 0, 1, 16), 0);
    assert.equal(view.getUint32(16, true), 10_000);
    assert.equal(wasi.output().length, 16 * 1024);
    assert.notEqual(imports("fd_write")(5, 0, 1, 16), 0);
  });

  it("lets a sleeper's time come at once", () => {
    const { view, imports } = attached();
    view.setBigUint64(0, 77n, true); // user data
    view.setUint8(8, 0); // a clock
    view.setUint32(16, 1, true); // the monotonic one
    view.setBigUint64(24, 5_000_000_000n, true); // in 5 s
    assert.equal(imports("poll_oneoff")(0, 1000, 1, 2000), 0);
    assert.equal(view.getUint32(2000, true), 1);
    assert.equal(view.getBigUint64(1000, true), 77n);
    assert.equal(view.getUint16(1008, true), 0);
    imports("clock_time_get")(1, 0n, 8);
    assert.ok(view.getBigUint64(8, true) >= 5_000_000_000n);
  });

  it("has one argument, no environment and no files", () => {
    const { view, imports } = attached();
    imports("args_sizes_get")(0, 4);
    assert.equal(view.getUint32(0, true), 1);
    imports("environ_sizes_get")(0, 4);
    assert.equal(view.getUint32(0, true), 0);
    for (const call of ["path_open", "fd_read", "fd_prestat_get", "sock_accept"]) assert.notEqual(imports(call)(3), 0);
  });

  it("ends the program by an exception", () => {
    assert.throws(() => attached().imports("proc_exit")(3), ProgramExit);
  });
});
