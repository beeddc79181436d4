import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { planTurns, priorityOfLane } from "../../../src/database/plan-turns.ts";
import type { Newcomer, Turn, WaitingTurns } from "../../../src/database/plan-turns.ts";

/** Repository 12 belongs to installation 1, and so on. */
function newcomer(repositoryId: number, lane: Newcomer["lane"] = "people"): Newcomer {
  return { lane, installationId: Math.floor(repositoryId / 10), repositoryId };
}

/** The repositories in the order in which they are done. */
function orderOf(newcomers: readonly Newcomer[], turns: readonly Turn[]): number[] {
  return newcomers
    .map(({ repositoryId }, index) => ({ repositoryId, priority: turns[index]?.priority ?? 0, index }))
    .sort((a, b) => b.priority - a.priority || a.index - b.index)
    .map(({ repositoryId }) => repositoryId);
}

function times<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value);
}

describe("planTurns", () => {
  it("lets the first of another repository go second", () => {
    const newcomers = [...times(5, newcomer(11)), newcomer(12)];
    assert.deepEqual(orderOf(newcomers, planTurns([], newcomers)), [11, 11, 12, 11, 11, 11]);
  });

  it("lets installations take turns whatever number of repositories they have", () => {
    const newcomers = [newcomer(11), newcomer(12), newcomer(13), newcomer(14), newcomer(21), newcomer(22)];
    assert.deepEqual(orderOf(newcomers, planTurns([], newcomers)), [11, 21, 12, 22, 13, 14]);
  });

  it("begins where the lane is now: a newcomer overtakes none that is about to be done", () => {
    const top = priorityOfLane("people");
    const waiting: WaitingTurns[] = [
      {
        lane: "people",
        installationId: 1,
        repositoryId: 11,
        count: 40,
        firstTurn: 40,
        lastTurn: 79,
        priority: top - 40,
      },
    ];
    const [own, other, foreign] = planTurns(waiting, [newcomer(11), newcomer(12), newcomer(21)]);
    assert.deepEqual(own, { turn: 80, priority: top - 80 });
    assert.deepEqual(other, { turn: 40, priority: top - 41 });
    assert.deepEqual(foreign, { turn: 0, priority: top - 40 });
  });

  it("never lets a lane reach into another", () => {
    const lanes = fc.constantFrom("groups" as const, "people" as const, "bots" as const);
    fc.assert(
      fc.property(fc.array(fc.record({ lane: lanes, repository: fc.integer({ min: 10, max: 40 }) })), (wishes) => {
        const newcomers = wishes.map(({ lane, repository }) => newcomer(repository, lane));
        const turns = planTurns([], newcomers);
        turns.forEach(({ priority }, index) => {
          const top = priorityOfLane(newcomers[index]?.lane ?? "bots");
          assert.ok(priority <= top && priority > top - priorityOfLane("groups") / 4);
          assert.ok(Number.isInteger(priority) && priority < 2 ** 31);
        });
      }),
    );
  });
});
