import type { AgentObject, AppId, AppKind, KubernetesVersion } from "./app.ts";
import type { ResourceChange } from "./change.ts";
import type { CheckFamily, FailureKind, JudgedFinding, SourceLocation } from "./finding.ts";
import type { RegoRule } from "./policy.ts";

/** One side of a check. `ref` is what the user said, `commit` is undefined for a bare tree or a merge result. */
export interface Side {
  readonly ref: string;
  readonly commit: string | undefined;
  readonly tree: string;
}

export type AppStatus = "unchanged" | "changed" | "added" | "removed" | "failed";

export interface AppFailure {
  readonly kind: FailureKind;
  readonly cause: "content" | "outside";
  /** Whether the base rendered (or did not have) this app: the change broke it. */
  readonly isNew: boolean;
  /** Whether the change touches anything that the app is made of. One that it does not touch stands on the base alike. */
  readonly isTouched: boolean;
  /** Whether a line of `accept` in the config takes it. */
  readonly isAccepted: boolean;
  /** Whether this failure keeps the check from passing, and how: a broken render, or an app not looked at. */
  readonly effect: "fails" | "not-checked" | "passes";
  readonly message: string;
  readonly location: SourceLocation | undefined;
  /** What to do about it beyond the message, a few lines. */
  readonly help: string | undefined;
}

export interface AppReport {
  readonly id: AppId;
  readonly kind: AppKind;
  readonly path: string;
  readonly environment: string | undefined;
  /** Its folder and its values files on both sides, by which rules tell its environments. In no format. */
  readonly places: readonly string[];
  readonly guessed: boolean;
  readonly assumptions: readonly string[];
  readonly status: AppStatus;
  /** Number of resources on each side; undefined where that side does not have the app or did not render. */
  readonly resources: { readonly base: number | undefined; readonly head: number | undefined };
  /** Sorted: most dangerous first, then by kind, namespace and name. */
  readonly changes: readonly ResourceChange[];
  readonly failure: AppFailure | undefined;
  /**
   * SHA-256 over what differs, noise left out; of an app that could not be rendered on either side, over the blob ids of
   * what it read, its folder and all files that the change touches. Holds digests of sealed values, so it stands in no format: it is the same on one machine alone.
   */
  readonly contentDigest: string;
  /**
   * Changed files that its renders read, on either side, sorted: no other file can be what changes it. Of an app that
   * could not be rendered, all changed files of its folder too. In no format.
   */
  readonly inputs: readonly string[];
  /** It did not render on the head, so that it may be made of changed files beyond `inputs`, of any folder. In no format. */
  readonly mayReadMore: boolean;
}

/** A file that the change touches, whatever it is for. */
export interface TouchedFile {
  readonly path: string;
  /** Blob id on the head; undefined for one that is gone. */
  readonly blob: string | undefined;
  /** Whether an app that renders reads it, on either side. */
  readonly isRead: boolean;
}

/** The whole result as the exit status and the check's conclusion see it. */
export interface Outcome {
  readonly status: "passed" | "failed" | "not-checked";
  /** 0, 1 or 2 (the design's contract). */
  readonly exitCode: 0 | 1 | 2;
  /** One sentence of at most 60 characters, with the count and the next step. */
  readonly title: string;
}

export interface Totals {
  /** Apps of the head in the whole repository, and how many of them the change touches. */
  readonly apps: number;
  readonly touchedApps: number;
  readonly changedApps: number;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly noise: number;
  readonly newErrors: number;
  readonly newWarnings: number;
  readonly newNotices: number;
  /** Findings that stand on the base as well, in the apps this report looks at. */
  readonly known: number;
  /** Findings that an exception takes: they are in none of the counts above. */
  readonly excepted: number;
}

/**
 * Everything one check has to say; every output format is a function of this value alone. Holds no time, no host
 * path and no count of work done, so the same trees, config, facts and version give the same value.
 */
export interface Report {
  readonly version: 1;
  /** Name of the repository as its remote or directory has it. */
  readonly repository: string;
  readonly base: Side;
  readonly head: Side;
  /** The apps the change touches (all of them with `--all`), sorted by what matters most, then by id. */
  readonly apps: readonly AppReport[];
  /** Sorted: new before known, then by level, file, line, rule. */
  readonly findings: readonly JudgedFinding[];
  /** The rules of the repository's own policies that findings name, by id. */
  readonly policies: readonly RegoRule[];
  /** The two could not be merged, so that what the change alters is not known. */
  readonly isConflict?: true;
  /** All that differ between the two, sorted by path. In no format. */
  readonly files: readonly TouchedFile[];
  /** Argo CD and Flux objects on the head that are recognised and not rendered. */
  readonly agents: readonly AgentObject[];
  readonly totals: Totals;
  readonly outcome: Outcome;
  /** What is left of it for each check: `outcome` is the worst of them. */
  readonly outcomes: Readonly<Record<CheckFamily, Outcome>>;
  /**
   * What keeps a check from passing whatever its apps and findings are, such as a config that nobody can read. Undefined
   * where there is nothing to look at: then nothing can be overridden. In no format.
   */
  readonly obstacles?: Readonly<Record<CheckFamily, Outcome | undefined>> | undefined;
  /** Sentences about the check itself: an invalid config and where, an assumed Kubernetes version, schema digests. */
  readonly notes: readonly string[];
  readonly decision: {
    readonly needs: readonly string[];
    /**
     * The first moment at which the same trees, config and facts may give another report, in milliseconds since the
     * epoch: the first of the exceptions that count, or wait, ends then. Undefined where time alone changes nothing.
     */
    readonly changesAt: number | undefined;
  };
  readonly versions: {
    readonly drydock: string;
    readonly kubernetes: readonly KubernetesVersion[];
    readonly engines: Readonly<Record<string, string>>;
  };
}
