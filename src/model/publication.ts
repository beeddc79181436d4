import type { CommandSource } from "./command.ts";
import type { Level } from "./finding.ts";
import type { WrittenCheck } from "./verdict.ts";

/** A review comment that should stand on the pull request while its finding stands. */
export interface ReviewThread {
  /** Names the finding across pushes: rule, resource, field and file, never the line. */
  readonly key: string;
  readonly path: string;
  /** A line of the head inside one of the pull request's hunks; undefined for a comment on the file as a whole. */
  readonly line: number | undefined;
  readonly level: Level;
  /** GitHub Markdown in which nothing from the repository is active. */
  readonly body: string;
}

/** The review comments that should stand after one judgement, the most important first. */
export interface DesiredReview {
  /** Those to be sent as comments; new ones of them go in one review. */
  readonly threads: readonly ReviewThread[];
  /** How many more there would be: told in the review's own text. */
  readonly overflow: number;
  /** Keys of everything that stands, with a comment or without: a thread on one of these is not over. */
  readonly standing: readonly string[];
}

/** A label with what it gets if the repository does not have it yet. */
export interface LabelDefinition {
  readonly name: string;
  /** Six hexadecimal digits. */
  readonly color: string;
  readonly description: string;
}

/** Everything that one judgement wants to stand on a pull request beside its checks. A value that can be printed. */
export interface Publication {
  /** The sticky comment and its linked continuations, in order; empty when no comment is wanted. */
  readonly comments: readonly string[];
  readonly review: DesiredReview;
  readonly labels: readonly LabelDefinition[];
  /**
   * Of the labels that stand, those among `labels`, and those of names that only Drydock gives: whoever else strips or
   * sets one has it put back or taken off (T54).
   */
  readonly standingLabels: readonly string[];
}

/** Labels that should stand. */
export interface WantedLabels {
  readonly labels: readonly LabelDefinition[];
  /** See `Publication.standingLabels`. Undefined where nobody knows: then only what Drydock wrote itself counts. */
  readonly standing?: readonly string[] | undefined;
}

/** The lines of the head that a review comment can stand on, by path: inclusive ranges of the pull request's hunks. */
export type CommentableLines = ReadonlyMap<string, readonly (readonly [first: number, last: number])[]>;

/**
 * One thing that should stand on GitHub. It is stored as wanted, compared with what was published last, and written
 * when the two differ and the installation has a write left; a newer wish takes the place of one not written yet.
 */
export type Outgoing =
  | { readonly kind: "check"; readonly headSha: string; readonly check: WrittenCheck }
  /** `index` 0 is the sticky comment. An empty body removes a continuation that is no longer needed. */
  | { readonly kind: "comment"; readonly number: number; readonly index: number; readonly body: string }
  | {
      readonly kind: "review";
      readonly number: number;
      readonly headSha: string;
      readonly review: DesiredReview;
    }
  | ({
      readonly kind: "labels";
      readonly number: number;
      /** Those of a merged pull request stand beside what the last verdict on it wanted. */
      readonly of?: "merge" | undefined;
    } & WantedLabels)
  /** Somebody wants it merged, and a judgement let it: this very head, as long as nothing was heard of it since. */
  | {
      readonly kind: "merge";
      readonly number: number;
      readonly headSha: string;
      readonly baseRef: string;
      readonly method: "merge" | "squash" | "rebase";
      /** The tip of the base branch that was judged. */
      readonly baseSha: string;
      readonly generation: number;
      /** The moment of the facts that it was judged by, in milliseconds since the epoch. */
      readonly judgedAt: number;
    }
  /** A comment on the conversation where no other source is said. */
  | {
      readonly kind: "reaction";
      readonly source?: CommandSource | undefined;
      readonly commentId: number;
      readonly content: "+1" | "-1" | "eyes" | "confused";
    }
  /** An answer to a command; refusals of one person on one pull request share one, edited in place. */
  | { readonly kind: "answer"; readonly number: number; readonly to: string; readonly body: string };

/** What is known of a thing that was published: enough to change it, and to see what differs. */
export interface Published {
  /** GitHub's id of the newest check run, or of the comment. */
  readonly remoteId?: number | undefined;
  /** The check run that stands: a completed one cannot go back, so another is begun. */
  readonly run?: PublishedRun | undefined;
  /** Review comments by the key of their finding, and labels, that Drydock put there and that still stand. */
  readonly threads?: readonly PublishedThread[] | undefined;
  /** Review comments whose conversations were ended and that GitHub still has, newest last. */
  readonly ended?: readonly number[] | undefined;
  readonly labels?: readonly string[] | undefined;
  /** Labels are being changed: each of them may stand or not. */
  readonly isChanging?: true | undefined;
}

export interface PublishedRun {
  /** How many runs were created under this name on this commit. */
  readonly count: number;
  readonly isCompleted: boolean;
  /** Annotations that were sent, and a digest of the whole list they are from: GitHub only ever adds to a run's. */
  readonly annotations: number;
  readonly annotationsDigest: string;
  /** ISO 8601: GitHub gives a run up that is in progress for 14 days. */
  readonly begunAt?: string | undefined;
}

export interface PublishedThread {
  readonly key: string;
  /** Undefined when GitHub has no place for it. */
  readonly commentId: number | undefined;
  /** Its end is under way: it stands no more, whatever is wanted by now. */
  readonly isEnding?: true | undefined;
}
