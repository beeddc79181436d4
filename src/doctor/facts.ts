import type { FailedDelivery, InstallationFacts, RepositoryFacts } from "../jobs/ports.ts";
import type { WebhookAnswer } from "./call-webhook.ts";

/** Something that was looked for: found, or why it could not be. */
export type Probe<T> =
  { readonly kind: "known"; readonly value: T } | { readonly kind: "unknown"; readonly why: string };

/** The App as GitHub has it registered. */
export interface RegisteredApp {
  readonly name: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly events: readonly string[];
  /** Undefined while the App has no webhook. */
  readonly webhookUrl: string | undefined;
  readonly contentType: string | undefined;
}

/** A webhook whose last attempt failed, and how. */
export interface Undelivered extends FailedDelivery {
  /** 0 when nothing answered. */
  readonly statusCode: number;
  /** In GitHub's words: `timed out`. */
  readonly status: string;
}

/** A check that merging into the default branch needs. */
export interface RequiredCheck {
  readonly context: string;
  /** The App that must write it; undefined when anybody may. */
  readonly appId: number | undefined;
  /** Whether somebody may merge without it. */
  readonly bypass: "nobody" | "somebody" | "unknown";
}

export interface BranchDemands {
  /** False where rulesets cannot be read: there may be more. */
  readonly isComplete: boolean;
  readonly checks: readonly RequiredCheck[];
}

export interface SeenRepository {
  readonly facts: RepositoryFacts;
  readonly demands: Probe<BranchDemands>;
}

export interface SeenInstallation {
  readonly facts: InstallationFacts;
  /** Those that were looked at; archived ones are not. */
  readonly repositories: Probe<readonly SeenRepository[]>;
  /** Further ones, which were not looked at. */
  readonly unseen: number;
}

/** What the running server says of its addresses and its database. */
export interface ServerFacts {
  readonly publicUrl?: string | undefined;
  readonly webhookPath: string;
  readonly database: "PGlite" | "PostgreSQL";
  readonly queues: readonly { readonly queue: string; readonly waiting: number; readonly active: number }[];
  readonly oldestWaitingSeconds: number;
  readonly outgoing: { readonly pending: number; readonly refused: number };
}

/**
 * What came of asking the running server: its answer, nothing (`away`), a refusal of our signature, an answer of somebody
 * else, or of a server whose database is away (`failed`).
 */
export type ServerAnswer<T> =
  | { readonly kind: "answered"; readonly value: T }
  | { readonly kind: "away" | "refused" | "stranger" | "failed"; readonly address: string };

/** What this machine's configuration says. */
export interface ConfiguredFacts {
  readonly appId: number;
  /** Where the API is. */
  readonly githubApi: string;
  readonly publicUrl: string | undefined;
  readonly webhookPath: string;
  /** Whether people can sign in to pages. */
  readonly hasSignIn: boolean;
  readonly arePagesPublic: boolean;
}

/** All that is known of an installation of Drydock when it is judged. */
export interface DoctorFacts {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly configured: ConfiguredFacts;
  /** What `git version` prints. */
  readonly git: Probe<string>;
  /** Milliseconds that GitHub's clock is ahead of ours. */
  readonly clockDrift: Probe<number>;
  readonly server: ServerAnswer<ServerFacts>;
  readonly app: Probe<RegisteredApp>;
  /** Of the last three days. */
  readonly failedDeliveries: Probe<readonly Undelivered[]>;
  /** What answers at the webhook's address when it is called from here; undefined while there is no such address. */
  readonly webhookAnswer: WebhookAnswer | undefined;
  readonly installations: Probe<readonly SeenInstallation[]>;
  /** `OWNER/NAME`, when one repository alone was asked for. */
  readonly only: string | undefined;
}
