import { nameResource, type App, type Manifest, type RawFinding } from "../model/index.ts";
import { levelOfRule } from "./levels.ts";
import { findIn, toObject } from "./judge-resources.ts";
import { areInOneCluster, type Claimant } from "./same-cluster.ts";
import type { PolicyConfig } from "../config/index.ts";
import type { BuiltInRule, Claim, ClaimRule } from "./rule.ts";

export interface ResourceClaim {
  readonly rule: ClaimRule;
  readonly manifest: Manifest;
  /** Its key names rule and environment too: claims in two environments never collide. */
  readonly claim: Claim;
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

/** Who claims what, in all apps of a tree. */
export interface ClaimedTree {
  claimantsOf(key: string): readonly Claimant[];
  /** Whether the repository is for a single cluster, as far as it shows. */
  isOnePlace(): boolean;
}

/**
 * Says of each claim of an app's resources that another resource makes it too, which certainly ends up in the same
 * cluster. The same object in two apps is one, whatever else is wrong with that.
 */
export function judgeClaims(
  app: App,
  claims: readonly ResourceClaim[],
  tree: ClaimedTree,
  config: PolicyConfig,
): readonly RawFinding[] {
  return claims.flatMap(({ rule, manifest, claim }) => {
    const level = levelOfRule(rule, config, app.environment);
    if (level === "off") return [];
    const own: Claimant = { resource: nameResource(manifest.resource), source: manifest.origin.file, app };
    const [other, ...more] = tree
      .claimantsOf(claim.key)
      .filter((claimant) => claimant.resource !== own.resource)
      .filter((claimant) => areInOneCluster(own, claimant, () => tree.isOnePlace()));
    if (other === undefined) return [];
    const rest = more.length === 0 ? "" : ` and ${more.length} more`;
    const message = `${claim.what} is claimed by ${other.resource} of ${other.app.id}${rest} too. Only one of them can have it.`;
    return [findIn(manifest, { rule: rule.id, level, path: claim.path, message })];
  });
}

function isClaimRule(rule: BuiltInRule): rule is ClaimRule {
  return rule.scope === "repository";
}
