import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { historyOf } from "./config-history.ts";
import type { ProxySettings } from "./egress/choose-route.ts";
import { createEnginePool, createPolicyEngine, type EnginePool } from "./engine/index.ts";
import { GitFault, openRepository, type Repository } from "./git/index.ts";
import type { CheckedPullRequest, Checker, CheckOfPullRequest, Log } from "./jobs/ports.ts";
import { createMirrors, LIKELY_READ, readNamedIds, type Mirrors, type OpenMirror } from "./mirror/index.ts";
import {
  AccessLostFault,
  Fault,
  scrubTokens,
  UsageError,
  type AskedException,
  type CommentableLines,
  type ObjectId,
  type RepositoryRef,
  type Side,
} from "./model/index.ts";
import { assembleWorkbench, readEquipment, readSealKey } from "./open-workbench.ts";
import { loadConfig, type LoadedConfig } from "./pipeline/load-config.ts";
import { openOrganization, type OpenedOrganization } from "./open-organization.ts";
import type { OrganizationRules } from "./pipeline/organization.ts";
import { reportConflict, type ConflictingSides, type MergedSides } from "./sides.ts";
import { createFileStore } from "./store/index.ts";
import { createDiskKeeper, type DiskKeeper } from "./keep-disk.ts";
import { wayToGit } from "./ways-to-github.ts";
import { runCheck, type CheckedTrees, type Workbench } from "./workbench.ts";

export interface CheckerOptions {
  /** Mirrors, caches and the seal key are kept below it. */
  readonly dataDirectory: string;
  /** Drydock's own directory: engines and schemas are below it. */
  readonly root: string;
  /** Renders at once; by default as many as the machine has cores. */
  readonly jobs?: number | undefined;
  /** `<git>/<owner>/<name>.git` is a repository. */
  readonly git: string;
  readonly fetchToken: (ref: RepositoryRef) => Promise<string>;
  /** Hosts that schemas may be fetched from. */
  readonly allowedHosts: readonly string[];
  readonly proxies?: ProxySettings | undefined;
  /** A file with certificate authorities, PEM, that count beside the usual ones. */
  readonly caFile?: string | undefined;
  /** Most bytes that mirrors and caches may take. */
  readonly diskBytes: number;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Hears how long each step of a check took, in seconds. */
  readonly observe: (step: string, seconds: number) => void;
}

export interface ServerChecker extends Checker {
  /** Waits for nothing that runs: whoever stops the jobs first loses none. */
  close(): Promise<void>;
}

/** GitHub shows no more files of a pull request, and takes comments on no other. */
const COMMENTABLE_FILES = 3000;
/** A merge names a few objects that it does not find and gives up: so often it is asked again with them. */
const MERGE_ATTEMPTS = 8;

/**
 * Mirrors and engines behind the port of the jobs. One set of engines serves all repositories; a repository's objects,
 * results and reports are seen by its own checks alone. Fails with a UsageError when the engines are not built. Close
 * it: it holds threads and git processes.
 */
export function createChecker(options: CheckerOptions): ServerChecker {
  const { log } = options;
  const dataDirectory = resolve(options.dataDirectory);
  const scratch = join(dataDirectory, "scratch");
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  const equipment = readEquipment(options.root, readSealKey(dataDirectory));
  const mirrors = openMirrors({ ...options, dataDirectory });
  const disk = openDisk({ ...options, dataDirectory }, mirrors);
  let pool: EnginePool | undefined;
  const engines = (): EnginePool => {
    if (pool?.isBroken() !== false) pool = createEnginePool({ ...equipment.engines, jobs: options.jobs });
    return pool;
  };
  const policyEngine = createPolicyEngine(equipment.engines.engines);
  engines(); // they take a while to compile: the first check finds them ready

  const checkOnce = async (request: CheckOfPullRequest): Promise<CheckedPullRequest> => {
    const clock = createStepClock(options.observe);
    const id = request.repository.repositoryId;
    const [mirror, organization] = await clock.time("fetch", () => openBoth(mirrors, request, scratch));
    try {
      const bring: OpenMirror["bringBlobs"] = (ids) => mirror.bringBlobs(ids);
      const repository = await openRepository(mirror.directory, { parent: scratch, bring });
      const engine = engines().open(repository.scratchDirectory, bring);
      try {
        const engines = { engine, policyEngine };
        const assembled = assembleWorkbench(equipment, repository, engines, createFileStore(disk.cacheOf(id)));
        const bench = { ...assembled, proxies: options.proxies };
        return await judge(bench, { repository, mirror, rules: organization.rules }, request, options, clock);
      } finally {
        await engine.close();
        await repository.close();
      }
    } finally {
      mirror.close();
      await organization.close();
    }
  };

  const attempt = async (request: CheckOfPullRequest): Promise<CheckedPullRequest> => {
    try {
      return await checkOnce(request);
    } catch (error) {
      throw toFault(error, log);
    }
  };

  return {
    check: async (request) => {
      const id = request.repository.repositoryId;
      try {
        return await attempt(request);
      } catch (error) {
        const isOurs = error instanceof Fault && !error.isRetryable && !(error instanceof AccessLostFault);
        if (!isOurs || !(await removeDamaged(mirrors, request))) throw error;
        log.warn({ repository: id }, "a damaged mirror was thrown away");
        return await attempt(request);
      } finally {
        disk.sweepSometimes();
      }
    },
    forget: (ids) => disk.forget(ids),
    close: async () => {
      await disk.close();
      await pool?.close();
      await policyEngine.close();
    },
  };
}

