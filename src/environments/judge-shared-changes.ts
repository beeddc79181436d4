import type { RuleSet } from "../config/index.ts";
import type { EnvironmentChange, EnvironmentFacts, RuleResult } from "../model/index.ts";

/** Files that change several environments at once, where an environment refuses that. */
export function judgeSharedChanges({ changes }: EnvironmentFacts, { environments }: RuleSet): readonly RuleResult[] {
  return changes.flatMap((change) => {
    const rules = environments.find(({ name }) => name === change.environment);
    if (rules?.sharedChanges !== "refuse") return [];
    const others = changes.filter(({ environment }) => environment !== change.environment);
    const shared = listShared(change, others);
    if (shared.length === 0 && others.length > 0 && isUnclear(change)) return [tellUnclear(change)];
    return [tell(change.environment, shared, others)];
  });
}

/** Files that cause changes here and in one of the others, sorted. */
export function listShared(change: EnvironmentChange, others: readonly EnvironmentChange[]): readonly string[] {
  const elsewhere = new Set(others.flatMap(listCauses));
  return [...new Set(listCauses(change))].filter((file) => elsewhere.has(file)).sort();
}

function listCauses({ apps }: EnvironmentChange): readonly string[] {
  return apps.flatMap(({ causes }) => causes);
}

/** What could not be rendered may be made of anything. */
function isUnclear({ apps }: EnvironmentChange): boolean {
  return apps.some(({ causes }) => causes.length === 0);
}

function tellUnclear({ environment, apps }: EnvironmentChange): RuleResult {
  const unclear = apps.filter(({ causes }) => causes.length === 0).map(({ id }) => id);
  return {
    ...{ rule: "shared-changes", environment, state: "unknown", title: `what changes ${environment}` },
    says: `Which files change ${unclear.join(", ")} is not known, and other environments change too`,
    steps: [`Change ${environment} in a pull request of its own.`],
    notes: [],
    changesAt: undefined,
  };
}

function tell(environment: string, shared: readonly string[], others: readonly EnvironmentChange[]): RuleResult {
  const [file] = shared;
  const where = others.filter((other) => file !== undefined && listCauses(other).includes(file));
  const names = where.map((other) => other.environment).join(", ");
  return {
    rule: "shared-changes",
    environment,
    state: file === undefined ? "passed" : "refused",
    says:
      file === undefined
        ? "No file changes another environment too"
        : `${file} changes ${environment} and ${names} at once`,
    title: `Stage it: one file changes ${environment} and ${names}`,
    steps:
      file === undefined
        ? []
        : [
            `Make the change in files of ${names} alone, for example as a patch of the overlay, and merge that first.`,
            `Then bring it to ${environment}, and move it into the shared file once every environment has it.`,
          ],
    notes: shared.slice(1).map((other) => `${other} is shared as well.`),
    changesAt: undefined,
  };
}
