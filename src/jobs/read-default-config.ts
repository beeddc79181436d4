import { Fault } from "../model/index.ts";
import { findOrganization } from "./find-organization.ts";
import type { GitHubRepository, ReadConfig, RepositoryFacts } from "./ports.ts";
import type { JobServices } from "./services.ts";

/**
 * The config of the default branch as it is now: neither a pull request nor its base has a say in who may give commands
 * or in what agents act on.
 */
export async function readDefaultConfig(
  repository: RepositoryFacts,
  api: GitHubRepository,
  services: JobServices,
): Promise<ReadConfig> {
  const { defaultBranch } = await api.readFacts();
  const commit = await api.readBranch(defaultBranch);
  if (commit === undefined) throw new Fault("the default branch has no commit", { isRetryable: true });
  const organization = await findOrganization(repository, services);
  return await services.checker.readConfig({ repository, commit, organization });
}
