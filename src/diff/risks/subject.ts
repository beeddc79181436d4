import type { FieldChange, ManifestValue, ResourceId, Risk } from "../../model/index.ts";

/** One change as the risk rules see it. Noise is not among `fields`. */
export interface RiskSubject {
  readonly action: "added" | "removed" | "changed";
  readonly resource: ResourceId;
  /** Set where the object gets a new identity: the old one is deleted, the new one created. */
  readonly previous: ResourceId | undefined;
  /** True when that new identity is a new hash suffix: the old object is left to be pruned once nothing uses it. */
  readonly isGenerated: boolean;
  readonly before: ManifestValue | undefined;
  readonly after: ManifestValue | undefined;
  readonly fields: readonly FieldChange[];
  /** Helm hooks live outside the release: they are not deleted when they leave the chart. */
  readonly isHook: boolean;
}

/** Looks at one change and names what a reviewer must not overlook. */
export type RiskRule = (subject: RiskSubject) => readonly Risk[];

/** `<group>/<kind>`, `/Service` for the core group. */
export function kindOf(resource: ResourceId): string {
  return `${resource.group}/${resource.kind}`;
}

/** At most `limit` names in one phrase, with the count of the rest. */
export function listSome(names: readonly string[], limit = 3): string {
  const shown = names.slice(0, limit).join(", ");
  return names.length > limit ? `${shown} and ${names.length - limit} more` : shown;
}
