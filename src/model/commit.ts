import type { Actor } from "./pull-request.ts";

/** A commit of a pull request. Its dates are nobody's word: whoever commits writes them. */
export interface PullCommit {
  readonly sha: string;
  readonly parents: readonly string[];
  readonly author: CommitPerson;
  readonly committer: CommitPerson;
  readonly message: string;
  /** GitHub knows whose key signed it. */
  readonly isVerified: boolean;
}

/** Who a commit names, and the account that GitHub takes them for. */
export interface CommitPerson {
  readonly account: Actor | undefined;
  readonly name: string;
  readonly email: string;
}

export interface PullFile {
  readonly path: string;
  /** Where a moved file was. */
  readonly previousPath: string | undefined;
}

/** GitHub gives no content of a file beyond 1 MB, and what is no file has none. */
export type FileReading = { readonly kind: "text"; readonly text: string } | { readonly kind: "unreadable" };
