import { readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { UsageError } from "../model/index.ts";

export interface DirectoryLock {
  release(): void;
}

/**
 * Holds a directory for this process alone: two processes on one PGlite directory lose rows without an error. The lock
 * is the operating system's, taken through SQLite since Node has no call for it, so it ends with its holder however
 * that one ends, and a process id that was given out again is never taken for it. Throws a UsageError when another
 * process has it.
 */
export function lockDirectory(directory: string): DirectoryLock {
  const ownerFile = join(directory, "lock-owner");
  const file = join(directory, "lock");
  // SQLite alone may open this file: closing any other descriptor of it would end the lock of the whole process.
  const lock = new DatabaseSync(file, { timeout: 0 });
  try {
    lock.exec("pragma journal_mode = memory; begin exclusive");
  } catch (error) {
    lock.close();
    throw new UsageError(
      `the data directory ${directory} is in use by ${readOwner(ownerFile)}; stop that one, or set DRYDOCK_DATA to another directory, or DATABASE_URL to share a PostgreSQL`,
      { cause: error },
    );
  }
  writeFileSync(ownerFile, `process ${process.pid} on ${hostname()}`, { mode: 0o600 });
  return { release: () => lock.close() };
}

function readOwner(file: string): string {
  try {
    return readFileSync(file, "utf8").slice(0, 200);
  } catch {
    return "another process";
  }
}
