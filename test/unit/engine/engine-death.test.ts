import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ReactorError } from "../../../packages/kubeconform-wasm/src/reactor.ts";
import { describeEngineDeath } from "../../../src/engine/engine-death.ts";
import { Fault } from "../../../src/model/index.ts";

const MEBIBYTE = 1024 * 1024;
const trap = (output = "", cause: unknown = new Error("unreachable")): ReactorError =>
  new ReactorError("unreachable", output, cause);
const tooLong = Object.assign(new Error("too long"), { code: "ERR_STRING_TOO_LONG" });

describe("the end of an engine", () => {
  const memory = /^helm needed more memory/u;
  const cases = [
    ["Go has no memory for one large value", trap("fatal error: out of memory\n\ngoroutine 1"), 40, "limit", memory],
    ["Go's runtime says how much it was", trap("runtime: out of memory: cannot allocate"), 40, "limit", memory],
    ["memory had grown before", trap(), 300, "limit", memory],
    ["the answer is longer than a string", trap("", tooLong), 40, "limit", memory],
    ["recursion", trap("", new RangeError("Maximum call stack size exceeded")), 40, "limit", /^helm recursed/u],
    ["anything else", trap("panic: out of memory, says a template"), 40, "engine", /^The engine helm broke/u],
  ] as const;
  for (const [title, error, mebibytes, kind, message] of cases) {
    it(`${title}: ${kind}`, () => {
      const failure = describeEngineDeath("helm", error, mebibytes * MEBIBYTE);
      assert.equal(failure.kind, kind);
      assert.match(failure.message, message);
    });
  }

  it("is not blamed on the app when git broke, or when it is no engine's error", () => {
    assert.throws(() => describeEngineDeath("helm", trap("", new Fault("git broke")), 0), /git broke/u);
    assert.throws(() => describeEngineDeath("helm", new TypeError("a mistake"), 0), /a mistake/u);
  });
});
