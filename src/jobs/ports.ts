import type { RepositoryConfig } from "../config/index.ts";
import type {
  Actor,
  AskedException,
  CommentableLines,
  Delivery,
  DesiredCheck,
  ExceptionApproval,
  ExceptionUse,
  CheckAnnotation,
  HeadVerdict,
  InstallationId,
  LabelDefinition,
  MergeGroup,
  OrganizationGap,
  Outgoing,
  Published,
  PullRequest,
  PullRequestFacts,
  PullRequestKey,
  Publication,
  Report,
  RepositoryId,
  RepositoryRef,
  ReviewThread,
  Role,
  SubmittedReview,
  Task,
  Verdict,
  WrittenCheck,
} from "../model/index.ts";

/** A repository as GitHub has it now; the id stands when owner and name change. */
export interface RepositoryFacts extends RepositoryRef {
  readonly defaultBranch: string;
  readonly isPrivate: boolean;
  readonly isArchived: boolean;
}

/** A repository of an installation's account that was asked for by name. */
export type FoundRepository =
  | { readonly kind: "found"; readonly repository: RepositoryFacts }
  | { readonly kind: "absent" }
  | Extract<OrganizationGap, { readonly kind: "not-installed" }>;

export interface InstallationFacts {
  readonly installationId: InstallationId;
  readonly account: string;
  readonly isSuspended: boolean;
  /** Permission → `read` or `write`, as GitHub names them. */
  readonly permissions: Readonly<Record<string, string>>;
  /** Events the App is subscribed to. */
  readonly events: readonly string[];
  /** ISO 8601. */
  readonly createdAt: string;
}

/** Something of the App's own that stands on GitHub already, found when it is not known whether a write arrived. */
export interface OwnThing {
  readonly id: number;
  /** Check runs: the external id that was sent. Comments: the body. */
  readonly text: string;
}

export interface PostedComment {
  readonly id: number;
  readonly number: number;
  readonly author: Actor | undefined;
  readonly body: string;
  /** ISO 8601; `createdAt` equals `updatedAt` for one that was never edited. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly isByApp: boolean;
  /** False on a plain issue. */
  readonly isOnPullRequest: boolean;
}

export interface FailedDelivery {
  /** Id of the attempt, for a new one, in decimal: beyond 2^53. `guid` is the delivery's own id. */
  readonly attempt: string;
  readonly guid: string;
  readonly event: string;
  /** ISO 8601. */
  readonly deliveredAt: string;
}

export type ThreadEnd = "resolved" | "removed" | "left" | "gone";

/** One exchange with GitHub, for metrics. `status` 0 means that no answer came. */
export interface CallNote {
  readonly method: string;
  /** The template, never the address with its names. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
  readonly remaining: number | undefined;
  readonly limit: number | undefined;
  /** `core`, `graphql`, …: limits are counted apart. */
  readonly resource: string | undefined;
}

/**
 * GitHub as the App itself sees it; `src/github` implements it. Every method rejects with a LimitedFault when GitHub
 * asks to wait, with an AccessLostFault when the App may not (any more), with a RefusedFault for a 422 and with a
 * retryable Fault when GitHub or the network is down. No message holds a token.
 */
export interface GitHub {
  readonly appId: number;
  repository(ref: RepositoryRef): GitHubRepository;
  listInstallations(): Promise<readonly InstallationFacts[]>;
  /** Rejects with an AccessLostFault (`uninstalled`) when there is none of this id. */
  readInstallation(installationId: InstallationId): Promise<InstallationFacts>;
  listRepositories(installationId: InstallationId): Promise<readonly RepositoryFacts[]>;
  findRepository(ref: Pick<RepositoryRef, "installationId" | "owner" | "name">): Promise<FoundRepository>;
  /** Webhook deliveries whose newest attempt failed, as far back as GitHub keeps them, since a moment (ISO 8601). */
  listFailedDeliveries(since: string): Promise<readonly FailedDelivery[]>;
  redeliver(attempt: string): Promise<void>;
  /** A token that reads one repository's contents and nothing else, for git. Renewed well before it ends. */
  fetchToken(ref: RepositoryRef): Promise<string>;
}

