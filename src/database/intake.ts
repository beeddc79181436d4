import { Fault } from "../model/index.ts";
import type { Delivery } from "../model/index.ts";
import type { Intake } from "../web/ports.ts";

interface IntakeOptions {
  readonly keep: (deliveries: readonly Delivery[]) => Promise<void>;
  /** Deliveries in one transaction. */
  readonly mostAtOnce: number;
  /** Deliveries that may wait for theirs; the next one is refused, so that GitHub hears 503 instead of memory running out. */
  readonly mostWaiting: number;
  /** The same in bytes of what they hold, about. */
  readonly mostBytes: number;
}

interface Waiting {
  readonly delivery: Delivery;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Group commit: what arrives while a transaction is under way shares the next one, so that a burst costs a few commits
 * instead of thousands, and a single delivery waits for nobody.
 */
export function createIntake({ keep, mostAtOnce, mostWaiting, mostBytes }: IntakeOptions): Intake {
  const waiting: Waiting[] = [];
  let waitingBytes = 0;
  let isKeeping = false;

  async function keepAll(): Promise<void> {
    isKeeping = true;
    while (waiting.length > 0) {
      const group = waiting.splice(0, mostAtOnce);
      await keepGroup(group, keep);
      for (const { bytes } of group) waitingBytes -= bytes;
    }
    isKeeping = false;
  }

  return {
    receive: (delivery) =>
      new Promise<void>((resolve, reject) => {
        const bytes = JSON.stringify(delivery).length;
        if (waiting.length >= mostWaiting || waitingBytes + bytes > mostBytes) {
          reject(new Fault("too many deliveries wait to be stored", { isRetryable: true }));
          return;
        }
        waitingBytes += bytes;
        waiting.push({ delivery, bytes, resolve, reject });
        if (!isKeeping) void keepAll();
      }),
  };
}

/** Never rejects. Content that the database refuses takes nothing down with it: then each is stored on its own. */
async function keepGroup(group: readonly Waiting[], keep: IntakeOptions["keep"]): Promise<void> {
  try {
    await keep(group.map(({ delivery }) => delivery));
    for (const { resolve } of group) resolve();
  } catch (error) {
    const isContent = error instanceof Fault && !error.isRetryable;
    if (group.length === 1 || !isContent) {
      for (const { reject } of group) reject(error);
      return;
    }
    for (const one of group) await keepGroup([one], keep);
  }
}
