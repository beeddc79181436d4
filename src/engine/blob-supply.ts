import type { BringBlobs } from "../git/index.ts";

/** Fetches blobs that a place lacks, and counts the time. */
export interface BlobSupply {
  readonly bring: BringBlobs;
  /** Milliseconds that blobs have been waited for so far, those of a wait that goes on included. */
  readonly waited: () => number;
}

/** Without `bring` nothing can be had: what is missing stays so. */
export function createBlobSupply(bring: BringBlobs | undefined, now = (): number => performance.now()): BlobSupply {
  let underWay = 0;
  let since = 0;
  let total = 0;
  return {
    bring: async (ids) => {
      if (underWay === 0) since = now();
      underWay += 1;
      try {
        await bring?.(ids);
      } finally {
        underWay -= 1;
        if (underWay === 0) total += now() - since;
      }
    },
    waited: () => total + (underWay === 0 ? 0 : now() - since),
  };
}
