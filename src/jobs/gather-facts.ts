import type { RuleSet } from "../config/index.ts";
import { digestReport, listChanges } from "../environments/index.ts";
import type { EnvironmentFacts, Opening, PullRequest, Report, RuledPullRequest } from "../model/index.ts";
import type { RuledPlace } from "./decide-environments.ts";
import { gatherApprovals } from "./facts/gather-approvals.ts";
import { gatherContributors } from "./facts/gather-contributors.ts";
import { gatherLabelers } from "./facts/gather-labelers.ts";
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
  const [contributors, approvals, overrides, stops, promotions, owners, labelers, opening] = await Promise.all([
    gatherContributors(changes, rules, place, services),
    gatherApprovals(changes, rules, place, services),
    gatherOverrides(place, services),
    gatherStops(changes, rules, place, services),
    gatherPromotions(changes, rules, place, services),
    gatherOwners(changes, rules, place, services),
    gatherLabelers(changes, rules, place, services),
    readOpening(place, services),
  ]);
  const asked = listAsked(changes, rules, place.pullRequest, { approvals, overrides, owners, labelers });
  const people = await gatherStandings(asked, place, services);
  return {
    now: services.now(),
    pullRequest: toRuled(place.pullRequest, opening),
    reported: digestReport(report),
    ...{ changes, contributors, approvals, overrides, stops, labelers, promotions, owners, people },
  };
}

function toRuled(
  { number, author, headRef, baseRef, headSha, isFork, isDraft, labels }: PullRequest,
  opening: Opening | undefined,
): RuledPullRequest {
  return {
    ...{ number, author, requestedBy: opening?.requestedBy, headRef, baseRef, headSha, isFork, isDraft },
    labels: labels.toSorted(),
    kind: opening?.kind,
  };
}

/** One that somebody else pushed to is not what Drydock opened any more. */
async function readOpening(
  { pullRequest }: Pick<RuledPlace, "pullRequest">,
  { records }: Pick<JobServices, "records">,
): Promise<Opening | undefined> {
  const opening = await records.readOpening(pullRequest);
  if (opening?.kind === undefined) return opening;
  const pushes = await records.listPushes(pullRequest);
  const isOwn = pushes.length > 0 && pushes.every(({ actor }) => actor.id === pullRequest.author?.id);
  return isOwn ? opening : { ...opening, kind: undefined };
}
