import type { RuleSet } from "../config/index.ts";
import { decideEnvironments, listChanges } from "../environments/index.ts";
import type { EnvironmentDecision, EnvironmentFacts, PullRequest, Report } from "../model/index.ts";
import { gatherFacts } from "./gather-facts.ts";
import type { RepositoryFacts, StartedJudgement } from "./ports.ts";
import type { JobServices } from "./services.ts";

/** The pull request that rules are asked about, as GitHub has it now. */
export interface RuledPlace {
  readonly repository: RepositoryFacts;
  readonly pullRequest: PullRequest;
  readonly permissions: StartedJudgement["permissions"];
}

/** A decision with the facts it was made from: kept with the verdict, so that people can ask why. */
export interface DecidedEnvironments {
  readonly facts: EnvironmentFacts;
  readonly decision: EnvironmentDecision;
}

/** Reads what the rules of the default branch ask for and decides. Every fact is read for this decision. */
export async function judgeEnvironments(
  report: Report,
  rules: RuleSet,
  place: RuledPlace,
  services: JobServices,
): Promise<DecidedEnvironments> {
  const changes = listChanges(report, rules, place.pullRequest.baseRef);
  const facts = await gatherFacts(changes, rules, place, services);
  return { facts, decision: decideEnvironments(facts, rules) };
}
