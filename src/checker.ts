import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ProxySettings } from "./egress/choose-route.ts";
import { compareHeads } from "./compare-heads.ts";
import { createEnginePool, createPolicyEngine, type EnginePool } from "./engine/index.ts";
import { findLanding } from "./find-landing.ts";
import { findPlainMerges } from "./find-plain-merges.ts";
import { openRepository, type Repository } from "./git/index.ts";
import type { CheckedPullRequest, Checker, CheckOfPullRequest, LandingQuestion, Log } from "./jobs/ports.ts";
import type { TrackedCommits, TrackedStanding } from "./jobs/standing-ports.ts";
import { createMirrors, LIKELY_READ, type Mirrors, type OpenMirror } from "./mirror/index.ts";
import {
  AccessLostFault,
  Fault,
  scrubTokens,
  UsageError,
  type AskedException,
  type CommentableLines,
  type RepositoryRef,
} from "./model/index.ts";
import { assembleWorkbench, readEquipment, readSealKey } from "./open-workbench.ts";
import { openOrganization, type OpenedOrganization } from "./open-organization.ts";
import type { OrganizationRules } from "./pipeline/organization.ts";
import { readConfig, readGovernedConfig } from "./read-governed-config.ts";
import { judgeRules, readBroughtRules, readRuling } from "./read-rules.ts";
import { reportConflict } from "./sides.ts";
import { mergeSides } from "./merge-sides.ts";
import { createFileStore } from "./store/index.ts";
import { createDiskKeeper, type DiskKeeper } from "./keep-disk.ts";
import { wayToGit } from "./ways-to-github.ts";
import { runCheck, runTracking, type CheckedTrees, type Workbench } from "./workbench.ts";

export interface CheckerOptions {
  /** Mirrors, caches and the seal key are kept below it. */
  readonly dataDirectory: string;
  /** Under which values of Secrets are sealed; by default one that is made and kept in the data directory. */
  readonly sealKey?: string | undefined;
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
  /** Milliseconds since the epoch, by the machine's clock: it is compared with times of files. */
  readonly now: () => number;
  /** The clock that verdicts go by; the same by default. */
  readonly verdictNow?: (() => number) | undefined;
  /** Hears how long each step of a check took, in seconds. */
  readonly observe: (step: string, seconds: number) => void;
}

export interface ServerChecker extends Checker {
  /** Waits for nothing that runs: whoever stops the jobs first loses none. */
  close(): Promise<void>;
}

/** GitHub shows no more files of a pull request, and takes comments on no other. */
const COMMENTABLE_FILES = 3000;

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
  const equipment = readEquipment(options.root, options.sealKey ?? readSealKey(dataDirectory));
  const mirrors = openMirrors({ ...options, dataDirectory });
  const disk = openDisk({ ...options, dataDirectory }, mirrors);
  const engines = keepEngines(() => createEnginePool({ ...equipment.engines, jobs: options.jobs }));
  const policyEngine = createPolicyEngine(equipment.engines.engines);

  const workOnce = async <Result>(
    request: OpenedCommits,
    work: (bench: Workbench, places: OpenPlaces, clock: StepClock) => Promise<Result>,
  ): Promise<Result> => {
    const clock = createStepClock(options.observe);
    const id = request.repository.repositoryId;
    const opened = await clock.time("fetch", () => openAll(mirrors, request, scratch));
    const { mirror, ruling, organization } = opened;
    try {
      const bring: OpenMirror["bringBlobs"] = (ids) => mirror.bringBlobs(ids);
      const repository = await openRepository(mirror.directory, { parent: scratch, bring });
      const engine = engines.open().open(repository.scratchDirectory, bring);
      try {
        const store = createFileStore(disk.cacheOf(id));
        const assembled = assembleWorkbench(equipment, repository, { engine, policyEngine }, store);
        const places = { repository, mirror, ruling, rules: organization.rules };
        return await work({ ...assembled, proxies: options.proxies }, places, clock);
      } finally {
        await engine.close();
        await repository.close();
      }
    } finally {
      await closeAll([mirror, ruling, organization]);
    }
  };

  const workOn: typeof workOnce = async (request, work) => {
    const attempt = () => withFaults(() => workOnce(request, work), log);
    try {
      return await attempt();
    } catch (error) {
      const isOurs = error instanceof Fault && !error.isRetryable && !(error instanceof AccessLostFault);
      if (!isOurs || !(await removeDamaged(mirrors, request))) throw error;
      log.warn({ repository: request.repository.repositoryId }, "a damaged mirror was thrown away");
      return await attempt();
    } finally {
      disk.sweepSometimes();
    }
  };

  return {
    readConfig: (request) => withFaults(() => readGovernedConfig(request, mirrors, scratch), log),
    check: (request) => workOn(request, (bench, places, clock) => judge(bench, places, request, options, clock)),
    readTracked: (request) => workOn(request, (bench, places) => readTrackedTrees(bench, places, request, options)),
    compareHeads: (request) =>
      workOn({ ...request, rulesSha: undefined }, (bench, { repository, mirror, rules: organization }) => {
        const open = (earlier: Parameters<typeof openMirror>[1]): Promise<OpenMirror> => openMirror(mirrors, earlier);
        return compareHeads({ ...options, bench, repository, mirror, organization }, open, request);
      }),
    ...lookAtMerges(mirrors, scratch, log),
    forget: (ids) => disk.forget(ids),
    close: async () => {
      await disk.close();
      await engines.close();
      await policyEngine.close();
    },
  };
}

