import type { ContentDigests } from "./environment.ts";
import type { Actor } from "./pull-request.ts";
import type { Report } from "./report.ts";

/** A review as GitHub has it now. */
export interface SubmittedReview {
  readonly id: number;
  readonly author: Actor | undefined;
  readonly state: "approved" | "changes-requested" | "dismissed" | "commented";
  /** The commit that it was given on; undefined when that is gone. */
  readonly headSha: string | undefined;
  /** When it was given, whatever it is by now: milliseconds since the epoch. Undefined where GitHub does not tell. */
  readonly submittedAt: number | undefined;
}

/** An exception that a change adds, for one resource or file that needs it. */
export interface AskedException {
  readonly rule: string;
  /** `Deployment/shop/web`, or `file charts/web/values.yaml`. */
  readonly resource: string;
  /** All that the exception says: another text is another exception. */
  readonly text: string;
  /** Slug of the team that approves it; undefined where the config names none. */
  readonly team: string | undefined;
}

/** Somebody's word for one exception and one resource. Whether it counts is asked at each verdict. */
export interface ExceptionApproval {
  readonly asked: Pick<AskedException, "rule" | "resource" | "text">;
  readonly actor: Actor;
  readonly source: "review" | "comment";
  /** GitHub's id of the review or the comment. */
  readonly sourceId: number;
  /** The commit that it was given on. */
  readonly headSha: string;
  /** Milliseconds since the epoch, by GitHub's clock. */
  readonly givenAt: number;
}

/** A use of an exception, for the audit trail. */
export interface ExceptionUse {
  readonly rule: string;
  readonly resource: string;
  readonly reason: string;
  readonly expires: string | undefined;
  /** Where the config says it; undefined for an annotation of the resource. */
  readonly place: string | undefined;
  /** Who approved it, where the change adds it: `review 12 of ada`. */
  readonly approval: string | undefined;
}

/** What a pull request changed at one head, as it was judged on one base. */
export interface JudgedContent {
  readonly digests: ContentDigests;
  /** Drydock's build and the rules that say what belongs to an environment: digests of others cannot be compared. */
  readonly build: string;
  readonly baseSha: string;
}

/** Somebody's word for a change as it was recorded when it came: what GitHub says of a review later may be another. */
export interface RecordedWord {
  readonly actor: Actor;
  readonly source: "review" | "comment";
  /** GitHub's id of the review or the comment. */
  readonly sourceId: number;
  /** Undefined for a review, and for a command without an environment: all that its author may approve. */
  readonly environment: string | undefined;
  readonly state: "approved" | "changes-requested" | "dismissed" | "withdrawn";
  /** What it was given on, and what that was to be merged into; undefined where only a later event of it came. */
  readonly place: { readonly headSha: string; readonly baseRef: string; readonly baseSha: string } | undefined;
  /** Milliseconds since the epoch. */
  readonly givenAt: number;
  /** What the pull request changed there then; undefined where that was never judged. */
  readonly judged: JudgedContent | undefined;
}

/** What differs from an earlier state of a pull request that somebody approved. */
export interface SinceApproval {
  /** Logins of those who approved it. */
  readonly by: readonly string[];
  readonly headSha: string;
  /** Ids of apps, and `file:` paths, of which their approval was another one; sorted. */
  readonly changed: readonly string[];
  /** What would land now beside what would have landed then; undefined where the two cannot be compared. */
  readonly report: Report | undefined;
}
