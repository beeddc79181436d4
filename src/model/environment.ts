import type { AppId } from "./app.ts";
import type { Actor, LabelSetter, Role } from "./pull-request.ts";

/**
 * What the rules of environments are decided by: plain JSON, so that it can be stored with a verdict, shown to a person
 * and handed in from a file (`drydock simulate`). Moments are milliseconds since the epoch.
 */
export interface EnvironmentFacts {
  readonly now: number;
  readonly pullRequest: RuledPullRequest;
  /** What it changes, one entry an environment, in the order of the config. Environments it leaves alone are not here. */
  readonly changes: readonly EnvironmentChange[];
  readonly reported: ReportedChange;
  readonly contributors: Contributors;
  readonly approvals: readonly GivenApproval[];
  /** Everybody whose standing a rule has to know, by numeric id: asked for this very decision (T05). */
  readonly people: readonly PersonStanding[];
  readonly stops: readonly Stop[];
  /** Who set labels that let it pass a window, where that is known. */
  readonly labelers: readonly LabelSetter[];
  readonly overrides: readonly GivenOverride[];
  /** For each environment with an order: what of its change stands in the environments before it. */
  readonly promotions: readonly PromotionFacts[];
  /** Owners of the changed files, by the base's CODEOWNERS; undefined where no rule asks for them. */
  readonly owners: CodeOwnership | undefined;
}

export interface RuledPullRequest {
  /** Undefined for a merge group. */
  readonly number: number | undefined;
  readonly author: Actor | undefined;
  /** Whoever had a bot or the App open it: an author too. */
  readonly requestedBy: Actor | undefined;
  readonly headRef: string;
  readonly baseRef: string;
  readonly headSha: string;
  readonly isFork: boolean;
  readonly isDraft: boolean;
  readonly labels: readonly string[];
  /** What Drydock itself opened it as; undefined for one made by hand. */
  readonly kind: "promotion" | "rollback" | undefined;
}

/** What a pull request really alters in one environment: rendered content, not file names. */
export interface EnvironmentChange {
  readonly environment: string;
  /** Sorted by id; never empty together with `files`. */
  readonly apps: readonly ChangedApp[];
  /** Changed files under its paths that no rendered app read, sorted. */
  readonly files: readonly ChangedFile[];
}

/** What the pull request changes as a whole, in environments or not. */
export interface ReportedChange {
  /** SHA-256 over what it changes in each app, noise left out: equal ones are equal changes. */
  readonly digest: string;
  /** Whether it changes anything that deploys. */
  readonly isDeploying: boolean;
}

export interface ChangedApp {
  readonly id: AppId;
  /** False for one that could not be rendered on either side: it counts as changed. */
  readonly isRendered: boolean;
  /**
   * SHA-256 over what the pull request changes in it: resources and fields with their values, noise left out. Of one
   * that is not rendered, over the blob ids of all that it may be made of. Equal digests are equal changes.
   */
  readonly digest: string;
  /** Resources that differ by more than noise. */
  readonly resources: number;
  readonly isDestructive: boolean;
  /** Changed files of the pull request that it is made of, sorted: no other causes it. Empty where that is not known. */
  readonly causes: readonly string[];
  /** Where the environment has others before it: what of this no promotion is told by. */
  readonly untracked?: UntrackedChanges | undefined;
}

export interface UntrackedChanges {
  /** The first of them, sorted: `Deployment/web spec.replicas`, `ConfigMap/web (added)`. */
  readonly named: readonly string[];
  readonly total: number;
}

export interface ChangedFile {
  readonly path: string;
  /** Blob id on the head; undefined for one that is gone. */
  readonly blob: string | undefined;
}

/** All who wrote what the pull request brings: authors, committers and co-authors of its commits. */
export interface Contributors {
  readonly people: readonly Contributor[];
  /** Commits whose author is no account that GitHub knows (T01). */
  readonly unknown: readonly string[];
  /** False when there are more commits than GitHub lists. */
  readonly isComplete: boolean;
}

export interface Contributor {
  readonly actor: Actor;
  /** Made or took suggestions of a review on GitHub's pages, and wrote nothing else. */
  readonly hasOnlySuggested: boolean;
}

/** Somebody's word for a change, as it was recorded when it was given. */
export interface GivenApproval {
  readonly actor: Actor;
  /** Undefined for a review: it counts for every environment that its author may approve. */
  readonly environment: string | undefined;
  readonly source: "review" | "comment";
  readonly sourceId: number;
  readonly headSha: string;
  /** What that was compared with; undefined when nobody knows any more. */
  readonly base?: { readonly ref: string; readonly sha: string } | undefined;
  readonly givenAt: number;
  /** What the pull request changed when it was given; undefined when nobody knows any more: then it counts for nothing. */
  readonly content: ContentDigests | undefined;
  /** Why `content` is not known, as a clause: "was given before Drydock saw it". */
  readonly unknownBecause?: string | undefined;
}

