import type { GivenOverride, Report } from "../model/index.ts";
import { applyOverrides, scopeOverrides } from "../publish/index.ts";
import { checkPullRequest } from "./check-pull-request.ts";
import type { QueuedPlace } from "./judge-queued.ts";
import type { JobServices } from "./services.ts";

/** Pull requests with overrides that one group may be made of. */
const MOST_OVERRIDDEN = 20;

/**
 * The report of a merge group under the overrides of its pull requests: each is asked for again, and takes what its own
 * pull request was let in with. A group that brings something else than that is not let in for it.
 */
export async function overrideGroup(
  report: Report,
  { repository, permissions, baseRef }: QueuedPlace,
  services: JobServices,
): Promise<{ readonly report: Report; readonly used: readonly GivenOverride[] }> {
  const numbers = await services.records.listOverridden(repository.repositoryId, baseRef);
  const api = services.github.repository(repository);
  const baseSha = numbers.length === 0 ? undefined : await api.readBranch(baseRef);
  let overridden = report;
  const used: GivenOverride[] = [];
  if (baseSha === undefined) return { report, used };
  for (const number of numbers.slice(0, MOST_OVERRIDDEN)) {
    const pullRequest = await api.readPullRequest(number);
    if (pullRequest?.isOpen !== true || pullRequest.baseRef !== baseRef) continue;
    const own = await checkPullRequest({ repository, permissions, pullRequest, baseSha }, services);
    const scope = scopeOverrides(own.report, report);
    if (scope === undefined) continue;
    const taken = applyOverrides(overridden, own.decided.overrides, scope);
    overridden = taken.report;
    used.push(...taken.used);
  }
  return { report: overridden, used };
}
