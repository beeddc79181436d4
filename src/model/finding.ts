import type { AppId } from "./app.ts";
import type { FieldPath, ResourceId } from "./manifest.ts";

export type Level = "error" | "warning" | "notice";

/** A place in a source file. Lines and columns count from 1; a column counts UTF-16 code units. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number | undefined;
  readonly endLine: number | undefined;
  readonly column: number | undefined;
}

/** Something that manifests, schemas or rules say is wrong. Data, never thrown. The author of a change can fix it. */
export interface Finding {
  /** Stable id of the rule, kebab-case, for example `schema`, `duplicate-key`, `api-removed`. */
  readonly rule: string;
  readonly level: Level;
  /** One or two plain sentences: what is wrong and what to do. Holds no secret value. */
  readonly message: string;
  readonly resource: ResourceId | undefined;
  /** The field inside the resource; empty when the finding is about the resource or the file as a whole. */
  readonly path: FieldPath;
  readonly location: SourceLocation | undefined;
  /** True when the location is a source of the rendered text rather than the text itself. */
  readonly isRendered: boolean;
  readonly help: string | undefined;
}

/**
 * Why an app could not be looked at, as a stable word that `accept` in the config can name.
 * `content` reasons are in the hands of the repository's authors, `outside` ones are not.
 */
export type FailureKind =
  // content
  | "render" // the engine refuses: broken template, missing file, bad patch
  | "schema-compile" // a schema in the repository or the config does not compile
  | "outside-repository" // a path leads out of the repository, or a link in a circle
  // outside
  | "remote-input" // a base, chart, schema or values file that has to be fetched
  | "missing-dependency" // a chart dependency that is not in `charts/` and has to be fetched
  | "submodule"
  | "lfs"
  | "plugin" // exec plugins, KRM functions, Helm plugins: never run
  | "limit" // time, memory, output, nesting or file count
  | "engine"; // the engine itself broke

export const OUTSIDE_FAILURES: ReadonlySet<FailureKind> = new Set<FailureKind>([
  "remote-input",
  "missing-dependency",
  "submodule",
  "lfs",
  "plugin",
  "limit",
  "engine",
]);

/** An app that could not be checked. A value: the other apps go on. */
export interface Failure {
  readonly kind: FailureKind;
  /** What went wrong and what to do, at most a few lines, no secret value. */
  readonly message: string;
  readonly location: SourceLocation | undefined;
}

export function failureCause(kind: FailureKind): "content" | "outside" {
  return OUTSIDE_FAILURES.has(kind) ? "outside" : "content";
}

/** Checks as findings know them: `drydock/manifests`, `drydock/policy`. */
export type CheckFamily = "manifests" | "policy";

/** Why a finding of a policy may stand, or may not any more. */
export interface FindingException {
  /** `used`: the finding does not count. `waiting`: it will not once it is approved. `expired`: it counts. */
  readonly state: "used" | "waiting" | "expired";
  readonly reason: string;
  /** The last day on which it counts, `2027-01-31`, in UTC. */
  readonly expires: string | undefined;
  /** Slug of the team that approves it; undefined where nobody is named. */
  readonly approvers: string | undefined;
  /** Where the config says it; undefined for an annotation of the resource. */
  readonly place: { readonly file: string; readonly line: number } | undefined;
  /** Login of whoever said `/drydock override`; undefined for what the change or the config says itself. */
  readonly overriddenBy?: string | undefined;
}

/** A finding with the apps it was reached through, as the report lists it. */
export interface JudgedFinding extends Finding {
  /** The check that shows it. */
  readonly check: CheckFamily;
  readonly isNew: boolean;
  /** Set for findings of policies alone. */
  readonly exception?: FindingException | undefined;
  /** Names it within its resource, whatever moves around it: `identifyField`. */
  readonly field?: string;
  /** The apps that show it, sorted; one finding reached through forty apps is one finding with forty apps. */
  readonly apps: readonly AppId[];
}
