import type { Manifest, RawFinding } from "../model/index.ts";
import { levelOfRule } from "./levels.ts";
import { findIn, toObject } from "./judge-resources.ts";
import type { PolicyConfig } from "../config/index.ts";
import type { BuiltInRule, Claim, ClaimRule } from "./rule.ts";

export interface ResourceClaim {
  readonly rule: ClaimRule;
  readonly manifest: Manifest;
  /** Its key names rule and environment too: only claims in one environment collide. */
  readonly claim: Claim;
}

/** A resource elsewhere that claims the same. */
export interface Claimant {
  /** As messages name it: `Ingress/shop/web`. */
  readonly resource: string;
  readonly app: string;
}

/** What the resources of one app claim of which a cluster can have one. */
export function claimsOf(
  manifests: readonly Manifest[],
  environment: string | undefined,
  rules: ReadonlyMap<string, BuiltInRule>,
): readonly ResourceClaim[] {
  const claiming = [...rules.values()].filter(isClaimRule);
  return manifests.flatMap((manifest) => {
    const { group, kind } = manifest.resource;
    const concerned = claiming.filter(({ kinds }) => kinds.has(`${group}/${kind}`));
    if (concerned.length === 0) return [];
    return toObject(manifest).flatMap((object) =>
      concerned.flatMap((rule) =>
        Array.from(rule.claims(object), (claim): ResourceClaim => {
          return { rule, manifest, claim: { ...claim, key: JSON.stringify([rule.id, environment ?? "", claim.key]) } };
        }),
      ),
    );
  });
}

/** Says of each claim of these resources that another resource makes it too. `claimantsOf` gives those of all apps. */
export function judgeClaims(
  claims: readonly ResourceClaim[],
  claimantsOf: (key: string) => readonly Claimant[],
  isOwn: (claimant: Claimant, manifest: Manifest) => boolean,
  config: PolicyConfig,
  environment: string | undefined,
): readonly RawFinding[] {
  return claims.flatMap(({ rule, manifest, claim }) => {
    const level = levelOfRule(rule, config, environment);
    if (level === "off") return [];
    const [other, ...more] = claimantsOf(claim.key).filter((claimant) => !isOwn(claimant, manifest));
    if (other === undefined) return [];
    const rest = more.length === 0 ? "" : ` and ${more.length} more`;
    const message = `${claim.what} is claimed by ${other.resource} of ${other.app}${rest} too. Only one of them can have it.`;
    return [findIn(manifest, { rule: rule.id, level, path: claim.path, message })];
  });
}

function isClaimRule(rule: BuiltInRule): rule is ClaimRule {
  return rule.scope === "repository";
}
