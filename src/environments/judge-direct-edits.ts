import type { DirectEditRules, RuleSet } from "../config/index.ts";
import type { EnvironmentChange, EnvironmentFacts, RuledPullRequest, RuleResult } from "../model/index.ts";

/** Who may change an environment at all: promotion, rollback and named bots where people may not. */
export function judgeDirectEdits({ changes, pullRequest }: EnvironmentFacts, rules: RuleSet): readonly RuleResult[] {
  return changes.flatMap((change) => {
    const own = rules.environments.find(({ name }) => name === change.environment);
    if (own === undefined || own.directEdits.isAllowed) return [];
    const reason = findPermission(change, own.directEdits, pullRequest);
    const { environment } = change;
    return [
      {
        rule: "direct-edits",
        environment,
        state: reason === undefined ? "refused" : "passed",
        says: reason ?? `${environment} is changed by promotion and rollback only`,
        title: `No direct edits of ${environment}`,
        steps: reason === undefined ? [describeWay(own.from, environment)] : [],
        notes: [],
        changesAt: undefined,
      },
    ];
  });
}

/** Why this change may be made; undefined when nothing says so. What causes a change that nobody knows is not free. */
function findPermission(
  { apps, files }: EnvironmentChange,
  { bots, except }: DirectEditRules,
  { kind, author }: RuledPullRequest,
): string | undefined {
  if (kind !== undefined) return `This is a ${kind}`;
  // An account can be called like a bot; only GitHub makes one a bot (T04).
  if (author?.type === "Bot" && bots.some((bot) => bot.toLowerCase() === author.login.toLowerCase())) {
    return `${author.login} may change it`;
  }
  const isFree = (path: string): boolean => except.some((glob) => glob.matches(path));
  const isAllFree =
    apps.every(({ causes }) => causes.length > 0 && causes.every(isFree)) && files.every(({ path }) => isFree(path));
  return isAllFree ? "Everything that it changes may be edited" : undefined;
}

function describeWay(from: readonly string[], environment: string): string {
  return from.length === 0
    ? `Let one of the bots that the config names change ${environment}, or a rollback.`
    : `Change ${from.join(" or ")} first, and promote that to ${environment}.`;
}
