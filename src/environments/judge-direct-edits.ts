import { describePatterns, listNames, type DirectEditRules, type Glob, type RuleSet } from "../config/index.ts";
import type { Actor, EnvironmentChange, EnvironmentFacts, RuleResult } from "../model/index.ts";

/** Who may change an environment at all: promotion, rollback and named bots where people may not. */
export function judgeDirectEdits(facts: EnvironmentFacts, rules: RuleSet): readonly RuleResult[] {
  return facts.changes.flatMap((change) => {
    const own = rules.environments.find(({ name }) => name === change.environment);
    if (own === undefined || own.directEdits.isAllowed) return [];
    const reason = findPermission(change, own.directEdits, facts);
    const { environment } = change;
    return [
      {
        rule: "direct-edits",
        environment,
        state: reason === undefined ? "refused" : "passed",
        says: reason ?? `${environment} is changed by promotion and rollback only`,
        title: `No direct edits of ${environment}`,
        steps: reason === undefined ? listWays(own.from, environment, own.directEdits.except) : [],
        notes:
          reason === undefined
            ? [...listOthers(own.directEdits, facts), ...listEdits(change, own.directEdits.except)]
            : [],
        changesAt: undefined,
      },
    ];
  });
}

/** Why this change may be made; undefined when nothing says so. What causes a change that nobody knows is not free. */
function findPermission(
  { apps, files }: EnvironmentChange,
  { bots, except }: DirectEditRules,
  facts: EnvironmentFacts,
): string | undefined {
  const { kind, author } = facts.pullRequest;
  if (kind !== undefined) return `This is a ${kind}`;
  if (isNamedBot(author, bots) && isWrittenBy(bots, facts)) return `${author?.login ?? ""} may change it`;
  const isFree = (path: string): boolean => except.some((glob) => glob.matches(path));
  const isAllFree =
    apps.every(({ causes }) => causes.length > 0 && causes.every(isFree)) && files.every(({ path }) => isFree(path));
  return isAllFree ? "Everything that it changes may be edited" : undefined;
}

/** An account can be called like a bot; only GitHub makes one a bot (T04). */
function isNamedBot(actor: Actor | undefined, bots: readonly string[]): boolean {
  return actor?.type === "Bot" && bots.some((bot) => bot.toLowerCase() === actor.login.toLowerCase());
}

/** Whoever can write can push to the branch of a bot: its pull request is a bot's as long as nobody else did. */
function isWrittenBy(bots: readonly string[], { contributors }: EnvironmentFacts): boolean {
  const { people, unknown, isComplete } = contributors;
  return isComplete && unknown.length === 0 && people.every(({ actor }) => isNamedBot(actor, bots));
}

/** Why a pull request of a bot that may change it is not the bot's alone. */
function listOthers({ bots }: DirectEditRules, { pullRequest, contributors }: EnvironmentFacts): readonly string[] {
  const { author } = pullRequest;
  if (!isNamedBot(author, bots)) return [];
  const known = contributors.people.flatMap(({ actor }) => (isNamedBot(actor, bots) ? [] : [actor.login]));
  const others = [...known, ...contributors.unknown, ...(contributors.isComplete ? [] : ["somebody who is not known"])];
  return [`${author?.login ?? ""} may change it, but not with ${listNames(others)}, who wrote this too.`];
}

function listWays(from: readonly string[], environment: string, except: readonly Glob[]): readonly string[] {
  const way =
    from.length === 0
      ? `Let one of the bots that the config names change ${environment}, or a rollback.`
      : `Change ${from.join(" or ")} first, and promote that to ${environment}.`;
  const free =
    except.length === 0 ? [] : [`Or change ${environment} by these files alone: ${describePatterns(except)}.`];
  return [way, ...free];
}

/** Lines that are told. */
const MOST_TOLD = 5;

/** Which files alter it: whoever thought of another environment learns here what they touched. */
function listEdits({ apps, files }: EnvironmentChange, except: readonly Glob[]): readonly string[] {
  const isBound = (path: string): boolean => !except.some((glob) => glob.matches(path));
  const lines = [
    ...apps.flatMap(({ id, causes }) => {
      const bound = causes.filter(isBound);
      if (causes.length === 0) return [`${id} changes, by files that are not known.`];
      return bound.length === 0 ? [] : [`${listNames(bound)} changes ${id}.`];
    }),
    ...files.filter(({ path }) => isBound(path)).map(({ path }) => `${path} belongs to it.`),
  ];
  const more = lines.length - MOST_TOLD;
  return more <= 0 ? lines : [...lines.slice(0, MOST_TOLD), `And ${more} more.`];
}
