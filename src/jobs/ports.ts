import type {
  Actor,
  AskedException,
  CommandKey,
  Delivery,
  DesiredCheck,
  ExceptionUse,
  HeadVerdict,
  InstallationId,
  ContentDigests,
  EnvironmentFacts,
  JudgedContent,
  MergeGroup,
  Outgoing,
  Published,
  PullRequest,
  PullRequestKey,
  Publication,
  RepositoryId,
  RepositoryRef,
  Task,
  Verdict,
  WantedLabels,
  WrittenCheck,
} from "../model/index.ts";
import type { ApprovalRecords } from "./approval-ports.ts";
import type { BypassRecords } from "./bypass-ports.ts";
import type { InstallationFacts, RepositoryFacts } from "./github-ports.ts";
import type { MergeRecords } from "./merge-ports.ts";
import type { PullRecords } from "./pull-ports.ts";
import type { StandingRecords } from "./standing-ports.ts";
import type { OverrideFacts, StopRecords } from "./stop-ports.ts";

export * from "./approval-ports.ts";
export * from "./bypass-ports.ts";
export * from "./check-ports.ts";
export * from "./github-ports.ts";
export * from "./merge-ports.ts";
export * from "./pull-ports.ts";
export * from "./standing-ports.ts";
export * from "./stop-ports.ts";

/** Facts are fields, the message a constant; never a payload, a token or a rendered value. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** What a judgement needs to know before it starts. */
export interface StartedJudgement {
  readonly repository: RepositoryFacts;
  readonly generation: number;
  /** Why it is judged, since the last judgement that ended; `asked` is an explicit wish. */
  readonly reasons: readonly string[];
  /** Only checks are written: opened before the installation, and neither pushed to nor spoken to since. */
  readonly isQuiet: boolean;
  /** The commit of a fork's pull request that a maintainer let be checked. */
  readonly releasedSha: string | undefined;
  /** The last judgement needed exceptions that the change adds: whether they count has to be asked each time. */
  readonly needsExceptions: boolean;
  /** Somebody wants it merged once everything holds: each judgement is made from facts of its own. */
  readonly wantsMerge?: boolean | undefined;
  readonly permissions: Readonly<Record<string, string>>;
  readonly last: JudgedVerdict | undefined;
}

export interface JudgedVerdict {
  readonly verdict: Verdict;
  /** ISO 8601. */
  readonly judgedAt: string;
}

/** A judgement that ended, as it is kept. */
export interface FinishedJudgement {
  readonly generation: number;
  readonly verdict: Verdict;
  /** Undefined leaves comment and review as they are (quiet pull requests, merge groups), and labels but for these. */
  readonly publication: Publication | undefined;
  readonly labels?: WantedLabels | undefined;
  readonly report: StoredReport | undefined;
  /** Exceptions that the change adds and needs, and all that took a finding; undefined leaves what was known. */
  readonly exceptions?:
    { readonly asked: readonly AskedException[]; readonly uses: readonly ExceptionUse[] } | undefined;
  /** Undefined for what is no judgement of a report. */
  readonly overrides?: OverrideFacts | undefined;
  /** What the pull request changes, for approvals to be bound to; undefined where that is not known. */
  readonly content?: Pick<JudgedContent, "digests" | "build"> | undefined;
  /** What the rules of environments were asked over; undefined leaves what was known. */
  readonly facts?: EnvironmentFacts | undefined;
  /** How urgently the end of this verdict has to be told, more first; 0 or undefined for one that lets nothing in. */
  readonly risk?: number | undefined;
}

export interface KnownFactsOfOpen {
  readonly known: readonly EnvironmentFacts[];
  /** Open pull requests that are not among them. */
  readonly more: number;
}

/** A report as pages show it: rendered once, when it was made. */
export interface StoredReport {
  /** The body of the HTML report, without a shell. */
  readonly body: string;
  /** The JSON report. */
  readonly json: string;
}

/** All verdicts on one commit → the checks that should stand on it. Pure; run inside the transaction that stores. */
export type CombineVerdicts = (headSha: string, verdicts: readonly HeadVerdict[]) => readonly DesiredCheck[];

/** A judgement's generation moved on while it worked: somebody newer will say what stands. */
export type Kept = "kept" | "outdated";

