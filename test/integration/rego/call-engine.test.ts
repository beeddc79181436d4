import assert from "node:assert/strict";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { createEngineCaller, type EngineCaller } from "../../../src/engine/call-engine.ts";
import { compileEngines } from "../../../src/engine/engine-modules.ts";
import { Fault } from "../../../src/model/index.ts";
import { ROOT } from "./rego-fixture.ts";

const modules = compileEngines(join(ROOT, "engines", "dist"), []);

function openCaller(retireBytes?: number): EngineCaller {
  const bound = retireBytes === undefined ? {} : { retireBytes };
  const caller = createEngineCaller({ module: () => modules.get("rego"), ...bound });
  after(() => caller.close());
  return caller;
}

function loadOf(id: string): object {
  const text = `package main\n\ndeny contains "${id}"\n\nwarn contains "x" if count(numbers.range(1, input.size)) == 0\n`;
  return { op: "load", id, modules: [{ file: "a.rego", text }], data: [] };
}

function evaluateOf(set: string): object {
  return { op: "evaluate", set, inputs: [{ sealed: [] }], context: {}, now: 0, steps: 1e12, answers: 9 };
}

const SMALL = new Map([["object/0", '{"size":1}']]);
const ENDLESS = new Map([["object/0", '{"size":1000000000}']]);

describe("calls of a policy engine", () => {
  it("load again what a killed engine had loaded, unnoticed", async () => {
    const caller = openCaller();
    caller.keep("a", loadOf("a"));
    const stopped = await caller.call({ request: evaluateOf("a"), files: ENDLESS, needs: ["a"], seconds: 1 });
    assert.match(JSON.stringify(stopped), /"kind":"stopped".*"at":"call"/u);
    const answer = await caller.call({ request: evaluateOf("a"), files: SMALL, needs: ["a"], seconds: 30 });
    assert.match(JSON.stringify(answer), /"kind":"ok".*"message":"a"/u);
  });

  it("are carried out in turn, the ones behind a killed one too", async () => {
    const caller = openCaller();
    caller.keep("a", loadOf("a"));
    caller.keep("b", loadOf("b"));
    const answers = await Promise.all([
      caller.call({ request: evaluateOf("a"), files: ENDLESS, needs: ["a"], seconds: 1 }),
      caller.call({ request: evaluateOf("b"), files: SMALL, needs: ["b"], seconds: 30 }),
      caller.call({ request: evaluateOf("a"), files: SMALL, needs: ["a"], seconds: 30 }),
    ]);
    assert.deepEqual(
      answers.map((answer) => answer.kind),
      ["stopped", "ok", "ok"],
    );
  });

  it("load again what was unloaded, in whatever order both were asked for", async () => {
    const caller = openCaller();
    await caller.load("a", loadOf("a"), 30);
    const call = (): Promise<{ readonly kind: string }> =>
      caller.call({ request: evaluateOf("a"), files: SMALL, needs: ["a"], seconds: 30 });
    const before = call();
    caller.unload("a", { op: "unload", id: "a" });
    const answers = await Promise.all([before, call(), call()]);
    assert.deepEqual(
      answers.map(({ kind }) => kind),
      ["ok", "ok", "ok"],
    );
  });

  it("end at the load where it alone takes more memory than an instance may keep", async () => {
    const caller = openCaller(1);
    caller.keep("a", loadOf("a"));
    const answer = await caller.call({ request: evaluateOf("a"), files: SMALL, needs: ["a"], seconds: 30 });
    assert.deepEqual(answer, { kind: "stopped", reason: "memory", at: "load" });
  });

  it("are refused in the engine's own words", async () => {
    const answer = await openCaller().call({ request: { op: "nosuch" }, needs: [], seconds: 30 });
    assert.deepEqual(answer, {
      kind: "refused",
      failure: { kind: "engine", message: 'This engine has no operation "nosuch".', file: undefined, line: undefined },
    });
  });

  it("reject with a Fault for what was not kept, and once the engine is closed", async () => {
    const caller = openCaller();
    await assert.rejects(caller.call({ request: {}, needs: ["x"], seconds: 1 }), Fault);
    const pending = caller.call({ request: { op: "settle" }, needs: [], seconds: 30 });
    await Promise.all([caller.close(), assert.rejects(pending, Fault)]);
    await assert.rejects(caller.call({ request: { op: "settle" }, needs: [], seconds: 30 }), Fault);
  });
});
