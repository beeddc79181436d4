import type { Intent, RepositoryId } from "../model/index.ts";
import type { JobServices } from "./services.ts";
import { watchStanding } from "./watch-standing.ts";

/**
 * A branch moved: every open pull request onto it is asked again, after people's own. Asking is silent: the old verdict
 * stands until the new one is known, and an equal one writes nothing. The config of the default branch says the rules of
 * all of them, so that one asks the others too, and so does a branch that others are promoted from. What stands there is
 * noted after that: a pull request that is judged in between notes the same.
 */
export async function rejudgeBase(repositoryId: RepositoryId, branch: string, services: JobServices): Promise<void> {
  const { records } = services;
  const repository = await records.readRepository(repositoryId);
  if (repository === undefined) return;
  const onto = (await records.listJudged(repositoryId, branch)).map(({ number }) => number);
  const isRuling = branch === repository.defaultBranch;
  const isWatched = isRuling || (await records.isWatched(repositoryId, branch));
  const ruled = isWatched ? await records.listOpen(repositoryId) : [];
  const elsewhere = ruled.map(({ number }) => number).filter((number) => !onto.includes(number));
  const intents = [
    ...onto.map((number) => ({ number, reason: "base-moved" }) as const),
    ...elsewhere.map((number) => ({ number, reason: isRuling ? "rules-moved" : "base-moved" }) as const),
  ].map(({ number, reason }): Intent => {
    return { kind: "judge", repository, number, reason, lane: "bots", headSha: undefined };
  });
  if (intents.length > 0) await records.applyIntents(intents);
  if (isWatched) await watchStanding(repository, branch, services);
}
