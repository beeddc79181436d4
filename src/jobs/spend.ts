import { LimitedFault } from "../model/index.ts";
import type { OutgoingItem, Records } from "./ports.ts";
import type { JobServices } from "./services.ts";

/** Waits for the next write are slept through up to this long; beyond it others get the place. Milliseconds. */
const LONGEST_WAIT = 5_000;

/**
 * Takes the right to one write to GitHub, and waits for it. Rejects with a LimitedFault when that would take long, and
 * with NotNow when this item is not to be written now. With `isBegun` it is written on, whatever is wanted meanwhile.
 */
export type Spend = (isContent: boolean, isBegun?: boolean) => Promise<void>;

/** Ends the writing of an item before its next request. Nothing is wrong, and no write was taken for it. */
export class NotNow extends Error {
  /** Milliseconds since the epoch; undefined when something newer is wanted in its place. */
  readonly heldUntil: number | undefined;
  constructor(heldUntil: number | undefined) {
    super("an outgoing item is not written now");
    this.name = "NotNow";
    this.heldUntil = heldUntil;
  }
}

/**
 * Before each request that creates something: takes a write for it, and notes that it is on its way. Rejects as a spend
 * does, also when the item has gone or changed since: what nobody has noted would stand there for good.
 */
export async function beginAttempt(
  item: OutgoingItem,
  isContent: boolean,
  spend: Spend,
  records: Pick<Records, "markAttempt">,
  isBegun = false,
): Promise<void> {
  await spend(isContent, isBegun);
  if (!(await records.markAttempt(item, isBegun))) throw new NotNow(undefined);
}

/** Each write that begins something asks, when it is granted, whether the item is still what is wanted (T33). */
export function createSpend(item: OutgoingItem, { records, now, sleep }: JobServices): Spend {
  return async (isContent, isBegun = false) => {
    for (;;) {
      const grant = await records.takeWrite(item, isContent, isBegun);
      if (grant.kind === "granted") return;
      if (grant.kind === "overtaken") throw new NotNow(undefined);
      const wait = grant.until - now();
      if (wait > LONGEST_WAIT) {
        if (grant.limit === "contents") throw new NotNow(grant.until);
        throw new LimitedFault("the installation's writes are used up for now", grant.until);
      }
      await sleep(Math.max(wait, 50));
    }
  };
}
