import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EngineAnswer } from "../../../src/engine/call-engine.ts";
import { describeNoAnswer, judgeInBatches } from "../../../src/engine/judge-in-batches.ts";
import type { PolicyInput } from "../../../src/model/index.ts";
import type { PolicyOutcome } from "../../../src/pipeline/policy-ports.ts";

const input = (json: string): PolicyInput => ({ object: { json, sealed: [] }, before: undefined });

/** An engine that says of each input what it is, and has to be stopped at inputs called "loop". */
function judge(inputs: readonly PolicyInput[], stopped: EngineAnswer): Promise<readonly PolicyOutcome[]> {
  return judgeInBatches(inputs, {
    ask: (batch) => {
      const names = batch.map(({ object }) => object.json);
      return Promise.resolve(names.includes("loop") ? stopped : { kind: "ok", result: names });
    },
    read: (result) =>
      (result as string[]).map((message) => ({
        kind: "judged",
        answers: [{ rule: "r", effect: "deny", message, path: [] }],
      })),
    describe: (answer) => describeNoAnswer("Judging", answer, 5),
  });
}

const said = (outcomes: readonly PolicyOutcome[]): readonly string[] =>
  outcomes.map((outcome) =>
    outcome.kind === "judged" ? (outcome.answers[0]?.message ?? "") : outcome.problem.message,
  );

describe("judging in batches", () => {
  const time: EngineAnswer = { kind: "stopped", reason: "time", at: "call" };

  it("gives one outcome for each input, in order", async () => {
    const names = Array.from({ length: 300 }, (_, index) => String(index));
    assert.deepEqual(said(await judge(names.map(input), time)), names);
  });

  it("lets the others be judged when one has to be stopped", async () => {
    const outcomes = await judge(["a", "b", "loop", "c", "d"].map(input), time);
    assert.deepEqual(said(outcomes), ["a", "b", "Judging took longer than 5 s and was stopped.", "c", "d"]);
  });

  it("asks no more once the policies have had their time, and lets nothing pass", async () => {
    let asked = 0;
    const outcomes = await judgeInBatches(["a", "loop", "c"].map(input), {
      ask: () => Promise.resolve(asked++ === 0 ? time : { kind: "ok", result: undefined }),
      read: () => [],
      describe: (answer) => describeNoAnswer("Judging", answer, 5),
      isOver: () => asked > 0,
    });
    assert.equal(asked, 1);
    assert.deepEqual(new Set(said(outcomes)), new Set(["Judging took longer than 5 s and was stopped."]));
    const later = await judgeInBatches([input("d")], {
      ask: () => Promise.reject(new Error("asked again")),
      read: () => [],
      describe: (answer) => describeNoAnswer("Judging", answer, 5),
      isOver: () => true,
    });
    assert.match(String(said(later)), /so long over other resources that this was not judged/u);
  });

  it("does not go on when the policies themselves cannot be loaded", async () => {
    const outcomes = await judge(["a", "loop"].map(input), { kind: "stopped", reason: "memory", at: "load" });
    const message = "Judging needed more memory than policies are given and was stopped.";
    assert.deepEqual(said(outcomes), [message, message]);
  });

  it("takes fewer outcomes than inputs for broken ones, never for passes", async () => {
    const outcomes = await judgeInBatches([input("a"), input("b")], {
      ask: () => Promise.resolve({ kind: "ok", result: undefined }),
      read: () => [{ kind: "judged", answers: [] }],
      describe: (answer) => describeNoAnswer("Judging", answer, 5),
    });
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ["judged", "broken"],
    );
  });

  it("repeats none of the engine's own words", () => {
    const failure = { kind: "engine", message: "panic: hunter2", file: undefined, line: undefined };
    const { message } = describeNoAnswer("Judging", { kind: "refused", failure }, 5);
    assert.equal(message, "Judging broke the policy engine and was stopped.");
  });
});
