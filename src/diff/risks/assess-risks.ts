import type { Risk } from "../../model/index.ts";
import { assessScaleDown, assessSuspension, assessVolumeShrink } from "./capacity.ts";
import { assessDeletion } from "./deletion.ts";
import { assessHosts, assessServiceExposure } from "./exposure.ts";
import { assessPodSecurity } from "./pod-security.ts";
import { assessFinalizers, assessKeeper, assessPodSecurityLevel, assessPrune } from "./protection.ts";
import { assessAggregation, assessBinding, assessRoleRules } from "./rbac.ts";
import { assessCrdVersions, assessImmutableFields } from "./replacement.ts";
import type { RiskRule, RiskSubject } from "./subject.ts";

/** Every rule, in the order in which their risks are told among those of one level. */
const RULES: readonly RiskRule[] = [
  assessDeletion,
  assessImmutableFields,
  assessVolumeShrink,
  assessCrdVersions,
  assessScaleDown,
  assessRoleRules,
  assessAggregation,
  assessBinding,
  assessPodSecurity,
  assessPodSecurityLevel,
  assessServiceExposure,
  assessHosts,
  assessPrune,
  assessKeeper,
  assessFinalizers,
  assessSuspension,
];

/** What a reviewer must not overlook about one change, high before medium. A removed object is judged as removed only. */
export function assessRisks(subject: RiskSubject): readonly Risk[] {
  const rules = subject.action === "removed" ? [assessDeletion] : RULES;
  const risks = rules.flatMap((rule) => rule(subject));
  return [...risks.filter((risk) => risk.level === "high"), ...risks.filter((risk) => risk.level === "medium")];
}
