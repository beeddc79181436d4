import { setTimeout as wait } from "node:timers/promises";
import { GitFault, runGit, type GitPlace } from "../git/index.ts";
import { AccessLostFault, Fault, scrubTokens, type ObjectId } from "../model/index.ts";
import { removeLeftovers } from "./mirror-place.ts";

/** A fetch that takes longer is ended; the next attempt begins anew. */
const FETCH_SECONDS = 600;
/** Ids of one request: 40,000 blobs in a body of 2 MB. */
const BATCH = 40_000;
/** A commit that an event named may take a moment until git knows it (github-facts). Milliseconds. */
const WAITS = [250, 1000, 3000];

/** Asks the remote that the environment names (see `remoteEnvironment`). */
export interface Fetching {
  readonly place: GitPlace;
  readonly environment: Readonly<Record<string, string>>;
}

/** Brings commits with their history and trees, without blobs. */
export async function fetchCommits(fetching: Fetching, ids: readonly ObjectId[]): Promise<void> {
  await fetchWithRetries(fetching, ids, []);
}

/**
 * Brings blobs. Nothing is said of what is here already: the blobs of old commits are not, and GitHub would count on
 * them.
 */
export async function fetchBlobs(fetching: Fetching, ids: readonly ObjectId[]): Promise<void> {
  for (let at = 0; at < ids.length; at += BATCH) {
    await fetchWithRetries(fetching, ids.slice(at, at + BATCH), ["fetch.negotiationAlgorithm=noop"]);
  }
}

async function fetchWithRetries(
  fetching: Fetching,
  ids: readonly ObjectId[],
  settings: readonly string[],
): Promise<void> {
  const latest = performance.now() + FETCH_SECONDS * 1000;
  for (const pause of [...WAITS, undefined]) {
    try {
      await fetchOnce(fetching, ids, settings);
      return;
    } catch (error) {
      removeLeftovers(fetching.place);
      const fault = describeFault(error);
      // One that took all its time would take it again, and others wait.
      if (pause === undefined || !fault.isRetryable || performance.now() >= latest) throw fault;
    }
    await wait(pause);
  }
}

async function fetchOnce(
  { place, environment }: Fetching,
  ids: readonly ObjectId[],
  settings: readonly string[],
): Promise<void> {
  const manners = ["--no-write-fetch-head", "--no-auto-gc", "--no-tags", "--recurse-submodules=no", "--quiet"];
  await runGit(place, ["fetch", ...manners, "--filter=blob:none", "--stdin", "origin"], {
    environment,
    settings,
    seconds: FETCH_SECONDS,
    input: ids.map((id) => `${id}\n`).join(""),
  });
}

/**
 * Git tells why only in words; they are for people, but for the status that GitHub answered with. What git printed is
 * scrubbed, and the fault as it was is not kept.
 */
function describeFault(error: unknown): Fault {
  if (!(error instanceof GitFault)) {
    return error instanceof Fault ? error : new Fault("git could not be run.", { cause: error });
  }
  const detail = scrubTokens(error.detail);
  const [, status] = /returned error: (\d{3})/u.exec(detail) ?? [];
  if (status === "403") {
    return new AccessLostFault("permission", `GitHub lets git read nothing: ${detail}`, { permission: "contents" });
  }
  return new Fault(`Fetching from GitHub failed: ${detail}`, { isRetryable: true });
}

/** Of these ids, those that are not here. */
export async function listMissing(place: GitPlace, ids: readonly ObjectId[]): Promise<readonly ObjectId[]> {
  if (ids.length === 0) return [];
  const { stdout } = await runGit(place, ["cat-file", "--batch-check=%(objectname)"], {
    input: ids.map((id) => `${id}\n`).join(""),
  });
  return [...new Set([...stdout.toString("latin1").matchAll(/^([0-9a-f]{40}) missing$/gmu)].map(([, id = ""]) => id))];
}
