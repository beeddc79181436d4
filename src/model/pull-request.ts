/** Numbers are GitHub's own ids: they stand when a repository is renamed or transferred, names do not. */
export type RepositoryId = number;
export type InstallationId = number;

/** A repository the App is installed on, and how to name it to GitHub today. */
export interface RepositoryRef {
  readonly installationId: InstallationId;
  readonly repositoryId: RepositoryId;
  readonly owner: string;
  readonly name: string;
}

export interface PullRequestKey {
  readonly repositoryId: RepositoryId;
  readonly number: number;
}

/** Who did something, by numeric id and type: a login can be taken over or made to look like another (T04). */
export interface Actor {
  readonly id: number;
  readonly login: string;
  readonly type: "User" | "Bot" | "Organization" | "Mannequin";
}

/** A pull request as GitHub has it at one moment. */
export interface PullRequest extends PullRequestKey {
  readonly title: string;
  readonly author: Actor | undefined;
  readonly isOpen: boolean;
  readonly isMerged: boolean;
  readonly isDraft: boolean;
  /** The head is in another repository, or in none any more: ids are compared, never names (T06). */
  readonly isFork: boolean;
  /** Anybody may read the repository that it is in, and open pull requests there. */
  readonly isPublic: boolean;
  readonly isLocked: boolean;
  readonly headSha: string;
  readonly headRef: string;
  readonly baseRef: string;
  readonly baseSha: string;
  readonly labels: readonly string[];
  /** ISO 8601. */
  readonly createdAt: string;
  /** Of a merged one, the commit on the base branch. */
  readonly mergeSha?: string | undefined;
  readonly merge?: MergeFacts | undefined;
}

/** Who merged a pull request, and when. */
export interface MergeFacts {
  /** By GitHub's clock, in milliseconds since the epoch; whole seconds. */
  readonly at: number;
  /** Undefined where GitHub does not say it, as in its lists. */
  readonly by: Actor | undefined;
}

/** What a merge queue asks to be judged: its own head, on top of its own base. */
export interface MergeGroup {
  readonly repositoryId: RepositoryId;
  readonly headSha: string;
  readonly headRef: string;
  readonly baseSha: string;
  readonly baseRef: string;
}

/** A permission as `role_name` has it; the folded `permission` field does not tell maintain from write. */
export type Role = "none" | "read" | "triage" | "write" | "maintain" | "admin";

/** A push to the branch of a pull request, as GitHub told it. */
export interface RecordedPush {
  /** Where the branch was; undefined for a new one, or where it is not told. */
  readonly before: string | undefined;
  readonly after: string;
  readonly actor: Actor;
}

/** Who set a label of a pull request last. */
export interface LabelSetter {
  /** In small letters. */
  readonly label: string;
  readonly actor: Actor;
}

/** A pull request that Drydock opened. */
export interface Opening {
  readonly kind: "promotion" | "rollback" | undefined;
  /** Whoever asked for it: an author too. */
  readonly requestedBy: Actor | undefined;
}
