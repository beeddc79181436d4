import { askOf, listWatched, observeStanding, type WatchedEnvironment } from "./facts/observe-standing.ts";
import { pinOf } from "./facts/gather-promotions.ts";
import { findOrganization } from "./find-organization.ts";
import type { JudgedRules, RepositoryFacts, TrackedQuestion } from "./ports.ts";
import type { JobServices } from "./services.ts";

/**
 * Looks at what stands in the environments on a branch that was pushed to, so that soaking begins with the push and not
 * with the next pull request. A push to the default branch may bring other rules: environments on other branches that
 * were never looked at are looked at too, and those that nobody is promoted from any more are forgotten.
 */
export async function watchStanding(repository: RepositoryFacts, branch: string, services: JobServices): Promise<void> {
  const api = services.github.repository(repository);
  const rulesSha = await api.readBranch(repository.defaultBranch);
  const watched = await lookAt(repository, branch, rulesSha, services);
  if (branch !== repository.defaultBranch || watched === undefined) return;
  await services.records.keepSeen(
    repository.repositoryId,
    watched.map(({ rules }) => rules.name),
  );
  for (const { rules } of watched) {
    if (rules.branch === undefined || rules.branch === branch) continue;
    const place = { repositoryId: repository.repositoryId, branch: rules.branch, environment: rules.name };
    if ((await services.records.readSeen(place)) !== undefined) continue;
    await lookAt(repository, rules.branch, rulesSha, services);
  }
}

/** All environments that are watched, wherever they are; undefined where nobody knows. */
async function lookAt(
  repository: RepositoryFacts,
  branch: string,
  rulesSha: string | undefined,
  services: JobServices,
): Promise<readonly WatchedEnvironment[] | undefined> {
  const commit = await services.github.repository(repository).readBranch(branch);
  if (commit === undefined) return undefined;
  let watched: readonly WatchedEnvironment[] | undefined;
  const isHere = ({ rules }: WatchedEnvironment): boolean => rules.branch === undefined || rules.branch === branch;
  const ask = ({ set, problem }: JudgedRules): TrackedQuestion | undefined => {
    watched = problem === undefined ? listWatched(set) : undefined;
    const asked = (watched ?? []).filter(isHere).map((one) => askOf(one, branch));
    if (asked.length === 0) return undefined;
    return {
      fields: [...new Set(asked.flatMap(({ fields }) => fields))].sort(),
      isWhole: asked.some(({ isWhole }) => isWhole),
      isWanted: (app) => asked.some(({ isWanted }) => isWanted(app)),
    };
  };
  const seen = await services.checker.readTracked({
    ...{ repository, baseRef: branch, baseSha: commit, headRef: branch, headSha: commit, isMerge: false, rulesSha },
    ...{ organization: await findOrganization(repository, services), pin: pinOf(branch), ask },
  });
  if (seen.kind === "conflict") return watched;
  for (const one of (watched ?? []).filter(isHere)) {
    const { base: apps, files } = seen;
    await observeStanding(one, { repositoryId: repository.repositoryId, branch, commit, apps, files }, services);
  }
  return watched;
}
