import type { Trace, TraceFact } from "../model/index.ts";

/** Room for the facts of one render; what does not fit is left out of a killed render's trace, never of another's. */
const CAPACITY = 1024 * 1024;
const HEADER = 4;

/**
 * The facts of the render under way, in memory that two threads see: a worker that is killed can no longer say what
 * it had read. One thread writes, the other reads after the first has stopped.
 */
export function createTapeMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER + CAPACITY);
}

/** Forgets the last render's facts. */
export function rewindTape(memory: SharedArrayBuffer): void {
  Atomics.store(new Int32Array(memory, 0, 1), 0, 0);
}

/** Adds a fact; without effect when there is no room left. */
export function writeTape(memory: SharedArrayBuffer, fact: TraceFact): void {
  const length = new Int32Array(memory, 0, 1);
  const used = Atomics.load(length, 0);
  const line = Buffer.from(`${JSON.stringify(fact)}\n`, "utf8");
  if (used + line.length > CAPACITY) return;
  new Uint8Array(memory, HEADER + used, line.length).set(line);
  Atomics.store(length, 0, used + line.length);
}

export function readTape(memory: SharedArrayBuffer): Trace {
  const used = Atomics.load(new Int32Array(memory, 0, 1), 0);
  const text = Buffer.from(new Uint8Array(memory, HEADER, used)).toString("utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as TraceFact);
}