function openDisk({ dataDirectory, diskBytes, now, log }: CheckerOptions, mirrors: Mirrors): DiskKeeper {
  const caches = join(dataDirectory, "cache");
  mkdirSync(caches, { recursive: true, mode: 0o700 });
  return createDiskKeeper({
    ...{ mirrors: join(dataDirectory, "mirrors"), caches, scratch: join(dataDirectory, "scratch") },
    ...{ bytes: diskBytes, now, log },
    removeMirror: (id, patience) => mirrors.remove(id, patience),
  });
}

function openMirrors({ dataDirectory, git, proxies, caFile, fetchToken, now }: CheckerOptions): Mirrors {
  const way = wayToGit({ git, proxies, caFile, dataDirectory });
  return createMirrors({ directory: join(dataDirectory, "mirrors"), way, fetchToken, now });
}

/** What an object that is damaged breaks is not known beforehand, so mirrors are looked at afterwards. */
async function removeDamaged(mirrors: Mirrors, { repository, organization }: CheckOfPullRequest): Promise<boolean> {
  const rules = organization?.tip.kind === "tip" ? [organization.tip.repository] : [];
  const removed: boolean[] = [];
  for (const { repositoryId } of [repository, ...rules]) removed.push(await mirrors.removeDamaged(repositoryId));
  return removed.includes(true);
}

/** Neither stays open when the other cannot be opened. */
async function openBoth(
  mirrors: Mirrors,
  request: CheckOfPullRequest,
  scratch: string,
): Promise<readonly [OpenMirror, OpenedOrganization]> {
  const opening = openMirror(mirrors, request);
  const reading = openOrganization(request.organization, mirrors, scratch);
  const [mirror, organization] = await Promise.allSettled([opening, reading]);
  if (mirror.status === "fulfilled" && organization.status === "fulfilled") return [mirror.value, organization.value];
  if (mirror.status === "fulfilled") mirror.value.close();
  if (organization.status === "fulfilled") await organization.value.close();
  return await Promise.all([opening, reading]); // rejects as one of them has
}

function openMirror(mirrors: Mirrors, request: CheckOfPullRequest): Promise<OpenMirror> {
  const { repository, number, baseSha, headSha } = request;
  const pin = number === undefined ? `group-${headSha}` : String(number);
  return mirrors.open(repository, { base: baseSha, head: headSha, pin });
}

/** A UsageError is a user's to mend, and here is none. Anything else that is no Fault is a mistake of ours. */
function toFault(error: unknown, log: Log): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof UsageError) return new Fault(error.message, { cause: error });
  const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log.error({ cause: scrubTokens(cause) }, "a check broke");
  return new Fault("A check broke.", { cause: error });
}

/** What one check reads, and the rules over it, which were read elsewhere. */
interface OpenPlaces {
  readonly repository: Repository;
  readonly mirror: OpenMirror;
  readonly rules: OrganizationRules | undefined;
}

async function judge(
  bench: Workbench,
  { repository, mirror, rules }: OpenPlaces,
  request: CheckOfPullRequest,
  { allowedHosts, now }: CheckerOptions,
  clock: StepClock,
): Promise<CheckedPullRequest> {
  const name = `${request.repository.owner}/${request.repository.name}`;
  const [sides, config] = await Promise.all([
    clock.time("merge", () => openSides(repository, mirror, request)),
    clock.time("config", () => readConfig(repository, mirror, request.baseSha)),
  ]);
  const exceptions = createExceptionDesk(request.approved ?? []);
  const checking = clock.time("check", () =>
    sides.kind === "conflict"
      ? Promise.resolve(withoutWork(reportConflict(name, sides, { ...bench.versions, kubernetes: [] })))
      : runCheck(bench, {
          ...sides,
          ...{
            repository: name,
            config,
            organization: rules,
            isAll: false,
            kubernetesVersion: undefined,
            allowedHosts,
          },
          onProgress: () => undefined,
          pullRequest: request.pullRequest,
          today: new Date(now()).toISOString().slice(0, 10),
          isExceptionApproved: exceptions.isApproved,
        }),
  );
  const diffing = clock.time("diff", () => listCommentable(repository, request));
  const [checked, commentable] = await Promise.all([checking, diffing]);
  const { rendered, reused } = checked;
  return {
    report: checked.report,
    config: checked.config ?? config.config,
    commentable,
    asked: exceptions.asked(),
    work: { rendered, reused, seconds: clock.seconds() },
  };
}

