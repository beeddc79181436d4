import type { RuleSet } from "../config/index.ts";
import { listOutdated, type OutdatedApprovals } from "../environments/index.ts";
import { Fault, LimitedFault, type EnvironmentFacts, type Report, type SinceApproval } from "../model/index.ts";
import type { RuledPlace } from "./decide-environments.ts";
import { findOrganization } from "./find-organization.ts";
import type { JobServices } from "./services.ts";

/** Earlier states that are compared with the one of now; who approved further ones is named by the check. */
const MOST_COMPARED = 2;

/** What differs, rendered, from what was approved, for approvals that died of it: the newest first. */
export async function compareApproved(
  facts: EnvironmentFacts,
  rules: RuleSet,
  place: Pick<RuledPlace, "repository" | "pullRequest" | "baseSha">,
  services: JobServices,
): Promise<readonly SinceApproval[]> {
  const compared: SinceApproval[] = [];
  for (const outdated of listOutdated(facts, rules).slice(0, MOST_COMPARED)) {
    const [{ headSha } = { headSha: "" }] = outdated.given;
    const by = [...new Set(outdated.given.map(({ actor }) => actor.login))];
    const report = await compare(outdated, place, services);
    compared.push({ by, headSha, changed: outdated.changed, report });
  }
  return compared;
}

/** Undefined where it cannot be done now: the check names what changed all the same. */
async function compare(
  { given: [newest] }: OutdatedApprovals,
  { repository, pullRequest, baseSha }: Pick<RuledPlace, "repository" | "pullRequest" | "baseSha">,
  services: JobServices,
): Promise<Report | undefined> {
  if (newest?.base === undefined) return undefined;
  const { number, baseRef, headRef, headSha } = pullRequest;
  const earlier = { headSha: newest.headSha, baseRef: newest.base.ref, baseSha: newest.base.sha };
  const organization = await findOrganization(repository, services);
  try {
    return await services.checker.compareHeads({
      ...{ repository, number, baseRef, baseSha, headRef, headSha, earlier, organization },
    });
  } catch (fault) {
    if (!(fault instanceof Fault) || fault instanceof LimitedFault) throw fault;
    services.log.warn({ repository: repository.repositoryId, number }, "an approved tree could not be compared");
    return undefined;
  }
}
