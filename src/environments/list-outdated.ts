import type { RuleSet } from "../config/index.ts";
import type { EnvironmentFacts, GivenApproval } from "../model/index.ts";
import { weighApprovals } from "./judge-approvals.ts";

/** Approvals by those who may, all of one earlier state of the pull request, that something changed since. */
export interface OutdatedApprovals {
  /** The newest of them first; never empty. */
  readonly given: readonly GivenApproval[];
  /** Ids of apps, and `file:` paths, that are not what was approved; sorted. */
  readonly changed: readonly string[];
}

/**
 * What died because the content changed, the newest state first. Somebody whose later word counts has seen what stands
 * now, and one who may not approve is told nothing.
 */
export function listOutdated(facts: EnvironmentFacts, { environments }: RuleSet): readonly OutdatedApprovals[] {
  const outdated = facts.changes.flatMap((change) => {
    const rules = environments.find(({ name }) => name === change.environment)?.approvals;
    const weighed = rules === undefined ? [] : weighApprovals(facts, change, rules);
    const counted = new Set(
      weighed.flatMap(({ approval, weight }) => (weight.kind === "counts" ? approval.actor.id : [])),
    );
    return weighed.flatMap(({ approval, weight }) => {
      const changed = weight.kind === "outdated" ? weight.changed : undefined;
      return changed === undefined || changed.length === 0 || counted.has(approval.actor.id)
        ? []
        : [{ approval, changed }];
    });
  });
  const newest = outdated.toSorted((left, right) => right.approval.givenAt - left.approval.givenAt);
  const states = Map.groupBy(newest, ({ approval: { headSha, base } }) =>
    JSON.stringify([headSha, base?.ref, base?.sha]),
  );
  return [...states.values()].map((same) => ({
    given: [...new Map(same.map(({ approval }) => [`${approval.source} ${approval.sourceId}`, approval])).values()],
    changed: [...new Set(same.flatMap(({ changed }) => changed))].sort(),
  }));
}