/** By environment: digests of apps by id, and blob ids of files by `file:<path>`, `gone` for one that is removed. */
export type ContentDigests = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What GitHub says of somebody now. `unknown` where it does not tell; that is never a yes. */
export interface PersonStanding {
  readonly id: number;
  readonly role: Role | "unknown";
  /** Teams that a rule names, by slug as the config writes it. */
  readonly teams: Readonly<Record<string, "yes" | "no" | "unknown">>;
}

/** Something that keeps pull requests from being merged until it is lifted or over. */
export interface Stop {
  readonly kind: "hold" | "lock" | "freeze";
  /** Where it was said: a command, the server's page, the organisation's repository. */
  readonly from: "command" | "server" | "organization" | "unconfirmed";
  /** Undefined for all environments; a hold is of one pull request. */
  readonly environment: string | undefined;
  /** Undefined where a file says it. */
  readonly by: Actor | undefined;
  readonly reason: string;
  readonly since: number;
  /** Undefined for one without an end. */
  readonly until: number | undefined;
}

/** `/drydock override <rule> reason…` by somebody who may. */
export interface GivenOverride {
  readonly actor: Actor;
  /** A rule of an environment, a rule of policy, or the name of a check for its Failures. */
  readonly rule: string;
  readonly reason: string;
  readonly givenAt: number;
  /** It holds for this commit and this base branch, and later ones until rendered content changes, which ends it. */
  readonly headSha: string;
  readonly baseRef: string;
  /** As in `GivenApproval`; undefined once it has ended. */
  readonly content: ContentDigests | undefined;
  /** What the whole report said changes; undefined once it has ended. */
  readonly reportDigest: string | undefined;
}

/** A rule that those who may have overridden, for exactly what is judged. */
export interface StandingOverride {
  readonly rule: string;
  /** The oldest first; never empty. */
  readonly given: readonly GivenOverride[];
}

/** One environment's change against one environment before it. */
export interface PromotionFacts {
  readonly environment: string;
  readonly from: string;
  readonly items: readonly PromotedItem[];
  /** Why nothing is known of the environment before, in a clause; undefined when it is known. */
  readonly problem: string | undefined;
}

/** One tracked value that enters an environment. */
export interface PromotedItem {
  readonly app: AppId;
  /** `image web of Deployment/web`, `chart web`, `Deployment/web spec.replicas`, `file apps/web.yaml`. */
  readonly what: string;
  readonly value: string;
  /** The app it is paired with in the environment before, for a file the branch; undefined when there is none. */
  readonly counterpart: AppId | undefined;
  /** What stands there; undefined when the counterpart has no such thing. */
  readonly stands: string | undefined;
  /** Since when the equal value has stood there, by our own record; undefined when it differs or was never seen. */
  readonly since: number | undefined;
  /** Whether this very pull request brings the equal value to the counterpart too. */
  readonly arrives: boolean;
}

export interface CodeOwnership {
  /** All changed files, those without owners too. */
  readonly files: readonly OwnedFiles[];
  /** Lines of CODEOWNERS that GitHub skips, each with why. */
  readonly errors: readonly string[];
  /** Why not all owners are known, in a clause; undefined when they are. */
  readonly problem: string | undefined;
}

export interface OwnedFiles {
  readonly path: string;
  /** Logins, `org/team` and e-mail addresses as CODEOWNERS writes them, without `@` before them; empty: nobody's. */
  readonly owners: readonly string[];
}

export const ENVIRONMENT_RULES = [
  "branches",
  "limits",
  "shared-changes",
  "direct-edits",
  "promotion-order",
  "hold",
  "lock",
  "freeze",
  "window",
  "approvals",
  "code-owners",
] as const;
export type EnvironmentRule = (typeof ENVIRONMENT_RULES)[number];

/**
 * What one rule says. `waiting`: people or time may still let it pass. `refused`: the author has to change something.
 * `unknown`: a fact could not be read, which is never a pass.
 */
export interface RuleResult {
  readonly rule: EnvironmentRule;
  /** Undefined for a rule of the pull request as a whole. */
  readonly environment: string | undefined;
  readonly state: "passed" | "waiting" | "refused" | "unknown" | "overridden";
  /** How it stands, a plain sentence without Markdown: "1 of 2 approvals by team sre". */
  readonly says: string;
  /** At most 45 characters, for the check's title when this is what keeps it: "1 of 2 approvals for prod (team sre)". */
  readonly title: string;
  /** What can be done about it and by whom, plain sentences. */
  readonly steps: readonly string[];
  /** Further lines, such as what passed because it has no counterpart. */
  readonly notes: readonly string[];
  /** When the same facts may give another answer. */
  readonly changesAt: number | undefined;
}

export interface EnvironmentDecision {
  /** Failure before waiting before success. */
  readonly state: "success" | "in_progress" | "failure";
  /** One sentence of at most 60 characters. */
  readonly title: string;
  /** Environments that the change alters, in the order of the config. */
  readonly environments: readonly string[];
  /** Every rule that was asked, what keeps it from passing first. */
  readonly results: readonly RuleResult[];
  readonly changesAt: number | undefined;
}
