import type { EnvironmentRules, RuleSet } from "../config/index.ts";

/** Branches that hold environments under rules: what is pushed to them by hand goes around those. */
export function listGuardedBranches(rules: RuleSet, defaultBranch: string): readonly string[] {
  const ruled = rules.environments.filter((environment) => isRuled(environment, rules));
  const own = ruled.flatMap(({ branch }) => (branch === undefined ? [] : [branch]));
  const isDefault =
    ruled.some(({ branch }) => branch === undefined) || rules.branches.some(({ base }) => matches(base, defaultBranch));
  // A glob names branches that nobody can list; a plain name is one.
  const named = rules.branches.flatMap(({ base }) => base.map(({ pattern }) => pattern)).filter(isName);
  return [...new Set([...(isDefault ? [defaultBranch] : []), ...own, ...named])].sort();
}

/** Of these environments those that are under rules, where they were changed on that branch. */
export function keepRuled(names: readonly string[], rules: RuleSet, branch: string): readonly string[] {
  if (rules.branches.some(({ base }) => matches(base, branch))) return names;
  const ruled = new Set(rules.environments.filter((one) => isRuled(one, rules)).map(({ name }) => name));
  return names.filter((name) => ruled.has(name));
}

/** Where it is and what it is called are no rules: many have environments for these alone. */
function isRuled(environment: EnvironmentRules, { changes }: RuleSet): boolean {
  const { from, sharedChanges, directEdits, approvals, windows, limits, usesLocks } = environment;
  const { count, codeOwners, destructive } = approvals;
  return (
    from.length > 0 ||
    sharedChanges === "refuse" ||
    !directEdits.isAllowed ||
    count > 0 ||
    codeOwners ||
    destructive !== undefined ||
    windows.length > 0 ||
    usesLocks ||
    [limits.apps, limits.resources, changes.environments, changes.apps, changes.resources].some(
      (most) => most !== undefined,
    ) ||
    changes.apart.length > 0
  );
}

function matches(globs: RuleSet["branches"][number]["base"], branch: string): boolean {
  return globs.some((glob) => glob.matches(branch));
}

function isName(pattern: string): boolean {
  return /^[^*?[\]{}!]+$/u.test(pattern);
}