export interface GitHubRepository {
  readFacts(): Promise<RepositoryFacts>;
  /** Undefined when there is none of this number. */
  readPullRequest(number: number): Promise<PullRequest | undefined>;
  listOpenPullRequests(base?: string): Promise<readonly PullRequest[]>;
  /** The head of a branch; undefined when it is gone. */
  readBranch(branch: string): Promise<string | undefined>;
  readRole(actor: Actor): Promise<Role>;
  /** Whether somebody is in a team of the owning organization; undefined when GitHub does not tell. */
  isTeamMember(slug: string, actor: Actor): Promise<boolean | undefined>;
  /** All reviews, the oldest first. */
  listReviews(number: number): Promise<readonly SubmittedReview[]>;
  /** Whether merging into the branch needs every conversation resolved. */
  requiresResolvedConversations(branch: string): Promise<boolean>;
  readComment(commentId: number): Promise<PostedComment | undefined>;
  /** Comments on pull requests and issues, changed since a moment (ISO 8601). */
  listCommentsSince(since: string): Promise<readonly PostedComment[]>;

  /** Check runs of this App alone, on one commit. */
  findOwnCheckRuns(headSha: string): Promise<readonly OwnThing[]>;
  /** Whether somebody asked for the App's runs on a commit again and nothing was written since. */
  isRerunAsked(headSha: string): Promise<boolean>;
  /** Comments of this App alone, told by App id and never by text (T46). */
  findOwnComments(number: number): Promise<readonly OwnThing[]>;
  findOwnReviewComments(number: number): Promise<readonly OwnThing[]>;

  createCheckRun(headSha: string, check: CheckWrite): Promise<number>;
  updateCheckRun(checkRunId: number, check: CheckWrite): Promise<void>;
  createComment(number: number, body: string): Promise<number>;
  /** False when the comment is gone. */
  updateComment(commentId: number, body: string): Promise<boolean>;
  deleteComment(commentId: number): Promise<void>;
  /**
   * One review of type comment; gives the ids of its comments in the order of `threads`, 0 for one that GitHub would
   * not place. `beforeWrite` comes before each of the requests that this takes. Rejects with a RefusedFault when GitHub
   * took nothing at all.
   */
  createReview(
    number: number,
    headSha: string,
    review: NewReview,
    beforeWrite: () => Promise<void>,
  ): Promise<readonly number[]>;
  /**
   * Ends the conversation that one of the App's own review comments began. GitHub lets only Apps that may write contents
   * resolve one; without that the comment is `removed` if nobody answered, and else `left` to those who talk there.
   */
  resolveThread(number: number, commentId: number): Promise<ThreadEnd>;
  react(commentId: number, content: "+1" | "-1" | "eyes" | "confused"): Promise<void>;
  /** Does nothing when the label exists, whatever its colour. */
  ensureLabel(label: LabelDefinition): Promise<void>;
  addLabels(number: number, names: readonly string[]): Promise<void>;
  /** Does nothing when the pull request does not have it. */
  removeLabel(number: number, name: string): Promise<void>;
}

export interface NewReview {
  readonly body: string;
  readonly threads: readonly ReviewThread[];
}

/** One request about a check run: GitHub appends annotations, 50 a request. */
export interface CheckWrite {
  readonly check: Omit<WrittenCheck, "annotations" | "page">;
  readonly annotations: readonly CheckAnnotation[];
  /** Whole address of the page, or undefined for none. */
  readonly detailsUrl: string | undefined;
  /** Finds the run again when it is not known whether a request arrived. */
  readonly externalId: string;
  /** ISO 8601; sent again with every update. */
  readonly startedAt: string;
}

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
  /** Undefined leaves comment, review and labels as they are (quiet pull requests, merge groups). */
  readonly publication: Publication | undefined;
  readonly report: StoredReport | undefined;
  /** Exceptions that the change adds and needs, and all that took a finding; undefined leaves what was known. */
  readonly exceptions?:
    { readonly asked: readonly AskedException[]; readonly uses: readonly ExceptionUse[] } | undefined;
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
export interface Records {
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

