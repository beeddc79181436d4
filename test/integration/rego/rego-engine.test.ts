import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PolicyInput } from "../../../src/model/index.ts";
import { createPatience } from "../../../src/pipeline/policy-patience.ts";
import type { PolicyOutcome } from "../../../src/pipeline/policy-ports.ts";
import { CONTEXT, created, LIMITS, openEngine, sourceOf, subjectOf } from "./rego-fixture.ts";

const SAYS_NAME = "package main\n\ndeny contains input.name if input.name\n";

function messagesOf(outcome: PolicyOutcome | undefined): readonly string[] | string {
  if (outcome === undefined) return "nothing";
  return outcome.kind === "judged"
    ? outcome.answers.map(({ message }) => message)
    : `broken: ${outcome.problem.message}`;
}

describe("the Rego engine", () => {
  const engine = openEngine();

  it("gives one outcome for each input, in order, equal ones alike", async () => {
    const { id, problems, rules } = await engine.loadRego(sourceOf(SAYS_NAME));
    assert.deepEqual(problems, []);
    assert.deepEqual(
      rules.map(({ id: rule, kind, file, line }) => ({ rule, kind, file, line })),
      [{ rule: "rego/main/deny", kind: "deny", file: "a.rego", line: 3 }],
    );
    const names = ["x", "y", "x", "z", "x"];
    const outcomes = await engine.evaluateRego(
      id,
      names.map((name) => created({ name })),
      CONTEXT,
      LIMITS,
    );
    assert.deepEqual(
      outcomes.map(messagesOf),
      names.map((name) => [name]),
    );
  });

  it("tells policies what was before, where they ask, and who asks", async () => {
    const source = sourceOf(`package main
deny contains "grew" if input.size > data.drydock.before.size
deny contains "created" if not data.drydock.before
warn contains sprintf("%s by %s", [data.drydock.environment, data.drydock.pullRequest.author])
`);
    const { id, uses } = await engine.loadRego(source);
    assert.deepEqual(uses, { before: true, app: false, environment: true, pullRequest: true, clock: false });
    const pullRequest = { number: 1, author: "ann", labels: ["x"], baseRef: "main" };
    const inputs: PolicyInput[] = [
      { object: subjectOf({ size: 2 }), before: subjectOf({ size: 1 }) },
      { object: subjectOf({ size: 2 }), before: subjectOf({ size: 2 }) },
      { object: subjectOf({ size: 2 }), before: undefined },
    ];
    const outcomes = await engine.evaluateRego(id, inputs, { ...CONTEXT, environment: "prod", pullRequest }, LIMITS);
    assert.deepEqual(outcomes.map(messagesOf), [["grew", "prod by ann"], ["prod by ann"], ["created", "prod by ann"]]);
    const alone = await engine.evaluateRego(id, inputs.slice(1, 2), CONTEXT, LIMITS);
    assert.deepEqual(alone.map(messagesOf), [[]]);
  });

  it("T44: shows policies a placeholder for what is sealed", async () => {
    const { id } = await engine.loadRego(
      sourceOf(
        "package main\n\ndeny contains base64.decode(input.data.password)\ndeny contains input.stringData.token\n",
      ),
    );
    const sealed = subjectOf({ kind: "Secret", data: { password: null }, stringData: { token: null } }, [
      "/data/password",
      "/stringData/token",
    ]);
    const outcomes = await engine.evaluateRego(id, [{ object: sealed, before: undefined }], CONTEXT, LIMITS);
    assert.deepEqual(outcomes.map(messagesOf), [["sealed"]]);
  });

  it("evaluates nothing where anything does not compile, and says where", async () => {
    const loaded = await engine.loadRego(
      sourceOf(SAYS_NAME, "package b\n\nx := nosuch\n", "package c\n\ny := other\n"),
    );
    assert.deepEqual(loaded.problems, [
      { file: "b.rego", line: 3, column: 6, message: "var nosuch is unsafe" },
      { file: "c.rego", line: 3, column: 6, message: "var other is unsafe" },
    ]);
    const outcomes = await engine.evaluateRego(loaded.id, [created({ name: "x" })], CONTEXT, LIMITS);
    assert.deepEqual(outcomes.map(messagesOf), ["broken: var nosuch is unsafe"]);
  });

  it("judges the others where one input is guilty, and goes on after the worker was killed", async () => {
    // Matching is one step, so that only the clock can end it.
    const doubling = Array.from({ length: 24 }, (_, index) => `s${index + 1} := concat("", [s${index}, s${index}])`);
    const source = sourceOf(`package main
s0 := "x" if input.isGuilty
${doubling.join("\n")}
deny contains input.name
deny contains "never" if regex.match("(.*x)*(.*x)*(.*x)*y{500}", s24)
`);
    const { id, problems } = await engine.loadRego(source);
    assert.deepEqual(problems, []);
    const inputs = Array.from({ length: 9 }, (_, index) => created({ name: `n${index}`, isGuilty: index === 5 }));
    const outcomes = await engine.evaluateRego(id, inputs, CONTEXT, { seconds: 1, answers: 10 });
    outcomes.forEach((outcome, index) => {
      if (index === 5)
        assert.match(
          String(messagesOf(outcome)),
          /^broken: Judging by the Rego policies (?:took longer than 1 s|needed more memory)/u,
        );
      else assert.deepEqual(messagesOf(outcome), [`n${index}`]);
    });
    const after = await engine.evaluateRego(id, [created({ name: "after" })], CONTEXT, LIMITS);
    assert.deepEqual(after.map(messagesOf), [["after"]]);
  });

  it("T43: asks policies that never end no more in the same check, however many apps there are", async () => {
    // Matching is one step, so that only the clock can end it.
    const doubling = Array.from({ length: 24 }, (_, index) => `s${index + 1} := concat("", [s${index}, s${index}])`);
    const source = sourceOf(
      `package main\ns0 := "x"\n${doubling.join("\n")}\ndeny contains "never" if regex.match("(.*x)*(.*x)*(.*x)*y{500}", s24)\n`,
    );
    const { id } = await engine.loadRego(source);
    const limits = { seconds: 1, answers: 10, patience: createPatience(1) };
    const apps = Array.from({ length: 20 }, (_, app) => [0, 1, 2].map((index) => created({ name: `${app}-${index}` })));
    const began = performance.now();
    const outcomes: PolicyOutcome[] = [];
    for (const inputs of apps) outcomes.push(...(await engine.evaluateRego(id, inputs, CONTEXT, limits)));
    outcomes.push(await engine.evaluateCombined(id, [created({})], CONTEXT, limits));
    assert.ok(performance.now() - began < 8_000, "one second, and the time to begin anew");
    assert.ok(outcomes.every(({ kind }) => kind === "broken"));
    assert.match(String(messagesOf(outcomes[0])), /took longer than 1 s|needed more memory/u);
    assert.match(String(messagesOf(outcomes.at(-1))), /so long over other resources.* this was not judged/u);
    const other = await engine.loadRego(sourceOf(SAYS_NAME));
    const judged = await engine.evaluateRego(other.id, [created({ name: "n" })], CONTEXT, limits);
    assert.deepEqual(judged.map(messagesOf), [["n"]], "other policies keep their time");
  });

  it("T43: survives what takes all memory", async () => {
    const doubling = Array.from({ length: 40 }, (_, index) => `s${index + 1} := concat("", [s${index}, s${index}])`);
    const { id } = await engine.loadRego(
      sourceOf(`package main\n\ns0 := input.name\n${doubling.join("\n")}\n\ndeny contains "big" if count(s40) > 1\n`),
    );
    const outcomes = await engine.evaluateRego(id, [created({ name: "x".repeat(100) }), created({})], CONTEXT, LIMITS);
    assert.match(String(messagesOf(outcomes[0])), /^broken: /u);
    assert.deepEqual(messagesOf(outcomes[1]), []);
  });

  it("bounds and counts 100,000 violations of one resource", async () => {
    const { id } = await engine.loadRego(
      sourceOf('package main\n\ndeny contains sprintf("%d", [x]) if some x in numbers.range(1, 100000)\n'),
    );
    const [outcome] = await engine.evaluateRego(id, [created({})], CONTEXT, { seconds: 60, answers: 3 });
    assert.deepEqual(messagesOf(outcome), [
      "1",
      "10",
      "100",
      "There are 99997 more results of this rule for this resource.",
    ]);
  });

  it("keeps keys that mean something in JavaScript as they are", async () => {
    const { id } = await engine.loadRego(
      sourceOf('package main\n\ndeny contains sprintf("%s=%s", [k, v]) if some k, v in input.data\n'),
    );
    const object = { json: '{"data":{"__proto__":"a","constructor":"b"}}', sealed: [] };
    const outcomes = await engine.evaluateRego(id, [{ object, before: undefined }], CONTEXT, LIMITS);
    assert.deepEqual(outcomes.map(messagesOf), [["__proto__=a", "constructor=b"]]);
  });

  it("loads again, unnoticed, what was used so long ago that the engine let go of it", async () => {
    const ids: string[] = [];
    for (let index = 0; index < 9; index++) {
      ids.push((await engine.loadRego(sourceOf(`package main\n\ndeny contains "set ${index}"\n`))).id);
    }
    for (const index of [8, 0, 4]) {
      const outcomes = await engine.evaluateRego(ids[index] ?? "", [created({})], CONTEXT, LIMITS);
      assert.deepEqual(outcomes.map(messagesOf), [[`set ${index}`]]);
    }
    await assert.rejects(engine.evaluateRego("nosuch", [created({})], CONTEXT, LIMITS), /were not loaded/u);
  });

  it("gives the same whatever was judged before, and in how many threads", async () => {
    const source = sourceOf(
      'package main\n\ndeny contains sprintf("%s %d %d", [input.name, rand.intn("x", 1000), time.now_ns()])\n',
    );
    const inputs = Array.from({ length: 300 }, (_, index) => created({ name: `n${index}` }));
    const other = openEngine({ workers: 2 });
    const mine = await engine.evaluateRego((await engine.loadRego(source)).id, inputs, CONTEXT, LIMITS);
    const theirs = await other.evaluateRego((await other.loadRego(source)).id, inputs.toReversed(), CONTEXT, LIMITS);
    assert.deepEqual(mine, theirs.toReversed());
    assert.match(String(messagesOf(mine[0])), /1735689600000000000/u);
  });
});
