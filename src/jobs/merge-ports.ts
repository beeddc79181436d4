import type { LabelDefinition, PullRequestKey } from "../model/index.ts";

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
}

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
