import type { LabelsConfig, RepositoryConfig, RuleSet } from "../config/index.ts";
import type {
  AskedException,
  CommentableLines,
  OrganizationGap,
  PullRequestFacts,
  Report,
  RepositoryId,
} from "../model/index.ts";
import type { RepositoryFacts } from "./ports.ts";
import type { TrackedCommits, TrackedStanding } from "./standing-ports.ts";

export interface CheckOfPullRequest {
  readonly repository: RepositoryFacts;
  /** Undefined for a merge group. What was fetched for a pull request is kept under its number. */
  readonly number?: number | undefined;
  readonly baseRef: string;
  readonly baseSha: string;
  readonly headRef: string;
  readonly headSha: string;
  /** The tip of the default branch, whose config says the rules of environments; undefined when that is gone. */
  readonly rulesSha: string | undefined;
  /** False in a merge queue, whose head is the merge already. */
  readonly isMerge: boolean;
  /** Undefined where there are none to ask for. */
  readonly organization?: RequestedRules | undefined;
  /** What fetched commits are kept under, in place of a number; letters, digits and `-`. */
  readonly pin?: string | undefined;
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

/** The rules of environments, by the config of the default branch with the organization's over it. */
export interface JudgedRules {
  readonly set: RuleSet;
  readonly mode: RepositoryConfig["mode"];
  /** Names of the labels that agents act on. */
  readonly labels: Pick<LabelsConfig, "merged" | "previews">;
  /** Why nobody knows what the rules are, in a clause; undefined when they are known. */
  readonly problem: string | undefined;
}

export interface CheckedPullRequest {
  readonly report: Report;
  /** The config of the base that the report went by. */
  readonly config: RepositoryConfig;
  readonly rules: JudgedRules;
  /** Those that count once the change is on the default branch; undefined where it leaves them as they are. */
  readonly broughtRules?: RuleSet | undefined;
  /** What made the digests of the report; those that another build made cannot be compared. */
  readonly build: string;
  readonly commentable: CommentableLines;
  /** Exceptions that the change adds and that took, or would take, a finding; approved ones among them. */
  readonly asked: readonly AskedException[];
  readonly work: {
    readonly rendered: number;
    readonly reused: number;
    readonly seconds: Readonly<Record<string, number>>;
  };
}

export interface ConfigOfRepository {
  readonly repository: RepositoryFacts;
  readonly commit: string;
  readonly organization?: RequestedRules | undefined;
}

export interface ReadConfig {
  readonly config: RepositoryConfig;
  /** Why nobody knows what the rules are, in a clause; undefined when they are known. */
  readonly problem: string | undefined;
}

/** Two states of one pull request: what would have landed then, and what would land now. */
export interface ComparedHeads extends Pick<
  CheckOfPullRequest,
  "repository" | "number" | "baseRef" | "baseSha" | "headRef" | "headSha" | "organization"
> {
  readonly earlier: Pick<CheckOfPullRequest, "baseRef" | "baseSha" | "headSha">;
}

export interface LandingQuestion {
  readonly repository: RepositoryFacts;
  /** The head of a pull request. */
  readonly headSha: string;
  /** The commit that its merge made on the base branch. */
  readonly landed: string;
  /** Commits that the base branch may have been at, the likeliest first; the parent of what landed is among them anyway. */
  readonly bases: readonly string[];
}

/** How a head got onto its base. Told by content, so that it does not matter which way of merging was taken. */
export interface Landing {
  /** The commit whose merge with the head is exactly what landed; undefined where none is: something else landed. */
  readonly base: string | undefined;
  /** The first parent of what landed; undefined for a commit without any. */
  readonly parent: string | undefined;
}

/** Mirrors and engines behind one call; `src/mirror` and the wiring implement it. */
export interface Checker {
  /** Rejects with a retryable Fault when GitHub's git cannot be reached or does not have the commits yet. */
  check(request: CheckOfPullRequest): Promise<CheckedPullRequest>;
  /** The config of one commit under the rules of its organization. Rejects as `check` does. */
  readConfig(request: ConfigOfRepository): Promise<ReadConfig>;
  /**
   * Of these merge commits of two parents, those that git makes by itself: whoever made them added nothing. Rejects as
   * `check` does.
   */
  findPlainMerges(
    place: Pick<CheckOfPullRequest, "repository" | "number" | "baseSha" | "headSha">,
    merges: readonly string[],
  ): Promise<readonly string[]>;
  /**
   * What is rendered otherwise than it would have been earlier; undefined where one of the two does not merge. Rejects as
   * `check` does.
   */
  compareHeads(request: ComparedHeads): Promise<Report | undefined>;
  /** Which of these commits a head was merged into, see `Landing`. Rejects as `check` does. */
  findLanding(question: LandingQuestion): Promise<Landing>;
  /** What of two trees is promoted from one environment to the next. Rejects as `check` does. */
  readTracked(request: TrackedCommits): Promise<TrackedStanding>;
  /** Removes the mirrors and caches of repositories that are gone. */
  forget(repositoryIds: readonly RepositoryId[]): Promise<void>;
}
