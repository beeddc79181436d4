import { Fault } from "../model/index.ts";
import type { Rendering } from "../model/index.ts";
import type { RenderJob, RenderSlot } from "./render-slot.ts";
import { createTurnQueue } from "./turn-queue.ts";

export interface RenderPool {
  /**
   * Places take turns, so that a large check does not keep a small one waiting; within one, first come, first served.
   * Rejects with a Fault when the world broke or the pool is closed.
   */
  run(job: RenderJob): Promise<Rendering>;
  /** Jobs of a place that have not begun reject with a Fault. */
  drop(place: number): void;
  /** Ends all workers; jobs that have not finished reject with a Fault. */
  close(): Promise<void>;
}

interface Waiting {
  readonly job: RenderJob;
  readonly resolve: (rendering: Rendering) => void;
  readonly reject: (fault: unknown) => void;
}

/** At most `size` slots, each started when a job finds no idle one, and replaced once it broke. */
export function createRenderPool(size: number, startSlot: () => RenderSlot): RenderPool {
  const slots = new Set<RenderSlot>();
  const idle: RenderSlot[] = [];
  const queue = createTurnQueue<Waiting>();
  let isClosed = false;

  const carryOut = async (slot: RenderSlot, { job, resolve, reject }: Waiting): Promise<void> => {
    try {
      resolve(await slot.render(job));
    } catch (error) {
      reject(error);
    }
    if (slot.isBroken()) slots.delete(slot);
    else idle.push(slot);
    advance();
  };

  const takeSlot = (): RenderSlot | undefined => {
    const waiting = idle.pop();
    // A worker can break while it has nothing to do.
    if (waiting?.isBroken() === true) {
      slots.delete(waiting);
      return takeSlot();
    }
    if (waiting !== undefined || slots.size >= size) return waiting;
    const started = startSlot();
    slots.add(started);
    return started;
  };

  const advance = (): void => {
    while (!isClosed && queue.places().length > 0) {
      const slot = takeSlot();
      if (slot === undefined) return;
      const next = queue.take();
      if (next !== undefined) void carryOut(slot, next);
    }
  };

  const drop = (place: number): void => {
    for (const { reject } of queue.drop(place)) reject(new Fault("The render engine was closed."));
  };

  return {
    run: (job) =>
      new Promise((resolve, reject) => {
        if (isClosed) {
          reject(new Fault("The render engine is closed."));
          return;
        }
        queue.add(job.place.id, { job, resolve, reject });
        advance();
      }),
    drop,
    close: async () => {
      isClosed = true;
      for (const place of queue.places()) drop(place);
      await Promise.all([...slots].map((slot) => slot.close()));
      slots.clear();
    },
  };
}
