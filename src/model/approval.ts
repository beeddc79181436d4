import type { Actor } from "./pull-request.ts";

/** A review as GitHub has it now. */
export interface SubmittedReview {
  readonly id: number;
  readonly author: Actor | undefined;
  readonly state: "approved" | "changes-requested" | "dismissed" | "commented";
  /** The commit that it was given on; undefined when that is gone. */
  readonly headSha: string | undefined;
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
