import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createIntake } from "../../../src/database/intake.ts";
import { Fault } from "../../../src/model/index.ts";
import type { Delivery } from "../../../src/model/index.ts";

function delivery(id: string): Delivery {
  return { id, event: "push", action: undefined, installationId: 1, intents: [] };
}

const LIMITS = { mostAtOnce: 100, mostWaiting: 1000, mostBytes: 1_000_000 };

/** Keeps groups one at a time, each when it is told to. */
function createStore() {
  const groups: string[][] = [];
  const settle: ((error?: Error) => void)[] = [];
  const keep = (deliveries: readonly Delivery[]) =>
    new Promise<void>((resolve, reject) => {
      groups.push(deliveries.map(({ id }) => id));
      settle.push((error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });
  return { groups, settle, keep };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("createIntake", () => {
  it("acknowledges after the commit, and what came meanwhile shares the next one", async () => {
    const { groups, settle, keep } = createStore();
    const intake = createIntake({ keep, ...LIMITS });
    const acknowledged: string[] = [];
    for (const id of ["a", "b", "c"]) void intake.receive(delivery(id)).then(() => acknowledged.push(id));
    await turn();
    assert.deepEqual([groups, acknowledged], [[["a"]], []]);
    settle[0]?.();
    await turn();
    assert.deepEqual([groups, acknowledged], [[["a"], ["b", "c"]], ["a"]]);
    settle[1]?.();
    await turn();
    assert.deepEqual(acknowledged, ["a", "b", "c"]);
  });

  it("T50: when the database is away nothing is acknowledged, and the next one is tried", async () => {
    const { groups, settle, keep } = createStore();
    const intake = createIntake({ keep, ...LIMITS });
    const first = intake.receive(delivery("a"));
    settle[0]?.(new Fault("away", { isRetryable: true }));
    await assert.rejects(first, /away/u);
    const second = intake.receive(delivery("b"));
    settle[1]?.();
    await second;
    assert.deepEqual(groups, [["a"], ["b"]]);
  });

  it("content that the database refuses takes nothing else down with it", async () => {
    const keep = (deliveries: readonly Delivery[]) =>
      deliveries.some(({ id }) => id === "bad") ? Promise.reject(new Fault("refused")) : Promise.resolve();
    const intake = createIntake({ keep, ...LIMITS });
    const results = await Promise.allSettled(["a", "b", "bad", "c"].map((id) => intake.receive(delivery(id))));
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "fulfilled", "rejected", "fulfilled"],
    );
  });

  it("refuses more than may wait, by number and by size, and takes more once there is room", async () => {
    const { settle, keep } = createStore();
    const byNumber = createIntake({ keep, ...LIMITS, mostWaiting: 2 });
    const taken = ["a", "b", "c"].map((id) => byNumber.receive(delivery(id)));
    await assert.rejects(byNumber.receive(delivery("d")), /too many deliveries/u);
    settle[0]?.();
    await turn();
    settle[1]?.();
    await Promise.all(taken);
    const last = byNumber.receive(delivery("e"));
    settle[2]?.();
    await last;

    const bySize = createIntake({ keep, ...LIMITS, mostBytes: 300 });
    void bySize.receive(delivery("a"));
    void bySize.receive(delivery("b"));
    await assert.rejects(bySize.receive(delivery("c".repeat(200))), /too many deliveries/u);
  });
});
