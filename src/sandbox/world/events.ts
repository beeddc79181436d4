import type { Comment, Label, ReviewComment } from "./entities.ts";

/**
 * One thing that happened, told right after the store holds it. Ids name records as they are in the store at that
 * moment: a subscriber that wants to keep a picture takes it before it returns. Records that are gone travel whole.
 */
export type WorldEvent = { readonly senderId: number; readonly at: string } & WorldChange;

export type WorldChange =
  | RepositoryEvent
  | MembershipEvent
  | InstallationEvent
  | PullRequestEvent
  | ConversationEvent
  | CheckEvent
  | MergeGroupEvent;

export type RepositoryEvent =
  | {
      readonly kind: "push";
      readonly repositoryId: number;
      /** Whole name of the ref. */
      readonly ref: string;
      /** Forty zeros where the ref was new, or is gone. */
      readonly before: string;
      readonly after: string;
      readonly isForced: boolean;
    }
  | {
      readonly kind: "repository";
      readonly action: "created" | "deleted" | "archived" | "unarchived" | "privatized" | "publicized" | "edited";
      readonly repositoryId: number;
    }
  | { readonly kind: "repository"; readonly action: "renamed"; readonly repositoryId: number; readonly from: string }
  | {
      readonly kind: "repository";
      readonly action: "transferred";
      readonly repositoryId: number;
      readonly fromOwnerId: number;
    };

export type InstallationEvent =
  | {
      readonly kind: "installation";
      readonly action: "created" | "deleted" | "suspend" | "unsuspend" | "new_permissions_accepted";
      readonly installationId: number;
    }
  | {
      readonly kind: "installation_repositories";
      readonly action: "added" | "removed";
      readonly installationId: number;
      readonly repositoryIds: readonly number[];
    };

/** Somebody came to a team or left it. */
export interface MembershipEvent {
  readonly kind: "membership";
  readonly action: "added" | "removed";
  readonly teamId: number;
  readonly memberId: number;
}

/** Why a pull request left the merge queue, in GitHub's words. */
export type DequeueReason = "MANUAL" | "MERGE" | "MERGE_CONFLICT" | "CI_FAILURE" | "CI_TIMEOUT";

export type PullRequestEvent = { readonly kind: "pull_request"; readonly pullRequestId: number } & (
  | {
      readonly action:
        | "opened"
        | "reopened"
        | "closed"
        | "ready_for_review"
        | "converted_to_draft"
        | "locked"
        | "unlocked"
        | "enqueued";
    }
  | { readonly action: "dequeued"; readonly reason: DequeueReason }
  | { readonly action: "synchronize"; readonly before: string; readonly after: string }
  | { readonly action: "labeled" | "unlabeled"; readonly label: Label }
  | {
      readonly action: "edited";
      /** What it was before; absent where it did not change. */
      readonly from: {
        readonly title?: string;
        readonly body?: string | undefined;
        readonly base?: { readonly ref: string; readonly sha: string };
      };
    }
);

export type ConversationEvent =
  | { readonly kind: "issues"; readonly action: "opened" | "closed"; readonly issueId: number }
  | { readonly kind: "issue_comment"; readonly action: "created" | "deleted"; readonly comment: Comment }
  | { readonly kind: "issue_comment"; readonly action: "edited"; readonly comment: Comment; readonly fromBody: string }
  | {
      readonly kind: "pull_request_review";
      readonly action: "submitted" | "dismissed" | "edited";
      readonly reviewId: number;
    }
  | {
      readonly kind: "pull_request_review_comment";
      readonly action: "created" | "deleted" | "edited";
      readonly comment: ReviewComment;
    }
  | {
      readonly kind: "pull_request_review_thread";
      readonly action: "resolved" | "unresolved";
      readonly threadId: number;
    }
  | { readonly kind: "label"; readonly action: "created" | "edited" | "deleted"; readonly label: Label };

export type CheckEvent =
  | {
      readonly kind: "check_run";
      readonly action: "created" | "completed" | "rerequested";
      readonly checkRunId: number;
    }
  | {
      readonly kind: "check_run";
      readonly action: "requested_action";
      readonly checkRunId: number;
      readonly identifier: string;
    }
  | {
      readonly kind: "check_suite";
      readonly action: "requested" | "rerequested" | "completed";
      readonly checkSuiteId: number;
    }
  | { readonly kind: "status"; readonly statusId: number }
  | { readonly kind: "deployment"; readonly action: "created"; readonly deploymentId: number }
  | { readonly kind: "deployment_status"; readonly action: "created"; readonly deploymentStatusId: number };

export type MergeGroupEvent =
  | { readonly kind: "merge_group"; readonly action: "checks_requested"; readonly mergeGroupId: number }
  | {
      readonly kind: "merge_group";
      readonly action: "destroyed";
      readonly mergeGroupId: number;
      readonly reason: "merged" | "invalidated" | "dequeued";
    };
