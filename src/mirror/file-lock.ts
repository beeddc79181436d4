import { DatabaseSync } from "node:sqlite";

/** Milliseconds between looks at a lock that another process has. */
const LOOK_AGAIN = 50;

export interface FileLock {
  release(): void;
}

/**
 * Takes a lock on a file, which is made when it is absent, for any number of holders (`shared`) or one alone
 * (`exclusive`). Waits at most `patience` milliseconds; undefined when others have it for longer. The lock is the
 * operating system's, taken through SQLite since Node has no call for it: it ends with its holder however that one ends.
 */
export async function acquireLock(
  file: string,
  kind: "shared" | "exclusive",
  patience: number,
): Promise<FileLock | undefined> {
  for (let waited = 0; ; waited += LOOK_AGAIN) {
    const lock = tryLock(file, kind);
    if (lock !== undefined || waited >= patience) return lock;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
  }
}

function tryLock(file: string, kind: "shared" | "exclusive"): FileLock | undefined {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec("pragma journal_mode = memory");
    database.exec(kind === "shared" ? "begin; select count(*) from sqlite_schema" : "begin exclusive");
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}

/** SQLITE_BUSY, whatever its extended part: https://www.sqlite.org/rescode.html#busy */
function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === 5;
}
