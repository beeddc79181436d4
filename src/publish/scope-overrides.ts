import { nameSubject, type AppReport, type JudgedFinding, type Report } from "../model/index.ts";

/** What an override may be about, beside the rule that it names. */
export interface OverrideScope {
  readonly hasFinding: (finding: JudgedFinding) => boolean;
  readonly hasFailure: (app: AppReport) => boolean;
}

/**
 * An override in a merge group is about what its own pull request was let in with, and nothing else: the same finding of
 * the same resource, the same app that fails. Undefined where the group does not bring exactly what that changes, app by
 * app: then it is another pull request's group.
 */
export function scopeOverrides(overridden: Report, group: Report): OverrideScope | undefined {
  const whole = new Map(group.apps.map(({ id, contentDigest }) => [id, contentDigest]));
  const changed = overridden.apps.filter(isTouched);
  if (changed.length === 0 || changed.some(({ id, contentDigest }) => whole.get(id) !== contentDigest))
    return undefined;
  const taken = overridden.findings.filter(({ exception }) => exception?.overriddenBy !== undefined);
  const findings = new Map(taken.map((finding) => [nameFinding(finding), new Set(finding.apps)]));
  const failures = new Set(overridden.apps.flatMap((app) => (app.failure === undefined ? [] : [nameFailure(app)])));
  return {
    hasFinding: (finding) => {
      const apps = findings.get(nameFinding(finding));
      return apps !== undefined && finding.apps.every((app) => apps.has(app));
    },
    hasFailure: (app) => failures.has(nameFailure(app)),
  };
}

function isTouched({ status, failure }: AppReport): boolean {
  return failure === undefined ? status !== "unchanged" : failure.isTouched;
}

function nameFinding(finding: JudgedFinding): string {
  return JSON.stringify([finding.rule, nameSubject(finding)]);
}

function nameFailure({ id, failure, contentDigest }: AppReport): string {
  return JSON.stringify([id, failure?.kind, contentDigest]);
}
