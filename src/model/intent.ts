import type { CommandSource } from "./command.ts";
import type { Actor, InstallationId, MergeGroup, RepositoryId, RepositoryRef } from "./pull-request.ts";

/** Whose turn it is first: merge groups hold a queue up, people wait, bots do not. */
export type Lane = "groups" | "people" | "bots";

/**
 * Why a pull request is judged. `pushed`, `opened` and `asked` show "in progress" and may make a quiet pull request
 * speak; the others are silent unless the verdict differs.
 */
export type JudgeReason =
  "opened" | "pushed" | "retargeted" | "asked" | "edited" | "base-moved" | "rules-moved" | "swept" | "due" | "stopped";

/** What one webhook, or the sweep, means for Drydock. Plain data: stored with the delivery and applied in one step. */
export type Intent =
  | {
      readonly kind: "judge";
      readonly repository: RepositoryRef;
      readonly number: number;
      readonly reason: JudgeReason;
      readonly lane: Lane;
      /** The head that the event spoke of. Only a hint: the job reads the newest one. */
      readonly headSha: string | undefined;
    }
  /** A re-run button on a commit: every open pull request and merge group with this head. */
  | { readonly kind: "judge-head"; readonly repository: RepositoryRef; readonly headSha: string }
  | { readonly kind: "close"; readonly repository: RepositoryRef; readonly number: number; readonly isMerged: boolean }
  | { readonly kind: "judge-group"; readonly repository: RepositoryRef; readonly group: MergeGroup }
  | { readonly kind: "drop-group"; readonly repository: RepositoryRef; readonly headSha: string }
  | {
      readonly kind: "base-moved";
      readonly repository: RepositoryRef;
      readonly branch: string;
      readonly after: string;
      /** Undefined for a branch that is new. */
      readonly before?: string | undefined;
      /** Who pushed; undefined where that is not told. */
      readonly actor?: Actor | undefined;
    }
  /** The repository with the rules of its account was pushed to. */
  | { readonly kind: "rules-moved"; readonly repository: RepositoryRef }
  /** Who pushed, by GitHub's word, to a pull request or to a branch. */
  | {
      readonly kind: "pushed";
      readonly repository: RepositoryRef;
      readonly number?: number | undefined;
      readonly branch?: string | undefined;
      /** Undefined for a branch that was new, or where it is not told. */
      readonly before: string | undefined;
      readonly after: string;
      readonly actor: Actor;
    }
  | {
      readonly kind: "labeled";
      readonly repository: RepositoryRef;
      readonly number: number;
      readonly label: string;
      /** Who set it; undefined when it was taken off. */
      readonly actor: Actor | undefined;
      /** By GitHub's clock, ISO 8601, in whole seconds. */
      readonly changedAt: string;
    }
  /** Somebody came to a team, left it, or may do more or less; undefined for who knows whom. */
  | {
      readonly kind: "people-moved";
      readonly installationId: InstallationId;
      readonly actor: Actor | undefined;
    }
  /** What a review said when it was submitted, or that it is no more: the record that approvals are read from. */
  | {
      readonly kind: "review";
      readonly repository: RepositoryRef;
      readonly number: number;
      readonly reviewId: number;
      readonly actor: Actor;
      readonly state: "approved" | "changes-requested" | "dismissed";
      /** Undefined for later events of it, which may name another commit than it was given on (T19). */
      readonly given: { readonly headSha: string; readonly baseRef: string; readonly baseSha: string } | undefined;
      /** By GitHub's clock, ISO 8601, in whole seconds. */
      readonly submittedAt: string;
    }
  | {
      readonly kind: "command";
      readonly repository: RepositoryRef;
      readonly number: number;
      /** A comment on the conversation where nothing else is said. */
      readonly source?: CommandSource | undefined;
      readonly commentId: number;
      readonly actor: Actor;
      /** The comment as it was posted; an edit never becomes a command (T09). */
      readonly text: string;
      /** By GitHub's clock, ISO 8601, in whole seconds; undefined where it is not told. */
      readonly postedAt?: string | undefined;
    }
  | {
      readonly kind: "installed";
      readonly installationId: InstallationId;
      readonly account: string;
      readonly repositories: readonly RepositoryRef[];
    }
  | { readonly kind: "uninstalled"; readonly installationId: InstallationId }
  | { readonly kind: "suspended"; readonly installationId: InstallationId; readonly isSuspended: boolean }
  | { readonly kind: "permissions-changed"; readonly installationId: InstallationId }
  /** Renamed, transferred, archived or made private or public: read it afresh. */
  | { readonly kind: "repository-changed"; readonly repository: RepositoryRef }
  | {
      readonly kind: "repositories-removed";
      readonly installationId: InstallationId;
      readonly repositoryIds: readonly RepositoryId[];
    };

/** A webhook that was verified, as it is stored before GitHub is answered. */
export interface Delivery {
  /** GitHub's delivery id; the same one again is the same delivery (T49). */
  readonly id: string;
  readonly event: string;
  readonly action: string | undefined;
  readonly installationId: InstallationId | undefined;
  readonly intents: readonly Intent[];
  /** Why the payload means nothing to Drydock although the event should; the sweep finds what was in it. */
  readonly problem?: string | undefined;
}

/** A piece of durable work. It carries a key alone: whoever does it reads what is newest. */
export type Task =
  | { readonly kind: "judge"; readonly repositoryId: RepositoryId; readonly number: number; readonly lane: Lane }
  | { readonly kind: "judge-group"; readonly repositoryId: RepositoryId; readonly headSha: string }
  | { readonly kind: "rejudge-base"; readonly repositoryId: RepositoryId; readonly branch: string }
  /** All repositories of an account, when the rules of its organization have moved. */
  | { readonly kind: "rejudge-account"; readonly installationId: InstallationId }
  /** Finds out how what was pushed to a branch came in. */
  | { readonly kind: "judge-push"; readonly repositoryId: RepositoryId; readonly branch: string }
  /** Finds out whether a merged pull request was let in when it was merged. */
  | { readonly kind: "judge-merge"; readonly repositoryId: RepositoryId; readonly number: number }
  | {
      readonly kind: "command";
      readonly repositoryId: RepositoryId;
      readonly source?: CommandSource | undefined;
      readonly commentId: number;
    }
  /** A pull request that was closed, and maybe merged: what it changed is told by labels. */
  | { readonly kind: "label-merge"; readonly repositoryId: RepositoryId; readonly number: number }
  | { readonly kind: "publish"; readonly installationId: InstallationId }
  /** Looks for failed deliveries of the App, then has each installation swept. */
  | { readonly kind: "sweep-app" }
  | { readonly kind: "sweep"; readonly installationId: InstallationId }
  | { readonly kind: "tidy" };
