import type { PullRequest } from "../model/index.ts";
import { listStandingLabels } from "../publish/index.ts";
import { findOrganization } from "./find-organization.ts";
import type { RepositoryFacts } from "./ports.ts";
import { readDefaultConfig } from "./read-default-config.ts";
import type { JobServices } from "./services.ts";

/**
 * Of the labels on a pull request that nobody looked at, those of names that Drydock alone gives: whoever set one, nothing
 * vouches for it (T54). By the config of the default branch, and of the tip of its base, as it would be judged. One
 * without labels costs nothing. Rejects where a config cannot be read.
 */
export async function findOwnLabels(
  repository: RepositoryFacts,
  { labels, baseRef }: Pick<PullRequest, "labels" | "baseRef">,
  services: JobServices,
): Promise<readonly string[]> {
  if (labels.length === 0) return [];
  const api = services.github.repository(repository);
  const { config } = await readDefaultConfig(repository, api, services);
  const commit = await api.readBranch(baseRef);
  const organization = await findOrganization(repository, services);
  const base =
    commit === undefined ? config : (await services.checker.readConfig({ repository, commit, organization })).config;
  const environments = config.rules.environments.map(({ name }) => name);
  return listStandingLabels(labels, base, { labels: config.labels, environments });
}
