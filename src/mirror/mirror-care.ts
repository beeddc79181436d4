import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { GitFault, runGit, type GitPlace } from "../git/index.ts";
import { MIRROR_ENVIRONMENT } from "./git-remote.ts";
import { removeLeftovers } from "./mirror-place.ts";

/** Each fetch leaves one or two packs, and git looks for an object in one after the other. */
const MANY_PACKS = 40;
/** Where checks overlap all the time nobody ever has the mirror alone: beyond so many packs the next check waits for it. */
const TOO_MANY_PACKS = 200;
const CARE_SECONDS = 1800;

export function isFragmented({ directory }: GitPlace): boolean {
  return countPacks(directory) > MANY_PACKS;
}

export function isCrowded(directory: string): boolean {
  return countPacks(directory) > TOO_MANY_PACKS;
}

function countPacks(directory: string): number {
  try {
    return readdirSync(join(directory, "objects", "pack")).filter((name) => name.endsWith(".pack")).length;
  } catch {
    return 0; // removed meanwhile
  }
}

/** Puts all packs into one. Nobody else may use the mirror. */
export async function packMirror(place: GitPlace): Promise<void> {
  if (!isFragmented(place)) return;
  removeLeftovers(place);
  await runGit(place, ["pack-refs", "--all"]);
  const options = { environment: MIRROR_ENVIRONMENT, seconds: CARE_SECONDS };
  await runGit(place, ["repack", "-a", "-d", "-q"], options);
  await writeCommitGraph(place);
}

/** After the first fetch: finding a common ancestor in a long history takes a hundredth of the time with a graph. */
export async function startMirror(place: GitPlace): Promise<void> {
  if (!existsSync(join(place.directory, "objects", "info", "commit-graph"))) await writeCommitGraph(place);
}

async function writeCommitGraph(place: GitPlace): Promise<void> {
  const options = { environment: MIRROR_ENVIRONMENT, seconds: CARE_SECONDS };
  await runGit(place, ["commit-graph", "write", "--reachable", "--no-progress"], options);
}

/** Reads everything that is there and compares it with its ids. */
export async function isDamaged(place: GitPlace): Promise<boolean> {
  try {
    const options = { environment: MIRROR_ENVIRONMENT, seconds: CARE_SECONDS };
    await runGit(place, ["fsck", "--no-dangling", "--no-progress"], options);
    return false;
  } catch (error) {
    if (error instanceof GitFault && error.status !== undefined) return true;
    throw error;
  }
}
