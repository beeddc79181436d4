import type { InstallationId, Intent } from "../model/index.ts";
import { isOrganizationRepository, NO_RULES, printRules } from "./find-organization.ts";
import type { JobServices } from "./services.ts";

/**
 * The rules of an account may have moved: if they have since its pull requests were judged by them, every open one of
 * its repositories is asked again, after people's own. Cost where nothing moved: a few reads that GitHub answers from
 * its cache.
 */
export async function rejudgeAccount(installationId: InstallationId, services: JobServices): Promise<void> {
  const { records } = services;
  const repositories = await records.listRepositories(installationId);
  const [first] = repositories;
  if (first === undefined) return;
  const mark = `rules ${installationId}`;
  const rules = await printRules(installationId, first.owner, services);
  if (((await records.readMark(mark)) ?? NO_RULES) === rules) return;
  for (const repository of repositories.filter((one) => !isOrganizationRepository(one))) {
    const numbers = await records.listOpen(repository.repositoryId);
    const intents = numbers.map(({ number }): Intent => {
      return { kind: "judge", repository, number, reason: "rules-moved", lane: "bots", headSha: undefined };
    });
    if (intents.length > 0) await records.applyIntents(intents);
  }
  // Not before all are asked.
  await records.writeMark(mark, rules);
}
