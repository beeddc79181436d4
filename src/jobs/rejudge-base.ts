import type { RepositoryId } from "../model/index.ts";
import type { JobServices } from "./services.ts";

/**
 * A branch moved: every open pull request onto it is asked again, after people's own. Asking is silent: the old verdict
 * stands until the new one is known, and an equal one writes nothing.
 */
export async function rejudgeBase(repositoryId: RepositoryId, branch: string, { records }: JobServices): Promise<void> {
  const repository = await records.readRepository(repositoryId);
  if (repository === undefined) return;
  const judged = await records.listJudged(repositoryId, branch);
  const intents = judged.map(({ number }) => {
    return { kind: "judge", repository, number, reason: "base-moved", lane: "bots", headSha: undefined } as const;
  });
  if (intents.length > 0) await records.applyIntents(intents);
}
