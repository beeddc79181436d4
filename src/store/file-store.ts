import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "../pipeline/ports.ts";

/** SHA-256 as 64 hex digits and a line feed, in front of every value. */
const HEADER_BYTES = 65;
/** A value read again after this long is marked as used, so that the sweep keeps it. Milliseconds. */
const TOUCH_AFTER = 24 * 3600 * 1000;

/**
 * A store of plain files below `directory`: `<kind>/<first two of key>/<key>`. Each value is written to a temporary
 * file and renamed, so that two processes can share the directory, and carries its digest, so that a damaged file
 * reads as absent. What cannot be written (full disk, no permission) is kept in memory, so that the process that
 * wrote it can count on it.
 */
export function createFileStore(directory: string): Store {
  const unwritten = new Map<string, Buffer>();
  const path = (kind: string, key: string): string => join(directory, kind, key.slice(0, 2), key);
  return {
    read(kind, key) {
      const file = path(kind, key);
      const value = unwritten.get(file) ?? readVerified(file);
      if (value !== undefined) markUsed(file);
      return value;
    },
    write(kind, key, value) {
      const file = path(kind, key);
      if (writeAtomically(file, value)) unwritten.delete(file);
      else unwritten.set(file, Buffer.from(value));
    },
  };
}

function readVerified(file: string): Buffer | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return undefined;
  }
  const value = bytes.subarray(HEADER_BYTES);
  return bytes.subarray(0, HEADER_BYTES).toString("latin1") === header(value) ? value : undefined;
}

function header(value: string | Buffer): string {
  return `${createHash("sha256").update(value).digest("hex")}\n`;
}

/** Whether it was written. */
function writeAtomically(file: string, value: string | Buffer): boolean {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(temporary, Buffer.concat([Buffer.from(header(value)), Buffer.from(value)]), { mode: 0o600 });
    renameSync(temporary, file);
    return true;
  } catch {
    removeQuietly(temporary);
    return false;
  }
}

function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It lies where nothing can be changed, or below a file: then it was never written.
  }
}

function markUsed(file: string): void {
  try {
    const now = Date.now();
    if (now - statSync(file).mtimeMs > TOUCH_AFTER) utimesSync(file, now / 1000, now / 1000);
  } catch {
    // Somebody swept it between the read and now: nothing depends on it.
  }
}

/** Removes values that no check has used for `maxAge` milliseconds. */
export function sweepFileStore(directory: string, maxAge: number, now: number): void {
  for (const entry of listFiles(directory)) {
    const stat = statSync(entry, { throwIfNoEntry: false });
    if (stat !== undefined && now - stat.mtimeMs > maxAge) removeQuietly(entry);
  }
}

function listFiles(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}
