import type { Actor, InstallationId, Outgoing, PullRequestKey, RepositoryId, Verdict } from "../model/index.ts";

/** What Drydock remembers of what came into environments, and how: a part of `Records`. */
export interface BypassRecords {
  /** Pushes to a branch of which nobody has found out how they came in, the oldest first. */
  listUnweighed(repositoryId: RepositoryId, branch: string): Promise<readonly SeenPush[]>;
  /** Where each branch that holds an environment was seen last; undefined before the first push to it. */
  listTips(
    repositoryId: RepositoryId,
  ): Promise<readonly { readonly branch: string; readonly commit: string | undefined }[]>;
  /**
   * Notes which branches hold environments under rules, as they were read for this push; pushes to others are not kept.
   * Nothing is noted where the default branch was pushed to since, and a push that was not weighed is never forgotten.
   */
  setGuarded(push: Pick<SeenPush, "repositoryId" | "id">, branches: readonly string[]): Promise<void>;
  /** Ends the search for how a push came in. What is said of it goes to the audit trail, once. */
  weighPush(push: SeenPush, found: FoundBypass | undefined): Promise<void>;
  /** What stood when a pull request was closed. `commit` is the one that its merge made: a queue judges that. */
  readClosed(key: PullRequestKey, commit: string): Promise<ClosedJudgement>;
  /** As `weighPush`. A push that was told and turns out to be this merge is weighed again. */
  keepWeighed(
    key: PullRequestKey,
    merge: { readonly commit: string; readonly found: FoundBypass | undefined },
  ): Promise<void>;
  /** Has merges looked at, those that were not yet. */
  askForMerges(repositoryId: RepositoryId, numbers: readonly number[]): Promise<void>;
}

/** A push to a branch, as an event or the sweep saw it. */
export interface SeenPush {
  readonly id: number;
  readonly repositoryId: RepositoryId;
  readonly branch: string;
  readonly before: string;
  readonly after: string;
  /** Undefined where nobody was told who pushed. */
  readonly actor: Actor | undefined;
  /** It was told as one without a pull request before. */
  readonly isReported: boolean;
  /** While GitHub may not show the merge yet that this is: until when, in milliseconds since the epoch. */
  readonly settlesAt: number | undefined;
  /** Where the default branch was when it came; undefined where no push to that is known. */
  readonly rulesSha: string | undefined;
}

/** Something that came in otherwise. */
export interface FoundBypass {
  readonly installationId: InstallationId;
  /** For the audit trail: plain JSON, no content of the repository beyond names. */
  readonly detail: Readonly<Record<string, unknown>>;
  /** What people see of it; nothing where that is switched off. */
  readonly outgoing: readonly Outgoing[];
}

export interface ClosedJudgement {
  /** The last verdict; undefined where there was none. */
  readonly verdict: Verdict | undefined;
  /** Since when it has stood, in milliseconds since the epoch. */
  readonly since: number | undefined;
  /** Why another one was being asked for. */
  readonly reasons: readonly string[];
  /** The verdict of the merge group that became `commit`. */
  readonly group: Verdict | undefined;
  readonly permissions: Readonly<Record<string, string>>;
}
