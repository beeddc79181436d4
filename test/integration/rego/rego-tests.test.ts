import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LIMITS, openEngine, sourceOf } from "./rego-fixture.ts";

describe("unit tests of policies", () => {
  const engine = openEngine();

  it("say which expression did not hold, and what was printed", async () => {
    const source = sourceOf(`package main_test

test_fails if {
  x := 3
  print("x is", x)
  x == 4
}

test_passes if true

todo_test_later if false
`);
    assert.deepEqual(await engine.testRego(source, LIMITS), [
      {
        name: "test_fails",
        package: "main_test",
        file: "a.rego",
        line: 3,
        result: "failed",
        message: "a.rego:6: x == 4 did not hold\nprinted: x is 3",
      },
      { name: "test_passes", package: "main_test", file: "a.rego", line: 9, result: "passed", message: undefined },
      {
        name: "todo_test_later",
        package: "main_test",
        file: "a.rego",
        line: 11,
        result: "skipped",
        message: undefined,
      },
    ]);
  });

  it("are errored, one for each problem, where the policies do not compile", async () => {
    const tests = await engine.testRego(sourceOf("package a\n\nx := nosuch\n", "package b\n\ny := other\n"), LIMITS);
    assert.deepEqual(
      tests.map(({ result, file, line, message }) => `${result} ${file}:${line} ${message}`),
      ["errored a.rego:3 var nosuch is unsafe", "errored b.rego:3 var other is unsafe"],
    );
  });

  it("are told apart where one does not end", async () => {
    const source = sourceOf(`package main_test

test_one if true

test_endless if count([1 | some a in numbers.range(1, 100000); some b in numbers.range(1, 100000); a + b == 0]) == 0

test_three if true
`);
    const tests = await engine.testRego(source, { seconds: 1, answers: 10 });
    assert.deepEqual(
      tests.map(({ name, result }) => `${name} ${result}`),
      ["test_one passed", "test_endless errored", "test_three passed"],
    );
    assert.match(tests[1]?.message ?? "", /took longer than 1 s/u);
  });
});
