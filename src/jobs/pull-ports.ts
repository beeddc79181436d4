import type { LabelSetter, Opening, PullRequest, PullRequestKey, RecordedPush } from "../model/index.ts";

/** What Drydock remembers of who did what to a pull request, by GitHub's word: a part of `Records`. */
export interface PullRecords {
  /** Every push to its branch that is known, the oldest first. */
  listPushes(
    pullRequest: Pick<PullRequest, "repositoryId" | "number" | "headRef" | "isFork">,
  ): Promise<readonly RecordedPush[]>;
  /** Labels of which it is known who set them last. */
  listLabelers(key: PullRequestKey): Promise<readonly LabelSetter[]>;
  /**
   * Keeps, once and for good, that Drydock opened a pull request, as what, and who asked for it. For whatever opens one to
   * call before anything is judged: no part of Drydock opens any yet, so that nothing is a promotion so far.
   */
  keepOpening(key: PullRequestKey, opening: Opening): Promise<void>;
  /** Undefined for one that Drydock did not open. */
  readOpening(key: PullRequestKey): Promise<Opening | undefined>;
}
