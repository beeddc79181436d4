import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createTraceRecorder } from "../../../src/engine/trace-recorder.ts";
import { createTapeMemory, readTape, rewindTape, writeTape } from "../../../src/engine/trace-tape.ts";
import type { TraceFact } from "../../../src/model/index.ts";

describe("the trace of a render", () => {
  it("holds each fact once, also where a path has facts of two kinds", () => {
    const heard: TraceFact[] = [];
    const recorder = createTraceRecorder((fact) => heard.push(fact));
    const facts: TraceFact[] = [
      { kind: "absent", path: "a" },
      { kind: "entry", path: "link", id: "1" },
      { kind: "absent", path: "a" },
      { kind: "input", path: "crd:x/Y", id: undefined },
      { kind: "directory", path: "", names: "2" },
    ];
    for (const fact of facts) recorder.add(fact);
    assert.deepEqual(recorder.trace(), [facts[0], facts[1], facts[3], facts[4]]);
    assert.deepEqual(heard, recorder.trace());
  });
});

describe("the trace tape", () => {
  it("gives back what another thread wrote", () => {
    const memory = createTapeMemory();
    assert.deepEqual(readTape(memory), []);
    const facts: TraceFact[] = [
      { kind: "entry", path: "ä\nb", id: "1" },
      { kind: "absent", path: "__proto__" },
    ];
    for (const fact of facts) writeTape(memory, fact);
    assert.deepEqual(readTape(memory), facts);
    rewindTape(memory);
    assert.deepEqual(readTape(memory), []);
  });

  it("leaves out what it has no room for", () => {
    const memory = createTapeMemory();
    writeTape(memory, { kind: "absent", path: "first" });
    writeTape(memory, { kind: "absent", path: "x".repeat(2 * 1024 * 1024) });
    writeTape(memory, { kind: "absent", path: "last" });
    assert.deepEqual(
      readTape(memory).map(({ path }) => path),
      ["first", "last"],
    );
  });
});
