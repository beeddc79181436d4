import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "./jobs/ports.ts";
import { acquireLock } from "./mirror/index.ts";
import { Fault, type RepositoryId } from "./model/index.ts";
import { measureFiles, trimFileStore } from "./store/index.ts";

export interface DiskOptions {
  /** Holds `<repository id>.git`. */
  readonly mirrors: string;
  /** Holds one folder a repository, named by its id. */
  readonly caches: string;
  /** Holds one folder a check under way. */
  readonly scratch: string;
  /** Most bytes that mirrors and caches may take. */
  readonly bytes: number;
  /** False when it is in use, for as long as `patience` (milliseconds; where none is said, for a while). */
  readonly removeMirror: (id: RepositoryId, patience?: number) => Promise<boolean>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Log;
}

/** Keeps mirrors and caches within a bound: what was not used for the longest goes first. */
export interface DiskKeeper {
  /** The folder of a repository's cache, marked as used. */
  cacheOf(id: RepositoryId): string;
  /** Looks, in the background, when nobody has for a while. */
  sweepSometimes(): void;
  sweep(): Promise<void>;
  /** Rejects with a retryable Fault when a mirror is in use for long; the caches and the other mirrors are gone then. */
  forget(ids: readonly RepositoryId[]): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds between looks: a look asks for the size of every file. */
const SWEEP_EVERY = 15 * 60_000;
/** One repository's cache may take this share of the bound. */
const CACHE_SHARE = 0.25;
/** What is over the bound is brought down to this share of it, so that the next look finds it below. */
const BRING_DOWN_TO = 0.9;
/** A mirror grows with every push and never shrinks: beyond so many times its first size it is made anew. */
const GROWTH = 5;
/** Bytes that no mirror is thrown away for. */
const SMALL_MIRROR = 512 * 1024 * 1024;
/** Milliseconds after which nothing that is made or removed in one go is still at it. */
const ABANDONED = 24 * 3600_000;
/** In the cache's folder, empty: its time is the last use. */
const USED = "used";

interface Kept {
  readonly kind: "mirror" | "cache";
  readonly id: RepositoryId;
  readonly bytes: number;
  readonly usedAt: number;
}

interface KeptMirror extends Kept {
  readonly firstBytes: number;
}

export function createDiskKeeper(options: DiskOptions): DiskKeeper {
  const { mirrors, caches, now, log } = options;
  let lastSweep = now();
  let sweeping: Promise<void> | undefined;

  const remove = async ({ kind, id }: Pick<Kept, "kind" | "id">, patience?: number): Promise<boolean> => {
    if (kind === "mirror") return await options.removeMirror(id, patience);
    await removeDirectory(join(caches, String(id)));
    return true;
  };

  const bringDown = async (): Promise<void> => {
    const kept = [
      ...(await renewGrown(await listMirrors(mirrors), (one) => remove(one, 0))),
      ...(await listCaches(caches, options.bytes * CACHE_SHARE)),
    ];
    let bytes = kept.reduce((sum, one) => sum + one.bytes, 0);
    if (bytes <= options.bytes) return;
    for (const one of kept.toSorted((left, right) => left.usedAt - right.usedAt)) {
      if (bytes <= options.bytes * BRING_DOWN_TO) return;
      if (!(await remove(one, 0))) continue; // the next look comes: one in use is not waited for
      bytes -= one.bytes;
      log.info({ repository: one.id, part: one.kind, bytes: one.bytes }, "removed what was not used for the longest");
    }
    if (bytes > options.bytes) log.warn({ bytes, bound: options.bytes }, "what is in use passes the bound on disk");
  };

  const sweep = async (): Promise<void> => {
    // Among processes one looks; the others need not wait for it.
    const lock = await acquireLock(join(mirrors, "locks", "sweep"), "exclusive", 0);
    if (lock === undefined) return;
    try {
      await removeAbandoned(mirrors, /\.tmp$/u, now());
      await removeAbandoned(caches, /\.removed$/u, now());
      await removeAbandoned(options.scratch, /^drydock-git-/u, now());
      await bringDown();
    } finally {
      lock.release();
    }
  };

  return {
    cacheOf: (id) => {
      const directory = join(caches, String(id));
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      writeFileSync(join(directory, USED), "");
      utimesSync(join(directory, USED), now() / 1000, now() / 1000);
      return directory;
    },
    sweepSometimes: () => {
      if (sweeping !== undefined || now() - lastSweep < SWEEP_EVERY) return;
      lastSweep = now();
      sweeping = sweep()
        .catch((cause: unknown) => log.error({ cause: String(cause) }, "could not look at the disk"))
        .finally(() => (sweeping = undefined));
    },
    sweep,
    forget: async (ids) => {
      const inUse: RepositoryId[] = [];
      for (const id of ids) {
        await remove({ kind: "cache", id });
        if (!(await remove({ kind: "mirror", id }))) inUse.push(id);
      }
      if (inUse.length > 0) throw new Fault("A mirror to be removed is in use.", { isRetryable: true });
    },
    close: async () => {
      await sweeping;
    },
  };
}

/** Mirrors that were made much smaller are removed; gives the others. */
async function renewGrown(
  mirrors: readonly KeptMirror[],
  remove: (mirror: KeptMirror) => Promise<boolean>,
): Promise<readonly Kept[]> {
  const kept: Kept[] = [];
  for (const mirror of mirrors) {
    const isGrown = mirror.bytes > Math.max(SMALL_MIRROR, GROWTH * mirror.firstBytes);
    if (!isGrown || !(await remove(mirror))) kept.push(mirror);
  }
  return kept;
}

/** The size that a mirror had when it was first looked at, its first fetch done: a graph of its commits tells. */
async function readFirstSize(path: string, bytes: number): Promise<number> {
  if ((await timeOf(join(path, "objects", "info", "commit-graph"))) === 0) return bytes;
  const file = join(path, "drydock-size");
  try {
    return Number(await readFile(file, "utf8"));
  } catch {
    await writeFile(file, String(bytes)).catch(() => undefined); // it was removed meanwhile
    return bytes;
  }
}

async function listMirrors(directory: string): Promise<readonly KeptMirror[]> {
  const ids = await listIds(directory, /^(\d+)\.git$/u);
  return await Promise.all(
    ids.map(async (id) => {
      const path = join(directory, `${id}.git`);
      const { bytes } = await measureFiles(path);
      const [usedAt, firstBytes] = [await timeOf(join(path, "drydock-birth")), await readFirstSize(path, bytes)];
      return { kind: "mirror", id, bytes, usedAt, firstBytes } as const;
    }),
  );
}

async function listCaches(directory: string, most: number): Promise<readonly Kept[]> {
  const kept: Kept[] = [];
  for (const id of await listIds(directory, /^(\d+)$/u)) {
    const path = join(directory, String(id));
    kept.push({ kind: "cache", id, bytes: await trimFileStore(path, most), usedAt: await timeOf(join(path, USED)) });
  }
  return kept;
}

/** What a process that was killed left behind. */
async function removeAbandoned(directory: string, shape: RegExp, now: number): Promise<void> {
  for (const name of (await readdir(directory)).filter((entry) => shape.test(entry))) {
    const path = join(directory, name);
    if (now - (await timeOf(path)) > ABANDONED) await rm(path, { recursive: true, force: true });
  }
}

async function listIds(directory: string, shape: RegExp): Promise<readonly RepositoryId[]> {
  const names = await readdir(directory);
  return names.flatMap((name) => {
    const [, id] = shape.exec(name) ?? [];
    return id === undefined ? [] : [Number(id)];
  });
}

async function timeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).mtimeMs;
  } catch {
    return 0;
  }
}

/** In one step for whoever looks: a cache that is half gone is only a smaller one, but its folder may be made anew. */
async function removeDirectory(directory: string): Promise<void> {
  const aside = `${directory}.removed`;
  await rm(aside, { recursive: true, force: true });
  await rename(directory, aside).catch(() => undefined);
  await rm(aside, { recursive: true, force: true });
}