/** The engines, made anew once they are broken. They take a while to compile: the first check finds them ready. */
function keepEngines(create: () => EnginePool): {
  readonly open: () => EnginePool;
  readonly close: () => Promise<void>;
} {
  let pool: EnginePool | undefined;
  const open = (): EnginePool => {
    if (pool?.isBroken() !== false) pool = create();
    return pool;
  };
  open();
  return { open, close: async () => pool?.close() };
}

function lookAtMerges(mirrors: Mirrors, scratch: string, log: Log): Pick<Checker, "findPlainMerges" | "findLanding"> {
  return {
    findPlainMerges: (place, merges) =>
      withFaults(() => findPlainMerges(() => openMirror(mirrors, place), scratch, merges), log),
    findLanding: (question) =>
      withFaults(() => findLanding(() => openLanding(mirrors, question), scratch, question), log),
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
async function removeDamaged(mirrors: Mirrors, { repository, organization }: OpenedCommits): Promise<boolean> {
  const rules = organization?.tip.kind === "tip" ? [organization.tip.repository] : [];
  const removed: boolean[] = [];
  for (const { repositoryId } of [repository, ...rules]) removed.push(await mirrors.removeDamaged(repositoryId));
  return removed.includes(true);
}

/** What a check reads from: the pull request's commits, the default branch where that is another, and the rules over it. */
interface OpenedAll {
  readonly mirror: OpenMirror;
  readonly ruling: OpenMirror | undefined;
  readonly organization: OpenedOrganization;
}

/** None stays open when another cannot be opened. */
async function openAll(mirrors: Mirrors, request: OpenedCommits, scratch: string): Promise<OpenedAll> {
  const opening = [
    openMirror(mirrors, request),
    openRuling(mirrors, request),
    openOrganization(request.organization, mirrors, scratch),
  ] as const;
  const settled = await Promise.allSettled(opening);
  if (settled.some(({ status }) => status === "rejected")) {
    await closeAll(settled.map((each) => (each.status === "fulfilled" ? each.value : undefined)));
  }
  const [mirror, ruling, organization] = await Promise.all(opening); // rejects as one of them has
  return { mirror, ruling, organization };
}

async function closeAll(opened: readonly ({ close: () => void | Promise<void> } | undefined)[]): Promise<void> {
  for (const each of opened) await each?.close();
}

function openMirror(
  mirrors: Mirrors,
  { repository, number, baseSha, headSha, pin: own }: Omit<OpenedCommits, "rulesSha" | "organization">,
): Promise<OpenMirror> {
  const pin = own ?? (number === undefined ? `group-${headSha}` : String(number));
  return mirrors.open(repository, { base: baseSha, head: headSha, pin });
}

/** What landed is a descendant of everything that is asked about, or was never merged. */
function openLanding(mirrors: Mirrors, { repository, headSha, landed }: LandingQuestion): Promise<OpenMirror> {
  return mirrors.open(repository, { base: landed, head: headSha, pin: `landed-${landed}` });
}

async function withFaults<T>(work: () => Promise<T>, log: Log): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toFault(error, log);
  }
}

