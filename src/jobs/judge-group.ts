import { digestReport } from "../environments/index.ts";
import type { RepositoryId } from "../model/index.ts";
import { couldNotCheck, judgeReport, progressChecks } from "../publish/index.ts";
import { findApprovedInQueue } from "./approve-exceptions.ts";
import { checkWithApprovals, listUses } from "./check-with-approvals.ts";
import { combine } from "./combine.ts";
import { findRulesTip } from "./find-rules-tip.ts";
import { overrideGroup } from "./override-group.ts";
import { judgeQueued } from "./judge-queued.ts";
import { findOrganization } from "./find-organization.ts";
import { groupPage } from "./pages.ts";
import { renderStored } from "./render-stored.ts";
import type { JobServices } from "./services.ts";

/** Judges a merge group on its own head, which is the merge already. A queue cannot wait, so neither does its verdict. */
export async function judgeGroup(repositoryId: RepositoryId, headSha: string, services: JobServices): Promise<void> {
  const { records, pageUrl } = services;
  const started = await records.startGroup(repositoryId, headSha);
  if (started === undefined) return;
  const { repository, group, generation, permissions } = started;
  const page = groupPage(repository, headSha);
  if ((await records.showGroupProgress(repositoryId, started, progressChecks(page))) === "outdated") return;
  const { checked, approved } = await checkWithApprovals(
    {
      ...{ ...group, repository, isMerge: false, organization: await findOrganization(repository, services) },
      rulesSha: await findRulesTip(repository, services.github.repository(repository)),
    },
    (asked) => findApprovedInQueue(asked, { repository, permissions }, group.baseRef, services),
    services,
  );
  const { config, rules, asked } = checked;
  const place = { repository, permissions, baseRef: group.baseRef, headRef: group.headRef };
  const decision = await judgeQueued(checked.report, rules, place, services);
  const { report, used } = await overrideGroup(checked.report, place, services);
  const facts = { ...group, pageUrl: pageUrl(page), decision, areRulesAdvice: rules.mode === "advise" };
  const verdict = { ...judgeReport(report, config, facts), page };
  const exceptions = { asked, uses: listUses(report, approved) };
  const overrides = { reportDigest: digestReport(report).digest, used };
  const judged = { generation, verdict, publication: undefined, report: renderStored(report), exceptions, overrides };
  await records.finishGroup(repositoryId, started, judged, combine);
}

/** As `giveUpPullRequest`: the group leaves the queue in red. */
export async function giveUpGroup(
  repositoryId: RepositoryId,
  headSha: string,
  why: string,
  services: JobServices,
): Promise<void> {
  const { records } = services;
  const started = await records.startGroup(repositoryId, headSha);
  if (started === undefined) return;
  const verdict = couldNotCheck(why, started.group);
  const judged = { generation: started.generation, verdict, publication: undefined, report: undefined };
  await records.finishGroup(repositoryId, started, judged, combine);
}
