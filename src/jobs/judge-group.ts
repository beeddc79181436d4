import type { RepositoryId } from "../model/index.ts";
import { combineVerdicts, couldNotCheck, judgeReport, progressChecks } from "../publish/index.ts";
import { renderStored } from "./render-stored.ts";
import type { JobServices } from "./services.ts";

/** Judges a merge group on its own head, which is the merge already. A queue cannot wait, so neither does its verdict. */
export async function judgeGroup(repositoryId: RepositoryId, headSha: string, services: JobServices): Promise<void> {
  const { records, checker, pageUrl } = services;
  const started = await records.startGroup(repositoryId, headSha);
  if (started === undefined) return;
  const { repository, group, generation } = started;
  if ((await records.showGroupProgress(repositoryId, started, progressChecks())) === "outdated") return;
  const { report, config } = await checker.check({ ...group, repository, isMerge: false });
  const page = pageUrl(
    `/${encodeURIComponent(repository.owner)}/${encodeURIComponent(repository.name)}/group/${headSha}`,
  );
  const verdict = judgeReport(report, config, { ...group, pageUrl: page });
  const judged = { generation, verdict, publication: undefined, report: renderStored(report) };
  await records.finishGroup(repositoryId, started, judged, combineVerdicts);
}

/** As `giveUpPullRequest`: the group leaves the queue in red. */
export async function giveUpGroup(repositoryId: RepositoryId, headSha: string, services: JobServices): Promise<void> {
  const { records } = services;
  const started = await records.startGroup(repositoryId, headSha);
  if (started === undefined) return;
  const verdict = couldNotCheck("Drydock failed on it several times", started.group);
  const judged = { generation: started.generation, verdict, publication: undefined, report: undefined };
  await records.finishGroup(repositoryId, started, judged, combineVerdicts);
}
