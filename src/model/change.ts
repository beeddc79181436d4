import type { AppId } from "./app.ts";
import type { SourceLocation } from "./finding.ts";
import type { FieldPath, ManifestValue, ResourceId } from "./manifest.ts";

export type ChangeAction = "added" | "removed" | "changed";

/** Why a difference is folded away: it is told as a count and never as a change of its own. */
export type NoiseKind = "chart-label" | "checksum-annotation" | "timestamp" | "generated-name";

export interface FieldChange {
  readonly path: FieldPath;
  /** The path as reviewers read it: `spec.template.spec.containers[name=web].image`. */
  readonly label: string;
  /** Undefined where the field does not exist on that side. */
  readonly before: ManifestValue | undefined;
  readonly after: ManifestValue | undefined;
  readonly noise: NoiseKind | undefined;
}

/** Something about a change that a reviewer must not overlook. */
export interface Risk {
  /** Stable id: `delete`, `prune-data`, `immutable-field`, `volume-shrink`, `scaled-to-zero`, `rbac-widened`, … */
  readonly id: string;
  readonly level: "high" | "medium";
  /** One sentence for a person. */
  readonly message: string;
}

/** High risks of these kinds delete or replace something, or lose data. */
const DESTRUCTIVE: ReadonlySet<string> = new Set([
  "delete",
  "prune-data",
  "prune-enabled",
  "volume-shrink",
  "recreated",
  "renamed",
  "immutable-field",
  "moved-namespace",
  "crd-version",
]);

export function isDestructiveRisk({ id, level }: Risk): boolean {
  return level === "high" && DESTRUCTIVE.has(id);
}

export interface ImageChange {
  readonly container: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Where a removed resource went, or an added one came from: another app of the same report has it under its name. */
export interface Move {
  readonly direction: "to" | "from";
  readonly app: AppId;
}

/** One resource that differs between base and head. */
export interface ResourceChange {
  readonly action: ChangeAction;
  /** Identity on the head; on the base for a removed one. */
  readonly resource: ResourceId;
  /** Identity on the base where the two were paired across a rename or a new hash suffix. */
  readonly previous: ResourceId | undefined;
  /** Helm hook events (`pre-install`, …) on the head, on the base for a removed one; empty for what is applied as usual. */
  readonly hooks: readonly string[];
  /** Set on both sides of a move between two apps: on the removed resource and on the added one. */
  readonly moved?: Move;
  /**
   * Empty for an added or removed resource: all of it is new or gone. For one that came from another app, what differs
   * from what that app had.
   */
  readonly fields: readonly FieldChange[];
  /** How many of `fields` are noise. A change with nothing but noise is counted, not shown. */
  readonly noise: number;
  readonly risks: readonly Risk[];
  readonly images: readonly ImageChange[];
  /** Unified diff of the YAML on both sides, without file header, sealed values as the tag `!sealed`. */
  readonly diff: string;
  /** Equal for two changes that say the same about two resources (namespace and name aside): they are grouped. */
  readonly likeness: string;
  readonly location: SourceLocation | undefined;
}

/** Changes that say the same, reached through several apps. */
export interface ChangeGroup {
  readonly change: ResourceChange;
  readonly apps: readonly AppId[];
}
