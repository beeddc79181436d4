import type { FieldPath, KubernetesVersion, Level, Manifest, RawFinding } from "../model/index.ts";
import type { ApiLifecycles, ScopeOf } from "./api-lifecycle.ts";

/** What the rules have to know beside the manifests themselves. */
export interface RuleFacts {
  /** The version that the app is judged by, such as `1.36.3`; need not be a bundled one. */
  readonly kubernetesVersion: KubernetesVersion;
  /** True when nobody said the version: what it removed then only warns. */
  readonly isVersionAssumed: boolean;
  readonly lifecycles: ApiLifecycles;
  /** Scopes of built-in kinds, and of kinds that CRDs of the same side define. */
  readonly scope: ScopeOf;
  /** `${VAR}` in names and labels is filled in later (the app is under a Flux Kustomization). */
  readonly isSubstituted: boolean;
  /** `<group>/<kind>` of CRDs that the base has and this side no longer has. */
  readonly removedCrds: ReadonlySet<string>;
}

/** Looks at all manifests of one app. */
export type Rule = (manifests: readonly Manifest[], facts: RuleFacts) => readonly RawFinding[];

/** A finding about a manifest. Its file is known, its line is for `locateFinding` to tell. */
export function findAt(manifest: Manifest, rule: string, level: Level, path: FieldPath, message: string): RawFinding {
  const { resource, origin } = manifest;
  return { rule, level, message, resource, path, file: origin.file, line: undefined, column: undefined };
}

/** `1.36` of `1.36.3` as a number that can be compared; undefined for what is no version. */
export function minorOf(version: string | undefined): number | undefined {
  const match = /^v?1\.(\d{1,4})(\.|$)/u.exec(version ?? "");
  return match === null ? undefined : Number(match[1]);
}

export function isPlaceholder(text: string, facts: RuleFacts): boolean {
  return facts.isSubstituted && text.includes("${");
}
