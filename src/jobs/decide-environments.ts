import { decideAhead, decideEnvironments, weighOverrides } from "../environments/index.ts";
import type { EnvironmentDecision, EnvironmentFacts, PullRequest, Report, StandingOverride } from "../model/index.ts";
import { gatherFacts } from "./gather-facts.ts";
import type { JudgedRules, RepositoryFacts, StartedJudgement } from "./ports.ts";
import type { JobServices } from "./services.ts";

/** The pull request that rules are asked about, as GitHub has it now. */
export interface RuledPlace {
  readonly repository: RepositoryFacts;
  readonly pullRequest: PullRequest;
  readonly permissions: StartedJudgement["permissions"];
  /** The tip of its base branch. */
  readonly baseSha: string;
  /** What made the digests of the report, see `CheckedPullRequest`. */
  readonly build: string;
  /** Asked about a moment that is over: nothing is told ahead. */
  readonly isPast?: boolean | undefined;
}

/** A decision with the facts it was made from: kept with the verdict, so that people can ask why. */
export interface DecidedEnvironments {
  readonly facts: EnvironmentFacts;
  readonly decision: EnvironmentDecision;
  /** What counts for the other checks as well. */
  readonly overrides: readonly StandingOverride[];
}

/** Reads what the rules of the default branch ask for and decides. Every fact is read for this decision. */
export async function judgeEnvironments(
  report: Report,
  { set, problem }: JudgedRules,
  place: RuledPlace,
  services: JobServices,
): Promise<DecidedEnvironments> {
  const facts = await gatherFacts(report, set, place, services);
  const hasRules = set.environments.length > 0 || set.branches.length > 0;
  const decision =
    problem !== undefined
      ? withoutRules(problem)
      : report.isConflict === true && hasRules
        ? withoutChanges(place.pullRequest.baseRef)
        : place.isPast === true
          ? decideEnvironments(facts, set)
          : decideAhead(facts, set);
  return { facts, decision, overrides: weighOverrides(facts, set.override).standing };
}

/** The decision where nobody knows what would be merged, so that no environment is known to be left alone. */
export function withoutChanges(baseRef: string): EnvironmentDecision {
  return {
    state: "failure",
    title: "Could not check: it does not merge",
    environments: [],
    results: [
      {
        ...{ rule: "branches", environment: undefined, state: "unknown", title: "", notes: [], changesAt: undefined },
        says: "Which environments this changes is not known, because it does not merge",
        steps: [`Merge ${baseRef} into the branch, and mend what conflicts.`],
      },
    ],
    changesAt: undefined,
  };
}

/** Nobody knows what would have been asked for. */
export function withoutRules(problem: string): EnvironmentDecision {
  return {
    state: "failure",
    title: "Could not check: the rules of environments",
    environments: [],
    results: [
      {
        ...{ rule: "branches", environment: undefined, state: "unknown", title: "", notes: [], changesAt: undefined },
        says: `The rules of environments are not known: ${problem}`,
        steps: ["Mend it, then comment /drydock check."],
      },
    ],
    changesAt: undefined,
  };
}
