import type { Actor, Delivery, RepositoryId, PullRequestKey, CheckState } from "../model/index.ts";
import type { RepositoryFacts } from "../jobs/ports.ts";

/** Where verified deliveries go. */
export interface Intake {
  /** Resolves once the delivery is committed; rejects when it could not be, so that GitHub is answered 5xx. */
  receive(delivery: Delivery): Promise<void>;
}

/** One judgement in the history of a pull request. */
export interface JudgementSummary {
  readonly id: string;
  readonly headSha: string;
  readonly baseSha: string;
  readonly baseRef: string;
  readonly state: CheckState;
  readonly title: string;
  /** ISO 8601. */
  readonly judgedAt: string;
}

export interface KeptJudgement extends JudgementSummary {
  /** The body of the HTML report; undefined once its retention is over. */
  readonly body: string | undefined;
  readonly json: string | undefined;
}

/** A signed-in browser. Only a digest of its id is stored. */
export interface Session {
  readonly actor: Actor;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** What pages read; `src/database` implements it. */
export interface PageRecords {
  findRepository(owner: string, name: string): Promise<RepositoryFacts | undefined>;
  /** Newest first. */
  listJudgements(key: PullRequestKey): Promise<readonly JudgementSummary[]>;
  /** `id` undefined: the newest one. */
  readJudgement(key: PullRequestKey, id: string | undefined): Promise<KeptJudgement | undefined>;
  readGroupJudgement(repositoryId: RepositoryId, headSha: string): Promise<KeptJudgement | undefined>;
  keepSession(digest: string, session: Session): Promise<void>;
  readSession(digest: string): Promise<Session | undefined>;
  dropSession(digest: string): Promise<void>;
  /** Whether the database answers and its schema is the one expected. */
  ping(): Promise<void>;
}

/** Sign-in with GitHub: it tells who somebody is and nothing else; the user's token is dropped at once. */
export interface SignIn {
  /** The page on GitHub that asks the visitor. */
  authorizeUrl(request: { readonly state: string; readonly challenge: string; readonly redirect: string }): string;
  identify(answer: { readonly code: string; readonly verifier: string; readonly redirect: string }): Promise<Actor>;
}

/** Whether somebody may read a repository, asked with the installation's token. */
export interface Access {
  canRead(actor: Actor, repository: RepositoryFacts): Promise<boolean>;
}

/** A stop of everything that the server judges, or of all of one account. Moments are milliseconds since the epoch. */
export interface ServerStop {
  readonly id: number;
  /** Undefined: everything. */
  readonly account: string | undefined;
  readonly by: string | undefined;
  readonly reason: string;
  readonly since: number;
  readonly until: number | undefined;
}

/** What whoever runs the server stops. Everything open is judged again at once. */
export interface ServerStops {
  list(): Promise<readonly ServerStop[]>;
  stopAll(reason: string, until: number | undefined): Promise<void>;
  /** Gives those that stood. Ids of other stops do nothing. */
  lift(ids: readonly number[]): Promise<readonly ServerStop[]>;
}