/** Exceptions of one check that may be asked for; those beyond wait. */
const MOST_ASKED = 2000;

interface ExceptionDesk {
  readonly isApproved: NonNullable<Parameters<typeof runCheck>[1]["isExceptionApproved"]>;
  /** Everything that was asked, approved or not. */
  readonly asked: () => readonly AskedException[];
}

function createExceptionDesk(approved: readonly AskedException[]): ExceptionDesk {
  const name = ({ rule, resource, text }: Omit<AskedException, "team">): string =>
    JSON.stringify([rule, resource, text]);
  const known = new Set(approved.map(name));
  const asked = new Map<string, AskedException>();
  return {
    isApproved: (rule, resource, team, text) => {
      const exception = { rule, resource, text, team };
      if (asked.size < MOST_ASKED) asked.set(name(exception), exception);
      return known.has(name(exception));
    },
    asked: () => [...asked.values()],
  };
}

function withoutWork(report: CheckedTrees["report"]): CheckedTrees {
  return { report, rendered: 0, reused: 0, files: 0 };
}

/** The base as it is, and what would land: the merge, or in a merge queue the head itself. */
async function openSides(
  repository: Repository,
  mirror: OpenMirror,
  { baseRef, baseSha, headRef, headSha, isMerge }: CheckOfPullRequest,
): Promise<MergedSides | ConflictingSides> {
  const sideOf = async (ref: string, commit: ObjectId): Promise<Side> => {
    const { tree } = await repository.objects.readCommit(commit);
    return { ref, commit, tree };
  };
  const [base, own] = await Promise.all([sideOf(baseRef, baseSha), sideOf(headRef, headSha)]);
  const merged = isMerge
    ? await merge(repository, mirror, baseSha, headSha)
    : ({ kind: "merged", tree: own.tree } as const);
  if (merged.kind === "conflict") return { kind: "conflict", base, head: own, paths: merged.paths };
  const head = { ...own, tree: merged.tree };
  const [baseTree, headTree] = [repository.openTree(base.tree), repository.openTree(head.tree)];
  return { kind: "trees", base, head, baseTree, headTree };
}

/**
 * What a merge usually reads is here already. One of branches that were merged crosswise reads more, and one of other
 * files than manifests may: git names what it did not find, and is asked again.
 */
async function merge(
  repository: Repository,
  mirror: OpenMirror,
  base: ObjectId,
  head: ObjectId,
): ReturnType<Repository["mergeTrees"]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await repository.mergeTrees(base, head);
    } catch (error) {
      if (!(error instanceof GitFault) || attempt >= MERGE_ATTEMPTS) throw error;
      const named = readNamedIds(error);
      if (named.length === 0 && attempt > 1) throw error;
      await mirror.bringForMerge(named);
    }
  }
}

/** The base's config; earlier versions of it are fetched when it is invalid, in one go. */
async function readConfig(repository: Repository, mirror: OpenMirror, base: ObjectId): Promise<LoadedConfig> {
  const tree = repository.openTree((await repository.objects.readCommit(base)).tree);
  return await loadConfig(
    tree,
    historyOf(repository, base, (ids) => mirror.bringBlobs(ids)),
  );
}

/** What a pull request shows: its head beside the commit it grew from. A merge group shows nothing. */
async function listCommentable(
  repository: Repository,
  { isMerge, baseSha, headSha }: CheckOfPullRequest,
): Promise<CommentableLines> {
  if (!isMerge) return new Map();
  return await repository.diffHunks(await repository.mergeBase(baseSha, headSha), headSha, {
    files: COMMENTABLE_FILES,
    paths: LIKELY_READ,
  });
}

interface StepClock {
  time<T>(step: string, work: () => Promise<T>): Promise<T>;
  seconds(): Readonly<Record<string, number>>;
}

function createStepClock(observe: CheckerOptions["observe"]): StepClock {
  const seconds = new Map<string, number>();
  return {
    time: async (step, work) => {
      const started = performance.now();
      try {
        return await work();
      } finally {
        const taken = (performance.now() - started) / 1000;
        seconds.set(step, taken);
        observe(step, taken);
      }
    },
    seconds: () => Object.fromEntries(seconds),
  };
}