  /** The exceptions that the last judgement needed, with the commit that it was about. */
  readAsked(key: PullRequestKey): Promise<{ readonly headSha: string; readonly asked: readonly AskedException[] }>;
  listApprovals(key: PullRequestKey): Promise<readonly ExceptionApproval[]>;
  /** Known ones do nothing; new ones go to the audit trail. */
  keepApprovals(key: PullRequestKey, approvals: readonly ExceptionApproval[]): Promise<void>;
  /** Open pull requests onto a branch of which an exception was approved. */
  listApproved(repositoryId: RepositoryId, baseRef: string): Promise<readonly PullRequestKey[]>;

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
  /** Open pull requests, judged or not. */
  listOpen(repositoryId: RepositoryId): Promise<readonly PullRequestKey[]>;
  readCommand(repositoryId: RepositoryId, commentId: number): Promise<StoredCommand | undefined>;
  finishCommand(repositoryId: RepositoryId, commentId: number, answers: readonly Outgoing[]): Promise<void>;

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
  /** Of these comment ids, those that no delivery has brought. */
  unknownComments(repositoryId: RepositoryId, ids: readonly number[]): Promise<readonly number[]>;
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

export interface StoredCommand {
  readonly repository: RepositoryFacts;
  readonly number: number;
  readonly commentId: number;
  readonly actor: Actor;
  readonly text: string;
  /** The head that had been judged when the comment was posted; undefined when none had (T14). */
  readonly headSha: string | undefined;
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

export interface CheckOfPullRequest {
  readonly repository: RepositoryFacts;
  /** Undefined for a merge group. What was fetched for a pull request is kept under its number. */
  readonly number?: number | undefined;
  readonly baseRef: string;
  readonly baseSha: string;
  readonly headRef: string;
  readonly headSha: string;
  /** False in a merge queue, whose head is the merge already. */
  readonly isMerge: boolean;
  /** Undefined where there are none to ask for. */
  readonly organization?: RequestedRules | undefined;
  /** What policies may look at; undefined for a merge group. */
  readonly pullRequest?: PullRequestFacts | undefined;
  /** Exceptions that the change adds and that count; none by default. */
  readonly approved?: readonly AskedException[] | undefined;
}

/** The tip of the default branch of the repository that holds an organization's rules. */
export interface OrganizationTip {
  readonly kind: "tip";
  readonly repository: RepositoryFacts;
  readonly commit: string;
}

/** The rules that are to stand over the repository's own. */
export interface RequestedRules {
  /** `acme/.github` */
  readonly name: string;
  /** Without them nothing passes. */
  readonly isRequired: boolean;
  readonly tip: OrganizationTip | OrganizationGap;
}

export interface CheckedPullRequest {
  readonly report: Report;
  /** The config of the base that the report went by. */
  readonly config: RepositoryConfig;
  readonly commentable: CommentableLines;
  /** Exceptions that the change adds and that took, or would take, a finding; approved ones among them. */
  readonly asked: readonly AskedException[];
  readonly work: {
    readonly rendered: number;
    readonly reused: number;
    readonly seconds: Readonly<Record<string, number>>;
  };
}

/** Mirrors and engines behind one call; `src/mirror` and the wiring implement it. */
export interface Checker {
  /** Rejects with a retryable Fault when GitHub's git cannot be reached or does not have the commits yet. */
  check(request: CheckOfPullRequest): Promise<CheckedPullRequest>;
  /** Removes the mirrors and caches of repositories that are gone. */
  forget(repositoryIds: readonly RepositoryId[]): Promise<void>;
}
