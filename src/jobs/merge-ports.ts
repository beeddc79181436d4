import type { Actor, LabelDefinition, Outgoing, PullRequestKey } from "../model/index.ts";
import type { CombineVerdicts, OutgoingItem } from "./ports.ts";

/** What Drydock remembers of merges: a part of `Records`. */
export interface MergeRecords {
  /** What a merged pull request was found to have changed; undefined before that. */
  readMerge(key: PullRequestKey): Promise<KeptMerge | undefined>;
  /** Keeps it, in the audit trail too; what is known already changes nothing. */
  keepMerge(key: PullRequestKey, merge: KeptMerge): Promise<void>;
  /** Has a closed pull request have these labels of its merge, and no others. */
  wantMergedLabels(key: PullRequestKey, labels: MergedLabels): Promise<void>;
  /** For the audit trail: nobody knows what a merge changed, so it has no label. */
  noteUnknownMerge(key: PullRequestKey, reason: string): Promise<void>;

  /**
   * Keeps that somebody wants it merged, bound to what the last judgement of this head and base branch said changes. A
   * newer wish takes an older one's place; one source says it once. False when there is no such judgement.
   */
  keepMergeWish(key: PullRequestKey, wish: NewMergeWish): Promise<boolean>;
  readMergeWish(key: PullRequestKey): Promise<MergeWish | undefined>;
  /** Ends the wish, on record; that it was merged is on record in any case. False when there was none. */
  endMergeWish(key: PullRequestKey, end: MergeEnd): Promise<boolean>;
  /** Has it merged, if its generation is the newest still and every verdict on its head lets it. */
  wantMerge(key: PullRequestKey, merge: MergeOutgoing, combine: CombineVerdicts): Promise<void>;
  /** Before the request: false when anything was heard of it since it was judged, or a moment has come. */
  beginMerge(key: PullRequestKey, item: OutgoingItem, merge: MergeOutgoing, now: number): Promise<boolean>;
  /** Has it judged again at a moment, for the sake of the wish. */
  deferMerge(key: PullRequestKey, at: number): Promise<void>;
}

export type MergeOutgoing = Extract<Outgoing, { readonly kind: "merge" }>;

export interface MergeWish {
  readonly actor: Actor;
  /** Milliseconds since the epoch. */
  readonly givenAt: number;
  readonly headSha: string;
  readonly baseRef: string;
  /** What it changed then, see `digestReport`. */
  readonly reportDigest: string;
}

export interface NewMergeWish extends Omit<MergeWish, "reportDigest"> {
  /** The comment or review that says it. */
  readonly source: string;
}

/** How a wish ended. All but `tell` and `source` goes to the audit trail. */
export interface MergeEnd {
  readonly what: "merged" | "merge-refused" | "merge-withdrawn" | "merge-cancelled";
  readonly reason?: string | undefined;
  readonly headSha?: string | undefined;
  readonly by?: Actor | undefined;
  /** The comment that ends it. */
  readonly source?: string | undefined;
  /** Markdown for whoever asked; undefined where the pull request itself tells it. */
  readonly tell?: string | undefined;
}

/** What GitHub says about merging a pull request. `waiting`: something that it asks for is not there. */
export interface Mergeability {
  readonly isOpen: boolean;
  readonly isMerged: boolean;
  readonly headSha: string;
  readonly baseRef: string;
  readonly is: "ready" | "computing" | "waiting";
}

/** What GitHub does for merging: a part of `GitHubRepository`. */
export interface MergingRepository {
  /** Whether what is merged into the branch goes through a queue. */
  hasMergeQueue(branch: string): Promise<boolean>;
  /** Undefined when there is none of this number. */
  readMergeability(number: number): Promise<Mergeability | undefined>;
  /** Merges this very head. What GitHub says when it refuses (405, 409, 422), undefined when it has merged. */
  mergePullRequest(number: number, headSha: string, method: MergeMethod): Promise<string | undefined>;
}

export type MergeMethod = "merge" | "squash" | "rebase";

export interface KeptMerge {
  /** The commit on the base branch. */
  readonly mergeSha: string;
  readonly headSha: string;
  readonly environments: readonly string[];
}

export interface MergedLabels {
  readonly labels: readonly LabelDefinition[];
  /** Those of its names that stand on it, whoever set them. */
  readonly standing: readonly string[];
}
