import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Fault, UsageError, type ObjectId } from "../model/index.ts";
import { createBatchReader, type BatchAnswer } from "./batch-reader.ts";
import { parseTree, type TreeObject } from "./parse-tree.ts";
import type { GitProcess } from "./git-process.ts";
import { gitEnvironment } from "./run-git.ts";
import { PARTIAL_MARK } from "./scratch.ts";
import { startGit } from "./start-git.ts";

/** GitHub takes no file above 100 MiB; a larger object is not read into memory. */
const MAX_OBJECT_BYTES = 128 * 1024 * 1024;
/** Entries of the trees that are remembered: about 40 MB. */
const CACHED_ENTRIES = 200_000;

export interface ObjectInfo {
  readonly id: ObjectId;
  readonly type: string;
  readonly size: number;
}

export interface CommitObject {
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
}

/** Fetches blobs that were left out; resolves when they are here, rejects when they cannot be had. */
export type BringBlobs = (ids: readonly ObjectId[]) => Promise<void>;

/** Reads a repository's objects by id. Requests may overlap; those made in one turn travel together. */
export interface ObjectReader {
  readTree(id: ObjectId): Promise<TreeObject>;
  /** Contents in the order asked. One id may be asked more than once. */
  readBlobs(ids: readonly ObjectId[]): Promise<readonly Uint8Array[]>;
  readCommit(id: ObjectId): Promise<CommitObject>;
  /** What git understands `revision` as (gitrevisions(7)), undefined when there is no such object. */
  describe(revision: string): Promise<ObjectInfo | undefined>;
  /** The process may still serve requests under way; later ones fail. */
  close(): Promise<void>;
}

