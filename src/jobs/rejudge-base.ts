import type { Intent, RepositoryId } from "../model/index.ts";
import type { JobServices } from "./services.ts";

/**
 * A branch moved: every open pull request onto it is asked again, after people's own. Asking is silent: the old verdict
 * stands until the new one is known, and an equal one writes nothing. The config of the default branch says the rules of
 * all of them, so that one asks the others too.
 */
export async function rejudgeBase(repositoryId: RepositoryId, branch: string, { records }: JobServices): Promise<void> {
  const repository = await records.readRepository(repositoryId);
  if (repository === undefined) return;
  const onto = (await records.listJudged(repositoryId, branch)).map(({ number }) => number);
  const ruled = branch === repository.defaultBranch ? await records.listOpen(repositoryId) : [];
  const elsewhere = ruled.map(({ number }) => number).filter((number) => !onto.includes(number));
  const intents = [
    ...onto.map((number) => ({ number, reason: "base-moved" }) as const),
    ...elsewhere.map((number) => ({ number, reason: "rules-moved" }) as const),
  ].map(({ number, reason }): Intent => {
    return { kind: "judge", repository, number, reason, lane: "bots", headSha: undefined };
  });
  if (intents.length > 0) await records.applyIntents(intents);
}
