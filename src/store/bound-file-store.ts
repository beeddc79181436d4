import type { Dirent } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

interface StoredFile {
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since the epoch; to the day, as the store marks it. */
  readonly usedAt: number;
}

/** Bytes of all files below a directory; none when it is not there. Files that go meanwhile do not count. */
export async function measureFiles(directory: string): Promise<{ readonly bytes: number }> {
  return { bytes: sum(await statFiles(directory)) };
}

/** Removes values that were not used for the longest until a store takes at most `most` bytes. Gives what it takes. */
export async function trimFileStore(directory: string, most: number): Promise<number> {
  const files = await statFiles(directory);
  let bytes = sum(files);
  if (bytes <= most) return bytes;
  for (const file of files.toSorted((left, right) => left.usedAt - right.usedAt)) {
    if (bytes <= most * BRING_DOWN_TO) break;
    await rm(file.path, { force: true });
    bytes -= file.bytes;
  }
  return bytes;
}

/** Somewhat below the bound, so that the next value does not pass it again. */
const BRING_DOWN_TO = 0.9;

function sum(files: readonly StoredFile[]): number {
  return files.reduce((bytes, file) => bytes + file.bytes, 0);
}

/** Folder after folder, so that a large store neither fills the memory with requests nor holds up the event loop. */
async function statFiles(directory: string): Promise<readonly StoredFile[]> {
  const found: StoredFile[] = [];
  const folders = [directory];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = await listEntries(folder);
    const here = folder;
    folders.push(...entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(here, name)));
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => statFile(join(here, name)));
    found.push(...(await Promise.all(files)).filter((file) => file !== undefined));
  }
  return found;
}

async function listEntries(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

async function statFile(path: string): Promise<StoredFile | undefined> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { path, bytes: size, usedAt: mtimeMs };
  } catch {
    return undefined;
  }
}