interface Request {
  readonly wantsContent: boolean;
  readonly settle: (answer: BatchAnswer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Starts the one process that reads objects for the scratch directory (see `openScratch`). Works on any thread.
 * Reading rejects with a UsageError when the object was left out of a shallow or partial clone (it names the command
 * that fetches it), and with a Fault when the repository is damaged or git dies. Blobs that are not there are asked of
 * `bring` first, all of one call and those met meanwhile in one go.
 */
export function openObjects(scratchDirectory: string, bring?: BringBlobs): ObjectReader {
  const batch = startBatch(scratchDirectory);
  const gather = bring === undefined ? undefined : gatherBlobs(bring);
  const askFor = async (id: ObjectId): Promise<BatchAnswer> => {
    if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u.test(id)) throw new Fault(`${JSON.stringify(id)} is no object id.`);
    return await batch.ask(`contents ${id}`, true);
  };

  const contentOf = (id: ObjectId, type: string, answer: BatchAnswer): Buffer => {
    if (answer.kind === "too-large") {
      throw new Fault(`Object ${id} has ${answer.size} bytes; more than ${MAX_OBJECT_BYTES} are not read.`);
    }
    if (answer.kind !== "object") throw describeMissing(scratchDirectory, type, id);
    if (answer.type !== type) throw new Fault(`Object ${id} is a ${answer.type}, not a ${type}.`);
    return answer.content;
  };

  const readObject = async (id: ObjectId, type: string): Promise<Buffer> => contentOf(id, type, await askFor(id));

  const readBlobs = async (ids: readonly ObjectId[]): Promise<readonly Buffer[]> => {
    const answers = await Promise.all(ids.map(askFor));
    const missing = ids.filter((_, index) => answers[index]?.kind === "missing");
    if (gather === undefined || missing.length === 0) {
      return answers.map((answer, index) => contentOf(ids[index] ?? "", "blob", answer));
    }
    await gather(missing);
    return await Promise.all(
      answers.map(async (answer, index) => {
        const id = ids[index] ?? "";
        return answer.kind === "missing" ? await readObject(id, "blob") : contentOf(id, "blob", answer);
      }),
    );
  };

  return {
    readTree: createTreeCache((id) => readObject(id, "tree")),
    readBlobs,
    readCommit: async (id) => parseCommit(await readObject(id, "commit")),
    describe: async (revision) => {
      if (/[\0-\x1f\x7f]/u.test(revision)) return undefined;
      const answer = await batch.ask(`info ${revision}`, false);
      return answer.kind === "info" ? { id: answer.id, type: answer.type, size: answer.size } : undefined;
    },
    close: () => batch.close(),
  };
}

/** Reads trees and remembers those that were used last. */
function createTreeCache(load: (id: ObjectId) => Promise<Buffer>): ObjectReader["readTree"] {
  const trees = new Map<ObjectId, { readonly tree: Promise<TreeObject>; entries: number }>();
  let cachedEntries = 0;

  const loadTree = (id: ObjectId): Promise<TreeObject> => {
    const cached = { tree: load(id).then((bytes) => parseTree(id, bytes)), entries: 1 };
    trees.set(id, cached);
    cached.tree.then(
      ({ entries }) => {
        cached.entries += entries.length;
        cachedEntries += cached.entries;
        dropOldTrees();
      },
      () => trees.delete(id),
    );
    return cached.tree;
  };

  const dropOldTrees = (): void => {
    for (const [id, { entries }] of trees) {
      if (cachedEntries <= CACHED_ENTRIES) return;
      if (entries === 1) continue; // empty, or still on its way
      trees.delete(id);
      cachedEntries -= entries;
    }
  };

  return (id) => {
    const cached = trees.get(id);
    if (cached === undefined) return loadTree(id);
    trees.delete(id); // the order in the map is the order of last use
    trees.set(id, cached);
    return cached.tree;
  };
}

/** One request at a time: what is missed while it is under way goes into the next. */
function gatherBlobs(bring: BringBlobs): BringBlobs {
  let last: Promise<void> = Promise.resolve();
  let next: { readonly ids: Set<ObjectId>; readonly done: Promise<void> } | undefined;
  const begin = (): NonNullable<typeof next> => {
    const ids = new Set<ObjectId>();
    const done = last.then(async () => {
      await new Promise((resolve) => setImmediate(resolve)); // others of this turn join
      next = undefined;
      await bring([...ids]);
    });
    last = done.catch(() => undefined);
    return { ids, done };
  };
  return async (ids) => {
    const mine = (next ??= begin());
    for (const id of ids) mine.ids.add(id);
    await mine.done;
  };
}

interface Batch {
  ask(line: string, wantsContent: boolean): Promise<BatchAnswer>;
  close(): Promise<void>;
}

function startBatch(scratchDirectory: string): Batch {
  const starting = startCatFile(scratchDirectory);
  const requests: Request[] = [];
  let served = 0;
  let unsent: string[] = [];
  let ending: Error | undefined;

  const end = (error: Error): void => {
    ending ??= error;
    for (const request of requests.splice(0).slice(served)) request.reject(ending);
    served = 0;
  };
  const next = (): Request | undefined => requests[served];
  const reader = createBatchReader(
    () => next()?.wantsContent ?? false,
    MAX_OBJECT_BYTES,
    (answer) => {
      next()?.settle(answer);
      served += 1;
      // Taken off in bulk: shifting one by one costs the length of the queue each time.
      if (served === requests.length || served >= 4096) {
        requests.splice(0, served);
        served = 0;
      }
    },
  );
  const send = (): void => {
    const lines = unsent;
    if (lines.length === 0) return;
    unsent = [];
    void starting.then(({ stdin }) => stdin.write(`${lines.join("\n")}\nflush\n`), ignore);
  };

  const over = starting
    .then((git) => {
      git.stdout.on("data", (chunk: Buffer) => reader.push(chunk));
      git.stdin.on("error", ignore); // told by its end
      return git.ended;
    })
    .then(
      (status) => end(new Fault(`git cat-file ended with status ${status ?? "?"}.`, { isRetryable: true })),
      (error: unknown) => end(error instanceof Error ? error : new Fault("git was not started.", { cause: error })),
    );

  return {
    ask: (line, wantsContent) =>
      new Promise((settle, reject) => {
        if (ending !== undefined) {
          reject(ending);
          return;
        }
        requests.push({ wantsContent, settle, reject });
        if (unsent.push(line) === 1) queueMicrotask(send);
      }),
    close: async () => {
      send();
      ending ??= new Fault("The repository was closed.");
      void starting.then(({ stdin }) => stdin.end(), ignore);
      await over;
    },
  };
}

async function startCatFile(scratchDirectory: string): Promise<GitProcess> {
  const config = readFileSync(join(scratchDirectory, "config"), "utf8");
  const objectFormat = config.includes("objectFormat = sha256") ? "sha256" : "sha1";
  return await startGit({
    args: ["cat-file", "--batch-command", "--buffer"],
    cwd: scratchDirectory,
    env: gitEnvironment({ directory: scratchDirectory, objectFormat }),
    hasStderr: false,
  });
}

function ignore(): void {
  // Told elsewhere.
}

/** Why an object is not there, with the command that fetches it. */
export function describeMissing(scratchDirectory: string, type: string, id: ObjectId): Error {
  if (existsSync(join(scratchDirectory, PARTIAL_MARK))) {
    return new UsageError(
      `The repository is a partial clone and lacks ${type} ${id}; fetch everything with \`git fetch --refetch --no-filter\`.`,
    );
  }
  if (existsSync(join(scratchDirectory, "shallow"))) {
    return new UsageError(
      `The repository is a shallow clone and lacks ${type} ${id}; fetch the rest with \`git fetch --unshallow\` ` +
        "(in GitHub Actions, set `fetch-depth: 0` on actions/checkout).",
    );
  }
  return new Fault(`The repository lacks ${type} ${id}; \`git fsck\` tells what else is damaged.`);
}

function parseCommit(bytes: Buffer): CommitObject {
  const lines = bytes.toString("latin1").split("\n\n", 1).join("").split("\n");
  const read = (key: string): string[] =>
    lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  return { tree: read("tree")[0] ?? "", parents: read("parent") };
}