/** A UsageError is a user's to mend, and here is none. Anything else that is no Fault is a mistake of ours. */
function toFault(error: unknown, log: Log): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof UsageError) return new Fault(error.message, { cause: error });
  const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log.error({ cause: scrubTokens(cause) }, "a check broke");
  return new Fault("A check broke.", { cause: error });
}

/** Commits that are looked at, with the rules that stand over them. */
type OpenedCommits = Pick<
  CheckOfPullRequest,
  "repository" | "number" | "baseSha" | "headSha" | "rulesSha" | "organization"
> & { readonly pin?: string | undefined };

/** What one check reads, and the rules over it, which were read elsewhere. */
interface OpenPlaces {
  readonly repository: Repository;
  readonly mirror: OpenMirror;
  /** The same mirror with the tip of the default branch; undefined where that is the base, or gone. */
  readonly ruling: OpenMirror | undefined;
  readonly rules: OrganizationRules | undefined;
}

async function judge(
  bench: Workbench,
  { repository, mirror, ruling, rules }: OpenPlaces,
  request: CheckOfPullRequest,
  { allowedHosts, now, verdictNow = now }: CheckerOptions,
  clock: StepClock,
): Promise<CheckedPullRequest> {
  const name = `${request.repository.owner}/${request.repository.name}`;
  const [sides, config] = await Promise.all([
    clock.time("merge", () => mergeSides(repository, mirror, request)),
    clock.time("config", () => readConfig(repository, mirror, request.baseSha)),
  ]);
  const saying = await readRuling(repository, ruling, request, config);
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
          today: new Date(verdictNow()).toISOString().slice(0, 10),
          isExceptionApproved: exceptions.isApproved,
        }),
  );
  const diffing = clock.time("diff", () => listCommentable(repository, request));
  const [checked, commentable] = await Promise.all([checking, diffing]);
  const { rendered, reused } = checked;
  const isRuling = sides.kind === "trees" && request.rulesSha === request.baseSha;
  return {
    report: checked.report,
    config: checked.config ?? config.config,
    rules: judgeRules(saying, rules),
    broughtRules: isRuling ? await readBroughtRules(sides, saying, rules) : undefined,
    build: bench.build,
    commentable,
    asked: exceptions.asked(),
    work: { rendered, reused, seconds: clock.seconds() },
  };
}

/** What stands in two trees of what is promoted. A merge that conflicts leaves nothing to look at. */
async function readTrackedTrees(
  bench: Workbench,
  { repository, mirror, ruling, rules }: OpenPlaces,
  request: TrackedCommits,
  { allowedHosts }: CheckerOptions,
): Promise<TrackedStanding> {
  const [sides, config] = await Promise.all([
    mergeSides(repository, mirror, request),
    readConfig(repository, mirror, request.baseSha),
  ]);
  const said = judgeRules(await readRuling(repository, ruling, request, config), rules);
  const wanted = request.ask(said);
  if (wanted === undefined) return { kind: "trees", base: [], head: [], changed: [], files: [] };
  if (sides.kind === "conflict") return sides;
  const name = `${request.repository.owner}/${request.repository.name}`;
  // A branch of its own is near to no other, and what is known of those is kept.
  const own = request.pin === undefined ? bench : { ...bench, repositoryKey: `${bench.repositoryKey} ${request.pin}` };
  const trees = await runTracking(own, {
    ...{ ...sides, ...wanted, repository: name, config, organization: rules, isAll: false },
    ...{ kubernetesVersion: undefined, allowedHosts, onProgress: () => undefined },
  });
  return { kind: "trees", ...trees };
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

/** The mirror with the tip of the default branch, where that is not the base. */
async function openRuling(
  mirrors: Mirrors,
  { repository, rulesSha, baseSha }: OpenedCommits,
): Promise<OpenMirror | undefined> {
  if (rulesSha === undefined || rulesSha === baseSha) return undefined;
  return await mirrors.open(repository, { base: rulesSha, head: rulesSha, pin: "rules" });
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
