import type { RuleSet } from "../../config/index.ts";
import { listContributors } from "../../environments/index.ts";
import {
  Fault,
  LimitedFault,
  type EnvironmentChange,
  type EnvironmentFacts,
  type PullCommit,
} from "../../model/index.ts";
import type { RuledPlace } from "../decide-environments.ts";
import type { JobServices } from "../services.ts";
import { askedApprovals } from "./asks-for-approvals.ts";

/** Who wrote what the pull request brings, where a rule may ask for that. Nobody is known where none does. */
export async function gatherContributors(
  changes: readonly EnvironmentChange[],
  rules: RuleSet,
  place: RuledPlace,
  services: JobServices,
): Promise<EnvironmentFacts["contributors"]> {
  const changed = new Set(changes.map(({ environment }) => environment));
  const areBotsNamed = rules.environments.some(({ name, directEdits }) => {
    return changed.has(name) && !directEdits.isAllowed && directEdits.bots.length > 0;
  });
  const isAsked = askedApprovals(changes, rules).length > 0 || rules.override.teams.length > 0 || areBotsNamed;
  if (!isAsked) return { people: [], unknown: [], isComplete: false };
  const { repository, pullRequest } = place;
  const commits = await services.github.repository(repository).listCommits(pullRequest.number);
  const plainMerges = new Set(await findPlainMerges(commits, place, services));
  const pushes = await services.records.listPushes(pullRequest);
  return listContributors(commits, { headSha: pullRequest.headSha, plainMerges, pushes });
}

/** Merges that are tried; those beyond count as their makers' own work. */
const MOST_MERGES = 20;

/** Merges that nobody added anything to. One that cannot be tried counts as its maker's own work. */
async function findPlainMerges(
  commits: readonly PullCommit[],
  { repository, pullRequest, baseSha }: RuledPlace,
  { checker, log }: JobServices,
): Promise<readonly string[]> {
  const merges = commits.filter(({ parents }) => parents.length === 2).map(({ sha }) => sha);
  if (merges.length === 0) return [];
  const { number, headSha } = pullRequest;
  try {
    return await checker.findPlainMerges({ repository, number, baseSha, headSha }, merges.slice(-MOST_MERGES));
  } catch (fault) {
    if (!(fault instanceof Fault) || fault instanceof LimitedFault) throw fault;
    log.warn({ repository: repository.repositoryId, number }, "merges could not be tried again");
    return [];
  }
}
