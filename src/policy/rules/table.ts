import type { BuiltInRule } from "../rule.ts";
import { probesMissing, resourcesMissing } from "./containers.ts";
import { ENGINE_RULES } from "./engine-rules.ts";
import { hpaReplicas } from "./hpa-replicas.ts";
import { imageDigest, imageRegistry, imageTag } from "./images.ts";
import { ingressCollision } from "./ingress-collision.ts";
import { hostAccess, privilegeGained } from "./privileges.ts";
import { networkPolicyAbsent, pdbAbsent } from "./protection.ts";
import { rbacEscalation, rbacWildcard } from "./rbac.ts";
import { referenceMissing } from "./reference-missing.ts";
import { selectorMatchesNothing, selectorMismatch, serviceWithoutEndpoints } from "./selectors.ts";

const RULES: readonly BuiltInRule[] = [
  ...ENGINE_RULES,
  hostAccess,
  hpaReplicas,
  imageDigest,
  imageRegistry,
  imageTag,
  ingressCollision,
  networkPolicyAbsent,
  pdbAbsent,
  privilegeGained,
  probesMissing,
  rbacEscalation,
  rbacWildcard,
  referenceMissing,
  resourcesMissing,
  selectorMatchesNothing,
  selectorMismatch,
  serviceWithoutEndpoints,
];

/** All built-in rules, by id in the order of their ids. */
export const BUILT_IN_RULES: ReadonlyMap<string, BuiltInRule> = new Map(
  RULES.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((rule) => [rule.id, rule]),
);
