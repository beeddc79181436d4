import type { RepositoryId, StandingPlace, StandingValue, TrackedApp, TrackedFile } from "../model/index.ts";
import type { CheckOfPullRequest, JudgedRules } from "./check-ports.ts";

/** What is asked of two trees. */
export interface TrackedQuestion {
  /** Fields that are tracked beside images and charts, by their labels. */
  readonly fields: readonly string[];
  /** Apps that nobody asks for are not opened. */
  readonly isWanted: (app: Omit<TrackedApp, "values">) => boolean;
  /** Whether every file of the base is wanted too. */
  readonly isWhole: boolean;
}

export interface TrackedCommits extends Pick<
  CheckOfPullRequest,
  "repository" | "number" | "baseRef" | "baseSha" | "headRef" | "headSha" | "isMerge" | "rulesSha" | "organization"
> {
  /** What fetched commits are kept under, in place of the pull request's number; letters, digits and `-`. */
  readonly pin?: string | undefined;
  /** What is asked, by the rules; undefined for nothing. */
  readonly ask: (rules: JudgedRules) => TrackedQuestion | undefined;
}

export type TrackedStanding =
  | { readonly kind: "conflict" }
  | {
      readonly kind: "trees";
      /** Apps of each side that were asked for, sorted by id; none of a head that is the base. */
      readonly base: readonly TrackedApp[];
      readonly head: readonly TrackedApp[];
      /** Every path that differs, with what it is on the head. */
      readonly changed: readonly TrackedFile[];
      /** Every file of the base, where that was asked for. */
      readonly files: readonly TrackedFile[];
    };

/** What was last seen in a place. */
export interface KnownStanding {
  /** Names the commit and what was asked of it. */
  readonly state: string;
  readonly values: readonly StandingValue[];
  /** Since when nothing there has changed, so that what is not there has been away at least as long. */
  readonly changedAt: number;
}

/** What is remembered of environments that others are promoted from; part of `Records`. */
export interface StandingRecords {
  /** What was last seen in a place, and of which state; undefined before the first look. */
  readSeen(place: StandingPlace): Promise<KnownStanding | undefined>;
  /** All that stands in a place now: what stood there keeps its moment, what is new begins, what is gone is forgotten. */
  noteSeen(
    place: StandingPlace,
    state: string,
    values: readonly Omit<StandingValue, "since">[],
    now: number,
  ): Promise<void>;
  /** Forgets what stands in all other environments of a repository: nobody is promoted from them. */
  keepSeen(repositoryId: RepositoryId, environments: readonly string[]): Promise<void>;
  /** Whether something was ever seen standing on a branch. */
  isWatched(repositoryId: RepositoryId, branch: string): Promise<boolean>;
  /** What the first one said counts for all. */
  settleMark(name: string, value: string): Promise<string>;
}
