/**
 * What the stand-in GitHub remembers. Records are values: a change puts a new record in the old one's place, so what
 * a subscriber of events was shown stays as it was. Ids are one sequence for all; times are ISO 8601 with seconds.
 */

export type RoleName = "read" | "triage" | "write" | "maintain" | "admin";
/** Permission → `read`, `write` or `admin`, as the App's manifest names them (`pull_requests`, `checks`, …). */
export type Permissions = Readonly<Record<string, string>>;

/** Anything that has an id may stand for its record: functions read the newest one. */
export interface Ref {
  readonly id: number;
}

export interface Account extends Ref {
  readonly type: "User" | "Bot" | "Organization";
  readonly login: string;
  readonly createdAt: string;
  /** Organizations: user id → role. */
  readonly members: ReadonlyMap<number, "admin" | "member">;
}

export interface Team extends Ref {
  readonly organizationId: number;
  readonly slug: string;
  readonly name: string;
  readonly parentId: number | undefined;
  readonly privacy: "closed" | "secret";
  readonly memberIds: readonly number[];
}

export interface Repository extends Ref {
  readonly ownerId: number;
  readonly name: string;
  readonly isPrivate: boolean;
  readonly isArchived: boolean;
  readonly defaultBranch: string;
  /** The repository that this one was forked from. */
  readonly parentId: number | undefined;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly pushedAt: string;
  /** The bare git repository behind it. */
  readonly directory: string;
  /** Branch → commit; the same as in git, kept here so that no request waits for git. */
  readonly branches: ReadonlyMap<string, string>;
  /** User id → role, of those added by name. */
  readonly collaborators: ReadonlyMap<number, Collaborator>;
  /** Team id → role. */
  readonly teams: ReadonlyMap<number, Collaborator>;
  /** The number that the last issue or pull request got. */
  readonly lastNumber: number;
}

/** A role; one of the owner's own making has a name of its own over the role that it begins with. */
export interface Collaborator {
  readonly role: RoleName;
  readonly customName: string | undefined;
}

/** A GitHub App; `botId` is the account it acts as. */
export interface App extends Ref {
  readonly slug: string;
  readonly name: string;
  readonly ownerId: number;
  readonly botId: number;
  readonly clientId: string;
  readonly clientSecret: string;
  /** PEM. */
  readonly privateKey: string;
  readonly publicKey: string;
  readonly webhookSecret: string;
  /** Where deliveries go; undefined while the App has no webhook. */
  readonly webhookUrl: string | undefined;
  readonly callbackUrls: readonly string[];
  /** Others than its owner can install it too. */
  readonly isPublic: boolean;
  readonly permissions: Permissions;
  readonly events: readonly string[];
  readonly createdAt: string;
}

