import type {
  Actor,
  GivenOverride,
  InstallationId,
  Outgoing,
  PullRequestKey,
  RepositoryId,
  Stop,
} from "../model/index.ts";

/** What Drydock remembers of holds, locks, freezes and overrides: a part of `Records`. */
export interface StopRecords {
  /**
   * Keeps a stop, and has everything open that it concerns judged at once, merge groups first. A hold or a lock that
   * somebody else's stands in the way of is not kept. What one source said before does nothing.
   */
  setStop(stop: NewStop): Promise<StopSetting>;
  /** Lifts those of these that stand, and has what they concern judged at once. What one source lifted is lifted once. */
  liftStops(lift: StopLift): Promise<readonly KeptStop[]>;
  /** What stands now in a repository: its own, its installation's and the server's. */
  listStops(place: StopsPlace): Promise<readonly KeptStop[]>;
  /** What stands for whole installations, and for everything. */
  listServerStops(): Promise<readonly KeptStop[]>;
  /** Has whoever locked an environment before a moment (milliseconds since the epoch) reminded of it, once a lock. */
  remindOfLocks(repositoryId: RepositoryId, before: number, write: WriteReminder): Promise<void>;
  /** Environments of which an admin has said, since these records began, that they are not locked. */
  listConfirmed(repositoryId: RepositoryId): Promise<readonly string[]>;
  /** An admin says that an environment is not locked; everything open is judged at once. False when that was known. */
  confirmUnlocked(repositoryId: RepositoryId, environment: string, by: Actor): Promise<boolean>;

  /**
   * Keeps an override, bound to what the last judgement of this head and base branch said changes. A known one does
   * nothing, a new one goes to the audit trail. False when there is no such judgement.
   */
  keepOverride(key: PullRequestKey, override: NewOverride): Promise<boolean>;
  /** Open pull requests onto a branch on which something was overridden. */
  listOverridden(repositoryId: RepositoryId, baseRef: string): Promise<readonly number[]>;
  /** The oldest first. */
  listOverrides(key: PullRequestKey): Promise<readonly GivenOverride[]>;
}

/** Where a stop is said. Neither an installation nor a repository: everything that this server judges. */
export interface StopPlace {
  readonly installationId: InstallationId | undefined;
  readonly repositoryId: RepositoryId | undefined;
  /** The pull request of a hold. */
  readonly number: number | undefined;
  /** Undefined for all environments. */
  readonly environment: string | undefined;
}

export interface NewStop extends Omit<Stop, "from" | "environment"> {
  readonly from: "command" | "server";
  readonly place: StopPlace;
  /** The comment or review that says it; undefined for one of the server's. */
  readonly source: string | undefined;
  /** The pull request that it was said on. */
  readonly saidOn: number | undefined;
}

/** A stop with where it is kept. */
export interface KeptStop extends Stop {
  readonly id: number;
  readonly place: StopPlace;
}

export type StopSetting = { readonly kind: "set" } | { readonly kind: "standing"; readonly stop: KeptStop };

export interface StopLift {
  readonly ids: readonly number[];
  readonly by: Actor | undefined;
  /** The comment or review that lifts them; undefined for the server. */
  readonly source: string | undefined;
}

export interface StopsPlace {
  readonly installationId: InstallationId;
  readonly repositoryId: RepositoryId;
  /** Whose holds; undefined for those of every pull request. */
  readonly numbers: readonly number[] | undefined;
}

/** What is said where a lock was set. Pure; run inside the transaction that marks it as said. */
export type WriteReminder = (stop: KeptStop, number: number) => Outgoing;

export interface NewOverride extends Omit<GivenOverride, "content" | "reportDigest"> {
  /** The comment or review that it was given by. */
  readonly source: string;
}

/** What a judgement says for overrides. */
export interface OverrideFacts {
  /** What later overrides are bound to, see `digestReport`. */
  readonly reportDigest: string;
  /** Those without which something would have been kept from passing. */
  readonly used: readonly GivenOverride[];
}

/** What stands for all of an account's repositories. */
export interface AccountStops {
  readonly account: string;
  readonly stops: readonly KeptStop[];
}

/** Stops everything of one account, for those who may. Each answer is undefined for those who may not. */
export interface StopDesk {
  look(owner: string, actor: Actor): Promise<AccountStops | undefined>;
  /** What is wrong with the reason, as a clause; nothing is stopped then. */
  stop(
    owner: string,
    actor: Actor,
    asked: AskedWholeStop,
  ): Promise<{ readonly problem: string | undefined } | undefined>;
  /** Only what stops this account is lifted: not what stops everything. */
  lift(owner: string, actor: Actor, id: number): Promise<object | undefined>;
}

export interface AskedWholeStop {
  readonly reason: string;
  /** Milliseconds from now; undefined for one without an end. */
  readonly duration: number | undefined;
}
