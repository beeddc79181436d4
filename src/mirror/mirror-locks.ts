import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Fault, type RepositoryId } from "../model/index.ts";
import { acquireLock, type FileLock } from "./file-lock.ts";

/** How checks, fetches and removals of one mirror stay out of each other's way, also in several processes. */
export interface MirrorLocks {
  /** Rejects with a retryable Fault when others fetch for too long. */
  fetchAlone<T>(id: RepositoryId, work: () => Promise<T>): Promise<T>;
  /** While it is held, the mirror is neither packed nor removed. Rejects with a retryable Fault after a long wait. */
  use(id: RepositoryId): Promise<FileLock>;
  /** Works while nobody uses the mirror; false when it was in use for as long as `patience` (milliseconds). */
  withoutUsers(id: RepositoryId, patience: number, work: () => Promise<void> | void): Promise<boolean>;
}

/** Milliseconds that a check waits for what others do to its mirror. */
const PATIENCE = 20 * 60_000;

/** Locks are files below `directory`, which is made. They stay: to remove one that another process opens is a race. */
export function createMirrorLocks(directory: string): MirrorLocks {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const inTurn = createTurns();
  return {
    fetchAlone: (id, work) =>
      inTurn(id, async () => {
        const lock = await acquireLock(join(directory, `${id}.fetch`), "exclusive", PATIENCE);
        if (lock === undefined) throw new Fault("Another process fetches for too long.", { isRetryable: true });
        try {
          return await work();
        } finally {
          lock.release();
        }
      }),
    use: async (id) => {
      const lock = await acquireLock(join(directory, `${id}.use`), "shared", PATIENCE);
      if (lock === undefined) throw new Fault("A mirror is being packed for too long.", { isRetryable: true });
      return lock;
    },
    withoutUsers: async (id, patience, work) => {
      const lock = await acquireLock(join(directory, `${id}.use`), "exclusive", patience);
      if (lock === undefined) return false;
      try {
        await work();
      } finally {
        lock.release();
      }
      return true;
    },
  };
}

/** Work of one repository waits for what was asked before it: within a process nobody has to look at a lock for it. */
function createTurns(): <T>(id: RepositoryId, work: () => Promise<T>) => Promise<T> {
  const last = new Map<RepositoryId, Promise<unknown>>();
  return async (id, work) => {
    const before = last.get(id) ?? Promise.resolve();
    const turn = before.then(work, work);
    last.set(id, turn);
    try {
      return await turn;
    } finally {
      if (last.get(id) === turn) last.delete(id);
    }
  };
}
