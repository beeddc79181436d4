import type { BranchRule, Glob, RuleSet } from "../config/index.ts";
import type { EnvironmentFacts, RuleResult } from "../model/index.ts";

/** Who may merge which branch into which: every rule of the config that is about the base branch has to hold. */
export function judgeBranches(facts: EnvironmentFacts, { branches }: RuleSet): readonly RuleResult[] {
  const { baseRef } = facts.pullRequest;
  return branches.filter(({ base }) => matches(base, baseRef)).map((rule) => judge(rule, facts));
}

function matches(globs: readonly Glob[], name: string): boolean {
  return globs.some((glob) => glob.matches(name));
}

function judge(rule: BranchRule, facts: EnvironmentFacts): RuleResult {
  const { baseRef, headRef, isFork } = facts.pullRequest;
  const result = { rule: "branches", environment: undefined, notes: [], changesAt: undefined } as const;
  const refuse = (says: string, title: string, step: string): RuleResult => ({
    ...{ ...result, state: "refused", says, title },
    steps: [step],
  });
  // A fork can name its branch as it likes, so where names count its branches have none (T35).
  if (isFork && (!rule.isForkAllowed || rule.heads.length > 0)) {
    return refuse(
      `Forks may not be merged into ${baseRef}`,
      `No forks into ${baseRef}`,
      "Push the branch to this repository.",
    );
  }
  if (rule.heads.length > 0 && !matches(rule.heads, headRef)) {
    const allowed = rule.heads.map(({ pattern }) => pattern).join(", ");
    return refuse(
      `${headRef} may not be merged into ${baseRef}, only ${allowed}`,
      `Only ${allowed} into ${baseRef}`,
      `Merge it through ${allowed}.`,
    );
  }
  const author = isAuthorAllowed(rule, facts);
  const whose = [...rule.teams.map((team) => `team ${team}`), ...rule.users].join(" or ");
  if (author === "no")
    return refuse(
      `Only ${whose} may merge into ${baseRef}`,
      `Only ${whose} into ${baseRef}`,
      `Have ${whose} open this pull request.`,
    );
  if (author === "unknown") {
    const says = `GitHub does not tell whether the author is in ${whose}`;
    return { ...result, state: "unknown", says, title: `who may merge into ${baseRef}`, steps: [] };
  }
  return { ...result, state: "passed", says: `${headRef} may be merged into ${baseRef}`, title: "", steps: [] };
}

function isAuthorAllowed(
  { teams, users }: BranchRule,
  { pullRequest, people }: EnvironmentFacts,
): "yes" | "no" | "unknown" {
  const { author } = pullRequest;
  if (teams.length === 0 && users.length === 0) return "yes";
  if (author === undefined) return "no";
  // Only GitHub makes an account a bot, and only a bot has a name that ends so (T04).
  const isNamed = (user: string): boolean =>
    user.toLowerCase() === author.login.toLowerCase() && user.endsWith("[bot]") === (author.type === "Bot");
  if (users.some(isNamed)) return "yes";
  const standing = people.find(({ id }) => id === author.id);
  const answers = teams.map((team) =>
    standing !== undefined && Object.hasOwn(standing.teams, team) ? standing.teams[team] : "unknown",
  );
  return answers.includes("yes") ? "yes" : answers.includes("unknown") ? "unknown" : "no";
}
