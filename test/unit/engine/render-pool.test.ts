import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRenderPool } from "../../../src/engine/render-pool.ts";
import type { RenderJob, RenderSlot } from "../../../src/engine/render-slot.ts";
import { Fault } from "../../../src/model/index.ts";
import type { Rendering } from "../../../src/model/index.ts";

const rendering: Rendering = { kind: "rendered", manifests: [], findings: [], trace: [] };
const job = (id: string, place = 1): RenderJob =>
  ({ request: { app: { id } }, place: { id: place, directory: "" } }) as unknown as RenderJob;

/** Slots that render when they are told to. */
function createFakeSlots(): { start: () => RenderSlot; slots: FakeSlot[] } {
  const slots: FakeSlot[] = [];
  const start = (): RenderSlot => {
    const slot = new FakeSlot();
    slots.push(slot);
    return slot;
  };
  return { start, slots };
}

class FakeSlot implements RenderSlot {
  readonly seen: string[] = [];
  isClosed = false;
  #broken = false;
  #settle: { resolve: (rendering: Rendering) => void; reject: (fault: Fault) => void } | undefined;

  render({ request }: RenderJob): Promise<Rendering> {
    this.seen.push(request.app.id);
    return new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
  }

  isBroken(): boolean {
    return this.#broken;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.break();
  }

  async finish(): Promise<void> {
    this.#settle?.resolve(rendering);
    await settled();
  }

  async break(): Promise<void> {
    this.#broken = true;
    this.#settle?.reject(new Fault("broken"));
    await settled();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the render pool", () => {
  it("starts no slot before it is needed, and no more than it may", async () => {
    const { start, slots } = createFakeSlots();
    const pool = createRenderPool(2, start);
    assert.equal(slots.length, 0);
    const runs = ["a", "b", "c"].map((id) => pool.run(job(id)));
    assert.deepEqual(
      slots.map(({ seen }) => seen),
      [["a"], ["b"]],
    );
    await slots[1]?.finish();
    assert.deepEqual(slots[1]?.seen, ["b", "c"]);
    await slots[0]?.finish();
    await slots[1].finish();
    assert.equal((await Promise.all(runs)).length, 3);
  });

  it("is first come, first served", async () => {
    const { start, slots } = createFakeSlots();
    const pool = createRenderPool(1, start);
    const runs = ["a", "b", "c", "d"].map((id) => pool.run(job(id)));
    for (let count = 0; count < 4; count++) await slots[0]?.finish();
    await Promise.all(runs);
    assert.deepEqual(slots[0]?.seen, ["a", "b", "c", "d"]);
  });

  it("lets repositories take turns, so that a large check does not keep a small one waiting", async () => {
    const { start, slots } = createFakeSlots();
    const pool = createRenderPool(1, start);
    const large = ["a", "b", "c", "d"].map((id) => pool.run(job(id, 1)));
    const small = ["x", "y"].map((id) => pool.run(job(id, 2)));
    for (let count = 0; count < 6; count++) await slots[0]?.finish();
    await Promise.all([...large, ...small]);
    assert.deepEqual(slots[0]?.seen, ["a", "b", "x", "c", "y", "d"]);
  });

  it("drops what one repository still waits for, and nothing else", async () => {
    const { start, slots } = createFakeSlots();
    const pool = createRenderPool(1, start);
    const first = pool.run(job("a", 1));
    const dropped = assert.rejects(pool.run(job("b", 1)), Fault);
    const other = pool.run(job("x", 2));
    pool.drop(1);
    await dropped;
    for (let count = 0; count < 2; count++) await slots[0]?.finish();
    await Promise.all([first, other]);
    assert.deepEqual(slots[0]?.seen, ["a", "x"]);
  });

  it("replaces a slot that broke, and the other jobs go on", async () => {
    const { start, slots } = createFakeSlots();
    const pool = createRenderPool(1, start);
    const first = pool.run(job("a"));
    const second = pool.run(job("b"));
    const refused = assert.rejects(first, Fault);
    await slots[0]?.break();
    await refused;
    await slots[1]?.finish();
    assert.deepEqual(await second, rendering);
    assert.deepEqual(slots[1]?.seen, ["b"]);
  });

  it("does not use a slot that broke while it was idle", async () => {
    const { start, slots } = createFakeSlots();
    const pool = createRenderPool(1, start);
    const first = pool.run(job("a"));
    await slots[0]?.finish();
    await first;
    await slots[0]?.break();
    const second = pool.run(job("b"));
    await slots[1]?.finish();
    assert.deepEqual(await second, rendering);
  });

  it("rejects what has not finished when it is closed, and everything after", async () => {
    const { start, slots } = createFakeSlots();
    const pool = createRenderPool(1, start);
    const refused = ["a", "b"].map((id) => assert.rejects(pool.run(job(id)), Fault));
    await pool.close();
    await Promise.all(refused);
    assert.equal(slots[0]?.isClosed, true);
    await assert.rejects(pool.run(job("c")), Fault);
    assert.equal(slots.length, 1);
  });
});