/**
 * What Drydock remembers, in one database; `src/database` implements it. Each method is one transaction, and none is
 * open across a call to GitHub. Rejects with a retryable Fault when the database is away.
 */
export interface Records
  extends ApprovalRecords, BypassRecords, MergeRecords, PullRecords, StandingRecords, StopRecords {
  /** Stores deliveries and applies their intents in one transaction, tasks included; known delivery ids do nothing. */
  keepDeliveries(deliveries: readonly Delivery[]): Promise<void>;
  /** As `keepDeliveries`, for what the sweep found. */
  applyIntents(intents: Delivery["intents"]): Promise<void>;

  /** Undefined when the pull request, its repository or its installation is gone, closed or suspended. */
  startJudgement(key: PullRequestKey): Promise<StartedJudgement | undefined>;
  /** Notes what GitHub says of the pull request now. */
  notePullRequest(pullRequest: PullRequest, generation: number): Promise<Kept>;
  /** Wants "in progress" on the head, unless a verdict on it is known already and nobody asked. */
  showProgress(key: PullRequestKey, generation: number, checks: readonly DesiredCheck[]): Promise<Kept>;
  finishJudgement(key: PullRequestKey, judged: FinishedJudgement, combine: CombineVerdicts): Promise<Kept>;

  startGroup(repositoryId: RepositoryId, headSha: string): Promise<StartedGroup | undefined>;
  showGroupProgress(repositoryId: RepositoryId, group: StartedGroup, checks: readonly DesiredCheck[]): Promise<Kept>;
  finishGroup(
    repositoryId: RepositoryId,
    group: StartedGroup,
    judged: FinishedJudgement,
    combine: CombineVerdicts,
  ): Promise<Kept>;

  /** Open pull requests on a base branch with their last verdicts. */
  listJudged(repositoryId: RepositoryId, baseRef: string): Promise<readonly (PullRequestKey & JudgedVerdict)[]>;
  /** What open pull requests onto a branch changed when they were judged last, where that is known. */
  listContents(
    repositoryId: RepositoryId,
    baseRef: string,
  ): Promise<readonly { readonly number: number; readonly digests: ContentDigests }[]>;
  /** What other open pull requests were judged over last, the newest first. */
  listEnvironmentFacts(but: PullRequestKey, most: number): Promise<KnownFactsOfOpen>;
  /** Open pull requests, judged or not. */
  listOpen(repositoryId: RepositoryId): Promise<readonly PullRequestKey[]>;
  /** The last judgement of a pull request; undefined before the first. */
  readStanding(key: PullRequestKey): Promise<StandingJudgement | undefined>;
  readCommand(repositoryId: RepositoryId, key: CommandKey): Promise<StoredCommand | undefined>;
  finishCommand(repositoryId: RepositoryId, key: CommandKey, answers: readonly Outgoing[]): Promise<void>;

  /** The next thing to write for an installation: by rank, then people before bots, then age; or by age alone. */
  nextOutgoing(installationId: InstallationId, first?: "most-important" | "oldest"): Promise<OutgoingItem | undefined>;
  /** Takes one write out of the bucket of the item's installation, if the item is still what is wanted or is begun. */
  takeWrite(item: OutgoingItem, isContent: boolean, isBegun?: boolean): Promise<WriteGrant>;
  /** Leaves one item alone until a moment (milliseconds since the epoch); nothing failed. */
  holdBack(item: OutgoingItem, until: number): Promise<void>;
  pauseWrites(installationId: InstallationId, until: number): Promise<void>;
  /** Before a request that creates: the next process will look before it writes. False if it is wanted no more. */
  markAttempt(item: OutgoingItem, isBegun?: boolean): Promise<boolean>;
  /** `isDone` is false while a part is left to send, such as annotations beyond the first 50. */
  markPublished(item: OutgoingItem, published: Published, isDone: boolean): Promise<void>;
  /** GitHub failed on this one: it is tried again later, each time after a longer while, and others go on. */
  postpone(item: OutgoingItem, reason: string): Promise<void>;
  /** The wish cannot be fulfilled; it is kept with the reason, for `doctor`, and not tried again until it changes. */
  markRefused(item: OutgoingItem, reason: string): Promise<void>;

  noteInstallation(facts: InstallationFacts, repositories: readonly RepositoryFacts[]): Promise<void>;
  noteRepository(facts: RepositoryFacts): Promise<void>;
  /**
   * GitHub says that this is over; `tidy` removes what was kept. False where it was asked with another name than of now.
   */
  noteAccessLost(repository: RepositoryRef, loss: string): Promise<boolean>;
  /** A maintainer lets one commit of a fork's pull request be checked. */
  release(key: PullRequestKey, headSha: string): Promise<void>;
  listInstallations(): Promise<readonly InstallationFacts[]>;
  listRepositories(installationId: InstallationId): Promise<readonly RepositoryFacts[]>;
  readRepository(repositoryId: RepositoryId): Promise<RepositoryFacts | undefined>;
  /**
   * Compares with what GitHub lists as open: others are noted as closed. Gives those without a current verdict for
   * their head and base branch (one whose moment has come is none), and without work under way or waiting.
   */
  withoutVerdict(repositoryId: RepositoryId, open: readonly PullRequest[]): Promise<readonly PullRequest[]>;
  /** Ends checks that were left in progress on heads of no pull request, and has old ones of others begun anew. */
  tendUnfinished(repositoryId: RepositoryId, plan: UnfinishedPlan): Promise<void>;
  /** Of these, those that no delivery has brought. */
  unknownCommands(repositoryId: RepositoryId, keys: readonly CommandKey[]): Promise<readonly CommandKey[]>;
  readMark(name: string): Promise<string | undefined>;
  writeMark(name: string, value: string): Promise<void>;
  /** Removes what is older than its retention and what belongs to nobody any more; gives the repositories to forget. */
  tidy(retentionDays: number): Promise<readonly RepositoryId[]>;
}

