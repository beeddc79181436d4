import { historyOf } from "./config-history.ts";
import { openRepository, type Repository } from "./git/index.ts";
import type { ConfigOfRepository, ReadConfig } from "./jobs/ports.ts";
import type { Mirrors, OpenMirror } from "./mirror/index.ts";
import type { ObjectId } from "./model/index.ts";
import { openOrganization } from "./open-organization.ts";
import { CONFIG_FILE, loadConfig, type LoadedConfig } from "./pipeline/load-config.ts";
import { governConfig, type OrganizationRules } from "./pipeline/organization.ts";

/** The config of one commit, with the rules of its organization laid over it. */
export async function readGovernedConfig(
  { repository: ref, commit, organization: asked }: ConfigOfRepository,
  mirrors: Mirrors,
  scratch: string,
): Promise<ReadConfig> {
  const organization = await openOrganization(asked, mirrors, scratch);
  try {
    const mirror = await mirrors.open(ref, { base: commit, head: commit, pin: "rules" });
    try {
      return governRules(await readAt(mirror, commit, scratch), organization.rules);
    } finally {
      mirror.close();
    }
  } finally {
    await organization.close();
  }
}

async function readAt(mirror: OpenMirror, commit: ObjectId, scratch: string): Promise<LoadedConfig> {
  const bring: OpenMirror["bringBlobs"] = (ids) => mirror.bringBlobs(ids);
  const repository = await openRepository(mirror.directory, { parent: scratch, bring });
  try {
    return await readConfig(repository, mirror, commit);
  } finally {
    await repository.close();
  }
}

/** Rules that nobody can read are not rules that ask for nothing. */
export function governRules(loaded: LoadedConfig, organization: OrganizationRules | undefined): ReadConfig {
  const { config, obstacle } = governConfig(loaded, organization);
  if (obstacle !== undefined) return { config, problem: "the organisation's rules could not be read" };
  const never = `${CONFIG_FILE} on the default branch is invalid and never was valid`;
  return { config, problem: loaded.isNeverValid ? never : undefined };
}

/** The base's config; earlier versions of it are fetched when it is invalid, in one go. */
export async function readConfig(repository: Repository, mirror: OpenMirror, base: ObjectId): Promise<LoadedConfig> {
  const tree = repository.openTree((await repository.objects.readCommit(base)).tree);
  return await loadConfig(
    tree,
    historyOf(repository, base, (ids) => mirror.bringBlobs(ids)),
  );
}
