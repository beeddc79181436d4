import { AccessLostFault, type Intent, type PullRequest, type RepositoryRef } from "../model/index.ts";
import type { JobServices } from "./services.ts";

/** Heads that one sweep asks about in one repository; the next goes on where this one ended. */
const HEADS_A_SWEEP = 5;

/**
 * Re-runs that somebody asked for and no webhook brought, among open pull requests whose verdict is current: a press of
 * the button leaves its trace on the commit. A few heads at a time; asking costs nothing of GitHub's limits while the
 * answer stays the same.
 */
export async function findReruns(
  repository: RepositoryRef,
  judged: readonly PullRequest[],
  { github, records }: JobServices,
): Promise<readonly Intent[]> {
  const mark = `reruns ${repository.repositoryId}`;
  const slice = takeTurn(judged, Number((await records.readMark(mark)) ?? 0));
  const last = slice.at(-1);
  if (last === undefined) return [];
  const api = github.repository(repository);
  const asked: string[] = [];
  try {
    for (const headSha of new Set(slice.map((pullRequest) => pullRequest.headSha))) {
      if (await api.isRerunAsked(headSha)) asked.push(headSha);
    }
  } catch (error) {
    // Without checks there is nothing to run again.
    if (!(error instanceof AccessLostFault && error.loss === "permission")) throw error;
    return [];
  }
  await records.writeMark(mark, String(last.number));
  return asked.map((headSha) => ({ kind: "judge-head", repository, headSha }));
}

function takeTurn(judged: readonly PullRequest[], after: number): readonly PullRequest[] {
  const sorted = judged.toSorted((a, b) => a.number - b.number);
  const turned = [...sorted.filter(({ number }) => number > after), ...sorted.filter(({ number }) => number <= after)];
  return turned.slice(0, HEADS_A_SWEEP);
}