export type WriteGrant =
  | { readonly kind: "granted" }
  /** Something newer, or nothing, is wanted in its place; no write was taken. */
  | { readonly kind: "overtaken" }
  /** `until` is in milliseconds since the epoch; `contents` are counted apart, and other writes need not wait. */
  | { readonly kind: "wait"; readonly until: number; readonly limit: "writes" | "contents" };

export interface UnfinishedPlan {
  /** ISO 8601: what is wanted since later may still find its pull request. */
  readonly abandonedBefore: string;
  /** How those end that have none. */
  readonly abandoned: readonly WrittenCheck[];
  /** ISO 8601: runs in progress that were begun earlier are begun anew. */
  readonly begunBefore: string;
}

export interface StartedGroup {
  readonly repository: RepositoryFacts;
  readonly generation: number;
  readonly group: MergeGroup;
  readonly permissions: Readonly<Record<string, string>>;
}

export interface StandingJudgement {
  readonly verdict: Verdict;
  /** The JSON report; undefined where none was made, or its retention is over. */
  readonly json: string | undefined;
}

export interface StoredCommand extends CommandKey {
  readonly repository: RepositoryFacts;
  readonly number: number;
  readonly actor: Actor;
  readonly text: string;
  /** The head that had been judged when the comment was posted; undefined when none had (T14). */
  readonly headSha: string | undefined;
  /** When it was posted, by GitHub's clock, in milliseconds since the epoch; where that is not told, when it came. */
  readonly givenAt: number;
  readonly isDone: boolean;
}

export interface OutgoingItem {
  readonly id: string;
  readonly repository: RepositoryFacts;
  readonly permissions: Readonly<Record<string, string>>;
  readonly outgoing: Outgoing;
  /** What stands on GitHub as far as is known; undefined before the first write. */
  readonly published: Published | undefined;
  /** A request to create it was begun and nobody knows whether it arrived. */
  readonly isUncertain: boolean;
  /** The wish stands on GitHub but for a rest, see `markPublished`. */
  readonly isPartial: boolean;
  /** ISO 8601: when this wish came up, sent as `started_at` of a check. */
  readonly wantedAt: string;
}

/** Durable work. Tasks of one key coalesce: while one waits, another of the same key adds nothing. */
export interface TaskQueue {
  add(tasks: readonly Task[]): Promise<void>;
  /** Runs tasks as they come until stopped. A rejected one is tried again with back-off, then given to `onGivenUp`. */
  work(
    run: (task: Task, attempt: number) => Promise<void>,
    onGivenUp: (task: Task, cause: unknown) => Promise<void>,
  ): Promise<void>;
  /** Takes no new tasks and waits for those that run. */
  stop(): Promise<void>;
}
