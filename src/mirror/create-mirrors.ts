import { join } from "node:path";
import { GitFault } from "../git/index.ts";
import { AccessLostFault, Fault, type ObjectId, type RepositoryId, type RepositoryRef } from "../model/index.ts";
import { fetchBlobs, fetchCommits, listMissing, type Fetching } from "./fetch-objects.ts";
import { remoteEnvironment, repositoryUrl, type GitWay } from "./git-remote.ts";
import { isCrowded, isDamaged, isFragmented, packMirror, startMirror } from "./mirror-care.ts";
import { createMirrorLocks, type MirrorLocks } from "./mirror-locks.ts";
import { markPin, mirrorDirectory, openPlace, removeLeftovers, removePlace, type MirrorPlace } from "./mirror-place.ts";
import { listChangedBlobs, listCompanions, listNeededBlobs } from "./needed-blobs.ts";
import { dropOldPins, writePins } from "./pins.ts";

export interface MirrorOptions {
  /** Mirrors are kept below it, and the locks by which processes share them. */
  readonly directory: string;
  readonly way: GitWay;
  /** A token that reads the repository; never kept, logged or put where others see it. */
  readonly fetchToken: (ref: RepositoryRef) => Promise<string>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface WantedCommits {
  readonly base: ObjectId;
  readonly head: ObjectId;
  /** What they are kept under: a pull request's number, say. Letters, digits and `-`. */
  readonly pin: string;
}

/** A mirror that holds what was wanted, and stays as it is until it is closed. */
export interface OpenMirror {
  readonly directory: string;
  /** Brings further blobs in one go, those that are not here, and some that are likely to be asked for next. */
  bringBlobs(ids: readonly ObjectId[]): Promise<void>;
  /** Brings, with these, all that merging the two commits could read. */
  bringForMerge(ids: readonly ObjectId[]): Promise<void>;
  close(): void;
}

/** Mirrors of repositories, safe beside other processes that use the same directory. */
export interface Mirrors {
  /**
   * Fetches two commits with their history, and the blobs that a check of them is likely to read: manifests, charts,
   * links. Others, however many and large, are brought when they are asked for. A mirror that turns out to be
   * damaged is thrown away and made anew, once. Rejects with a retryable Fault when GitHub cannot be reached or does
   * not know the commits yet.
   */
  open(ref: RepositoryRef, wanted: WantedCommits): Promise<OpenMirror>;
  /** Looks whether a mirror is damaged, at most once in five minutes; removes it then, and says so. */
  removeDamaged(id: RepositoryId): Promise<boolean>;
  /** False when it is in use for as long as `patience` (milliseconds, by default half a minute). */
  remove(id: RepositoryId, patience?: number): Promise<boolean>;
}

/** Milliseconds that packing a crowded mirror, and a removal, wait for the checks that use it. */
const PACK_PATIENCE = 20_000;
const REMOVE_PATIENCE = 30_000;
const EXAMINE_EVERY = 5 * 60_000;
const MOST_SETTLED = 4096;

export function createMirrors(options: MirrorOptions): Mirrors {
  const { directory, now } = options;
  const locks = createMirrorLocks(join(directory, "locks"));
  const lastExamined = new Map<RepositoryId, number>();
  const settled = createSettled();

  const remove: Mirrors["remove"] = (id, patience = REMOVE_PATIENCE) =>
    locks.withoutUsers(id, patience, () => removePlace(mirrorDirectory(directory, id)));

  const removeDamaged = async (id: RepositoryId): Promise<boolean> => {
    if (now() - (lastExamined.get(id) ?? -EXAMINE_EVERY) < EXAMINE_EVERY) return false;
    lastExamined.set(id, now());
    const use = await locks.use(id);
    let isBad: boolean;
    try {
      isBad = await isDamaged(openPlace(mirrorDirectory(directory, id), now()));
    } finally {
      use.release();
    }
    return isBad && (await remove(id));
  };

  return {
    open: async (ref, wanted) => {
      requireIds(wanted);
      try {
        return await openMirror(options, { locks, settled }, ref, wanted);
      } catch (error) {
        const mayBeOurs = error instanceof Fault && !(error instanceof AccessLostFault);
        if (!mayBeOurs || !(await removeDamaged(ref.repositoryId))) throw error;
        return await openMirror(options, { locks, settled }, ref, wanted);
      }
    },
    removeDamaged,
    remove,
  };
}

/** Commits whose likely blobs have all been seen here: blobs never leave a mirror before it goes as a whole. */
interface Settled {
  has(place: MirrorPlace, commit: ObjectId): boolean;
  add(place: MirrorPlace, commit: ObjectId): void;
}

function createSettled(): Settled {
  const known = new Set<string>();
  const keyOf = ({ birth }: MirrorPlace, commit: ObjectId): string => `${birth} ${commit}`;
  return {
    has: (place, commit) => known.has(keyOf(place, commit)),
    add: (place, commit) => {
      if (known.size >= MOST_SETTLED) known.clear();
      known.add(keyOf(place, commit));
    },
  };
}

async function openMirror(
  options: MirrorOptions,
  { locks, settled }: { readonly locks: MirrorLocks; readonly settled: Settled },
  ref: RepositoryRef,
  wanted: WantedCommits,
): Promise<OpenMirror> {
  const { directory, now } = options;
  const id = ref.repositoryId;
  const path = mirrorDirectory(directory, id);
  if (isCrowded(path)) await locks.withoutUsers(id, PACK_PATIENCE, () => packMirror(openPlace(path, now())));
  const use = await locks.use(id);
  try {
    const fetching = createFetching(options, ref);
    const place = await locks.fetchAlone(id, async () => {
      const opened = openPlace(path, now());
      await healing(opened, () => bring(opened, fetching, wanted, { settled, now: now() }));
      return opened;
    });
    return {
      directory: place.directory,
      bringBlobs: async (ids) => {
        const all = [...ids, ...(await listCompanions(place, wanted, ids))];
        await locks.fetchAlone(id, () => bringMissing(place, fetching, all));
      },
      bringForMerge: async (ids) => {
        const all = [...ids, ...(await listChangedBlobs(place, wanted.base, wanted.head))];
        await locks.fetchAlone(id, () => bringMissing(place, fetching, all));
      },
      close: () => {
        use.release();
        if (!isFragmented(place)) return;
        // Nobody waits for it, and whoever uses the mirror goes first; a failure shows as one of the next fetch.
        locks.withoutUsers(id, 0, () => packMirror(place)).catch(() => undefined);
      },
    };
  } catch (error) {
    use.release();
    throw error;
  }
}

/** Git is never given a name that somebody chose: a branch of a fork may be called as one of the base's (T35). */
function requireIds({ base, head, pin }: WantedCommits): void {
  const isId = (text: string): boolean => /^[0-9a-f]{40}$/u.test(text);
  if (!isId(base) || !isId(head)) throw new Fault("A commit's id is not one.");
  if (!/^[\w-]{1,64}$/u.test(pin)) throw new Fault("A pin's name is not one.");
}

/** The remote as it is asked, once there is something to ask for. */
type CreateFetching = (place: MirrorPlace) => Promise<Fetching>;

function createFetching({ way, fetchToken }: MirrorOptions, ref: RepositoryRef): CreateFetching {
  const url = repositoryUrl(way, ref);
  return async (place) => ({ place, environment: remoteEnvironment(way, url, await fetchToken(ref)) });
}

/**
 * Who was killed while it wrote refs or the commit graph has left its locks, and git would fail at them for ever. Only
 * for whoever fetches alone: nobody else writes then. A fetch heals its own leftovers.
 */
async function healing(place: MirrorPlace, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof GitFault) || !removeLeftovers(place)) throw error;
    await work();
  }
}

async function bring(
  place: MirrorPlace,
  fetching: CreateFetching,
  wanted: WantedCommits,
  { settled, now }: { readonly settled: Settled; readonly now: number },
): Promise<void> {
  const { base, head, pin } = wanted;
  const missing = await listMissing(place, [base, head]);
  if (missing.length > 0) await fetchCommits(await fetching(place), missing);
  await writePins(place, { [`${pin}/base`]: base, [`${pin}/head`]: head });
  markPin(place, pin, now);
  const blobs = await listNeededBlobs(place, { base, head, isBaseHere: settled.has(place, base) });
  if (blobs.length > 0) await fetchBlobs(await fetching(place), blobs);
  settled.add(place, base);
  await startMirror(place);
  await dropOldPins(place, now);
}

async function bringMissing(place: MirrorPlace, fetching: CreateFetching, ids: readonly ObjectId[]): Promise<void> {
  const missing = await listMissing(place, ids);
  if (missing.length > 0) await fetchBlobs(await fetching(place), missing);
}
