import { historyOf } from "./config-history.ts";
import { openRepository, type Repository } from "./git/index.ts";
import { nameOrganizationRepository, readOrganization, type OrganizationRules } from "./pipeline/organization.ts";

/**
 * Runs with the rules of the organization that `directory`, a clone of its `.github` repository, holds at its HEAD. Who
 * names one wants them: without them nothing passes. Rejects with a UsageError when it is no repository.
 */
export async function withOrganization<T>(
  directory: string | undefined,
  repository: Repository,
  use: (rules: OrganizationRules | undefined) => Promise<T>,
): Promise<T> {
  const name = nameOrganizationRepository(repository.name);
  if (directory === undefined || name === undefined) return await use(undefined);
  const clone = await openRepository(directory);
  try {
    return await use({ name, isRequired: true, said: await readTip(clone, name) });
  } finally {
    await clone.close();
  }
}

async function readTip(clone: Repository, name: string): Promise<OrganizationRules["said"]> {
  const { commit, tree } = await clone.resolveRef("HEAD");
  if (commit === undefined) return { kind: "absent", what: "file" };
  const source = { kind: "repository", name, tree: clone.openTree(tree) } as const;
  return await readOrganization(source, historyOf(clone, commit));
}
