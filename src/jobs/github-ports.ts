import type {
  Actor,
  CommandKey,
  CommandSource,
  CheckAnnotation,
  FileReading,
  InstallationId,
  LabelDefinition,
  OrganizationGap,
  PullCommit,
  PullFile,
  PullRequest,
  RepositoryRef,
  ReviewThread,
  Role,
  SubmittedReview,
  WrittenCheck,
} from "../model/index.ts";
import type { MergingRepository } from "./merge-ports.ts";

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
  readonly source: Exclude<CommandSource, "review">;
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

export interface GitHubRepository extends MergingRepository {
  readFacts(): Promise<RepositoryFacts>;
  /** Undefined when there is none of this number. */
  readPullRequest(number: number): Promise<PullRequest | undefined>;
  listOpenPullRequests(base?: string): Promise<readonly PullRequest[]>;
  /** Of the hundred that were closed or spoken of last, those that were merged into a branch. */
  listMergedPullRequests(base: string): Promise<readonly PullRequest[]>;
  /** The head of a branch; undefined when it is gone. */
  readBranch(branch: string): Promise<string | undefined>;
  readRole(actor: Actor): Promise<Role>;
  /** Whether somebody is in a team of the owning organization; undefined when GitHub does not tell. */
  isTeamMember(slug: string, actor: Actor): Promise<boolean | undefined>;
  /** All reviews, the oldest first. */
  listReviews(number: number): Promise<readonly SubmittedReview[]>;
  /** The first commits of a pull request, the oldest first: GitHub lists 250 at most, and does not say that there are more. */
  listCommits(number: number): Promise<readonly PullCommit[]>;
  /** The first files that a pull request changes: GitHub lists 3,000 at most, and does not say that there are more. */
  listFiles(number: number): Promise<readonly PullFile[]>;
  /** A commit with its parents; undefined when there is none. */
  readCommit(sha: string): Promise<PullCommit | undefined>;
  /** A file of a commit; undefined when there is none of that path. */
  readFile(path: string, commit: string): Promise<FileReading | undefined>;
  /** Whether merging into the branch needs every conversation resolved. */
  requiresResolvedConversations(branch: string): Promise<boolean>;
  readComment(commentId: number): Promise<PostedComment | undefined>;
  /** Whether a comment on a line still stands. */
  hasReviewComment(commentId: number): Promise<boolean>;
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
  /** Does nothing where GitHub takes no reaction, or the comment is gone. */
  react(key: CommandKey, content: "+1" | "-1" | "eyes" | "confused"): Promise<void>;
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