export interface Installation extends Ref {
  readonly appId: number;
  readonly accountId: number;
  readonly permissions: Permissions;
  readonly events: readonly string[];
  /** `all` covers every repository of the account, later ones too. */
  readonly repositories: "all" | readonly number[];
  readonly suspendedAt: string | undefined;
  readonly suspendedById: number | undefined;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface InstallationToken {
  readonly token: string;
  readonly installationId: number;
  /** What it was narrowed to; undefined is all that the installation has. */
  readonly repositories: readonly number[] | undefined;
  readonly permissions: Permissions;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A person's token for one App, as the OAuth sign-in gives it. */
export interface UserToken {
  readonly token: string;
  readonly userId: number;
  readonly appId: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface Label extends Ref {
  readonly repositoryId: number;
  readonly name: string;
  readonly color: string;
  readonly description: string;
}

/** What an issue and a pull request share: they have one sequence of numbers, and comments and labels alike. */
export interface Issue extends Ref {
  readonly repositoryId: number;
  readonly number: number;
  readonly title: string;
  readonly body: string | undefined;
  readonly authorId: number;
  readonly state: "open" | "closed";
  readonly isLocked: boolean;
  readonly labelIds: readonly number[];
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly closedAt: string | undefined;
}

export interface PullRequest extends Issue {
  readonly isDraft: boolean;
  /** Undefined once the fork is deleted. */
  readonly headRepositoryId: number | undefined;
  readonly headRef: string;
  readonly headSha: string;
  readonly baseRef: string;
  /** The tip of the base when the pull request was opened, retargeted or pushed to last. */
  readonly baseSha: string;
  readonly mergedAt: string | undefined;
  readonly mergedById: number | undefined;
  /** After the merge: the commit it made on the base. */
  readonly mergeCommitSha: string | undefined;
  /** The pull request is armed to merge by itself, or waits in the merge queue. */
  readonly isQueued: boolean;
}

/** Whether head and base merge, as computed for these two commits. */
export interface Mergeability {
  readonly headSha: string;
  readonly baseSha: string;
  readonly isClean: boolean;
  /** The test merge; undefined on a conflict. */
  readonly commit: string | undefined;
}

export interface Comment extends Ref {
  readonly repositoryId: number;
  readonly number: number;
  readonly authorId: number;
  /** The App that posted it with its installation token. */
  readonly appId: number | undefined;
  readonly body: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface Reaction extends Ref {
  readonly commentId: number;
  readonly userId: number;
  readonly content: string;
  readonly createdAt: string;
}

export type ReviewState = "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED" | "DISMISSED";

export interface Review extends Ref {
  readonly pullRequestId: number;
  readonly authorId: number;
  readonly body: string;
  readonly state: ReviewState;
  readonly commitSha: string;
  readonly submittedAt: string;
}

export interface ReviewComment extends Ref {
  readonly reviewId: number;
  readonly pullRequestId: number;
  readonly threadId: number;
  readonly authorId: number;
  readonly path: string;
  readonly subject: "line" | "file";
  /** Lines of the head; undefined for a comment on the whole file. */
  readonly line: number | undefined;
  readonly startLine: number | undefined;
  readonly side: "LEFT" | "RIGHT";
  readonly commitSha: string;
  readonly diffHunk: string;
  readonly body: string;
  readonly inReplyToId: number | undefined;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface ReviewThread extends Ref {
  readonly pullRequestId: number;
  readonly isResolved: boolean;
  readonly resolvedById: number | undefined;
}

export type CheckStatus = "queued" | "in_progress" | "completed" | "waiting" | "requested" | "pending";

/** All runs of one App on one commit. */
export interface CheckSuite extends Ref {
  readonly repositoryId: number;
  readonly appId: number;
  readonly headSha: string;
  readonly headBranch: string | undefined;
  /** Set when somebody asked for a new run: the suite is queued until a run comes. */
  readonly isRequeued: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface CheckRun extends Ref {
  readonly suiteId: number;
  readonly repositoryId: number;
  readonly appId: number;
  readonly name: string;
  readonly headSha: string;
  readonly status: CheckStatus;
  readonly conclusion: string | undefined;
  readonly externalId: string;
  readonly detailsUrl: string | undefined;
  readonly startedAt: string | undefined;
  readonly completedAt: string | undefined;
  readonly title: string | undefined;
  readonly summary: string | undefined;
  readonly text: string | undefined;
  readonly annotations: readonly Annotation[];
  readonly actions: readonly CheckAction[];
}

export interface Annotation {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly startColumn: number | undefined;
  readonly endColumn: number | undefined;
  readonly level: "notice" | "warning" | "failure";
  readonly message: string;
  readonly title: string | undefined;
  readonly rawDetails: string | undefined;
}

export interface CheckAction {
  readonly label: string;
  readonly description: string;
  readonly identifier: string;
}

export interface Status extends Ref {
  readonly repositoryId: number;
  readonly sha: string;
  readonly context: string;
  readonly state: "error" | "failure" | "pending" | "success";
  readonly description: string | undefined;
  readonly targetUrl: string | undefined;
  readonly creatorId: number;
  readonly createdAt: string;
}

export interface Deployment extends Ref {
  readonly repositoryId: number;
  readonly sha: string;
  readonly ref: string;
  readonly environment: string;
  readonly description: string | undefined;
  readonly task: string;
  readonly payload: unknown;
  readonly creatorId: number;
  readonly createdAt: string;
}

export interface DeploymentStatus extends Ref {
  readonly deploymentId: number;
  readonly state: "error" | "failure" | "inactive" | "pending" | "success" | "queued" | "in_progress";
  readonly description: string;
  readonly targetUrl: string;
  readonly environmentUrl: string;
  readonly creatorId: number;
  readonly createdAt: string;
}

export interface RequiredCheck {
  readonly context: string;
  /** The App that has to post it; undefined takes it from anybody. */
  readonly appId: number | undefined;
}

/** Classic protection of one branch. Administrators pass it unless it is enforced for them too. */
export interface BranchProtection {
  readonly repositoryId: number;
  readonly branch: string;
  readonly requiredChecks: readonly RequiredCheck[];
  readonly isStrict: boolean;
  readonly needsResolvedConversations: boolean;
  readonly approvals: number;
  readonly enforcesAdmins: boolean;
}

/** Rules on branches, of a repository or of its owner. */
export interface Ruleset extends Ref {
  readonly source: { readonly type: "Repository" | "Organization"; readonly id: number };
  readonly name: string;
  readonly enforcement: "active" | "evaluate" | "disabled";
  /** Branch names, or `~DEFAULT_BRANCH`, or `~ALL`. */
  readonly branches: readonly string[];
  readonly requiredChecks: readonly RequiredCheck[];
  readonly isStrict: boolean;
  readonly needsResolvedConversations: boolean;
  readonly approvals: number | undefined;
  readonly hasMergeQueue: boolean;
  /** Accounts and Apps that may pass it. */
  readonly bypassers: readonly { readonly type: "User" | "Team" | "Integration"; readonly id: number }[];
}

/** What a merge queue is trying: `headSha` is the merge of everything in the group on top of `baseSha`. */
export interface MergeGroup extends Ref {
  readonly repositoryId: number;
  readonly baseRef: string;
  readonly baseSha: string;
  readonly headRef: string;
  readonly headSha: string;
  readonly pullRequestIds: readonly number[];
}
