import type {
  Actor,
  AskedException,
  ExceptionApproval,
  JudgedContent,
  PullRequestKey,
  RecordedWord,
  RepositoryId,
} from "../model/index.ts";

/** What Drydock remembers of what people said for and against changes and exceptions: a part of `Records`. */
export interface ApprovalRecords {
  /** The exceptions that the last judgement needed, with the commit that it was about. */
  readAsked(key: PullRequestKey): Promise<{ readonly headSha: string; readonly asked: readonly AskedException[] }>;
  listApprovals(key: PullRequestKey): Promise<readonly ExceptionApproval[]>;
  /** Known ones do nothing; new ones go to the audit trail. */
  keepApprovals(key: PullRequestKey, approvals: readonly ExceptionApproval[]): Promise<void>;
  /** Open pull requests onto a branch of which an exception was approved. */
  listApproved(repositoryId: RepositoryId, baseRef: string): Promise<readonly PullRequestKey[]>;

  /**
   * Keeps, once, that a command approves what had been judged of that head for that base branch when it was given. False
   * when nothing had been.
   */
  recordApproval(key: PullRequestKey, approval: CommandedApproval): Promise<boolean>;
  /** Takes back what somebody approved on a pull request, by reviews too; gives how many words that were. */
  withdrawApprovals(key: PullRequestKey, actor: Actor): Promise<number>;
  /** Everything that people said for or against the change, each bound to what it was given for as far as is known. */
  listWords(key: PullRequestKey): Promise<readonly RecordedWord[]>;
  /** Binds words to what they were given for, so that it need not be found out again. */
  bindWords(
    key: PullRequestKey,
    words: readonly (Pick<RecordedWord, "source" | "sourceId"> & { readonly judged: JudgedContent })[],
  ): Promise<void>;
}

/** `/drydock approve`, as it was given. */
export interface CommandedApproval {
  readonly actor: Actor;
  /** GitHub's id of what it stands in. */
  readonly sourceId: number;
  /** The head that had been judged when it was given. */
  readonly headSha: string;
  /** What it is to be merged into. */
  readonly baseRef: string;
  /** Milliseconds since the epoch, by GitHub's clock. */
  readonly givenAt: number;
  /** Undefined for all that its author may approve. */
  readonly environment: string | undefined;
}
