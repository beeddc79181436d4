import type { RuleSet } from "../config/index.ts";
import { digestReport, listChanges } from "../environments/index.ts";
import type { EnvironmentFacts, PullRequest, Report, RuledPullRequest } from "../model/index.ts";
import type { RuledPlace } from "./decide-environments.ts";
import { gatherApprovals } from "./facts/gather-approvals.ts";
import { gatherContributors } from "./facts/gather-contributors.ts";
import { gatherOverrides } from "./facts/gather-overrides.ts";
import { gatherOwners } from "./facts/gather-owners.ts";
import { gatherPromotions } from "./facts/gather-promotions.ts";
import { gatherStandings } from "./facts/gather-standings.ts";
import { listAsked } from "./facts/list-asked.ts";
import { gatherStops } from "./facts/gather-stops.ts";
import type { JobServices } from "./services.ts";

/** Reads everything that the rules ask for over what a report says changes, and nothing that they do not. */
export async function gatherFacts(
  report: Report,
  rules: RuleSet,
  place: RuledPlace,
  services: JobServices,
): Promise<EnvironmentFacts> {
  const changes = listChanges(report, rules, place.pullRequest.baseRef);
  const [contributors, approvals, overrides, stops, promotions, owners] = await Promise.all([
    gatherContributors(changes, rules, place, services),
    gatherApprovals(changes, rules, place, services),
    gatherOverrides(place, services),
    gatherStops(changes, rules, place, services),
    gatherPromotions(changes, rules, place, services),
    gatherOwners(changes, rules, place, services),
  ]);
  const asked = listAsked(changes, rules, place.pullRequest, { approvals, overrides, owners });
  const people = await gatherStandings(asked, place, services);
  return {
    now: services.now(),
    pullRequest: toRuled(place.pullRequest),
    reported: digestReport(report),
    ...{ changes, contributors, approvals, overrides, stops, promotions, owners, people },
  };
}

function toRuled({
  number,
  author,
  headRef,
  baseRef,
  headSha,
  isFork,
  isDraft,
  labels,
}: PullRequest): RuledPullRequest {
  return {
    ...{ number, author, requestedBy: undefined, headRef, baseRef, headSha, isFork, isDraft },
    labels: labels.toSorted(),
    kind: undefined,
  };
}
