import type { ExceptionApproval } from "../../model/index.ts";
import { createEligibility } from "../approve-exceptions.ts";
import { asksForApprovals } from "../facts/asks-for-approvals.ts";
import type { JobServices } from "../services.ts";
import { judgeAgain, refuseCommand, type CommandPlace, type PlanCommand } from "./command.ts";
import { describeRefused, findScope, type ApprovalScope } from "./find-scope.ts";

/**
 * What somebody approves by a command: the change, in one environment or in all that they may approve, and without one
 * the exceptions that the checks named when it was given and that are for a team of theirs. Refused when something was
 * pushed since, which they had not seen (T14). Whether it counts is asked at each verdict.
 */
export const planApprove: PlanCommand<"approve"> = async ({ environment }, place, services) => {
  const { pullRequest, headSha, config } = place;
  const { records } = services;
  if (headSha === undefined || headSha !== pullRequest.headSha) return refuseCommand(UNSEEN);
  const isRuled = config.rules.environments.some(({ approvals }) => asksForApprovals(approvals));
  const { kind, approvals, why } = await planExceptions(environment, { ...place, headSha }, services);
  if (!isRuled && kind === "none") return refuseCommand(why);
  const scope: ApprovalScope =
    environment === undefined && isRuled
      ? await findScope(place, services.github.repository(place.repository))
      : { environments: [environment], refused: [] };
  const refused = describeRefused(scope);
  if (isRuled && scope.environments.length === 0 && kind === "none") return refuseCommand(refused);
  const carryOut = async () => {
    await records.keepApprovals(pullRequest, approvals);
    const isKept = !isRuled || (await recordApprovals(scope, { ...place, headSha }, services));
    const says = [...(isKept ? [] : [UNJUDGED]), ...(refused === "" ? [] : [refused])].join(" ");
    // Kept already: what is left is to ask whether that was all.
    return { says: says === "" ? undefined : says, intents: [judgeAgain(place, "edited")] };
  };
  return { kind: "planned", carryOut };
};

const UNSEEN = "this commit had not been checked when you wrote. Look at what the check says and approve again.";

const UNJUDGED =
  "Not done: nothing had been judged of this commit, for the branch that it is to be merged into now, when you wrote. Look at what the check says and approve again.";

/** Keeps somebody's word for what had been judged of a head when they gave it; false when nothing had been. */
async function recordApprovals(
  { environments }: ApprovalScope,
  { pullRequest, actor, sourceId, headSha, givenAt }: CommandPlace & { readonly headSha: string },
  { records }: Pick<JobServices, "records">,
): Promise<boolean> {
  const { baseRef } = pullRequest;
  const given = { actor, sourceId, headSha, baseRef, givenAt };
  let isKept = true;
  for (const environment of environments) {
    isKept = (await records.recordApproval(pullRequest, { ...given, environment })) && isKept;
  }
  return isKept;
}

/** Which exceptions it approves. One that names an environment is about no exception. */
async function planExceptions(
  environment: string | undefined,
  place: CommandPlace & { readonly headSha: string },
  services: JobServices,
): Promise<FoundApprovals> {
  if (environment !== undefined) return none("no environment here takes approvals.");
  const known = await services.records.readAsked(place.pullRequest);
  if (known.headSha !== place.headSha) return none(UNSEEN);
  if (known.asked.length === 0) return none("no exception of this pull request waits for an approval.");
  return await findApprovals(known.asked, place, services);
}

function none(why: string): FoundApprovals {
  return { kind: "none", approvals: [], why };
}

interface FoundApprovals {
  readonly kind: "found" | "none";
  readonly approvals: readonly ExceptionApproval[];
  /** Why there are none, the end of a sentence. */
  readonly why: string;
}

async function findApprovals(
  asked: Awaited<ReturnType<JobServices["records"]["readAsked"]>>["asked"],
  place: CommandPlace & { readonly headSha: string },
  { github }: JobServices,
): Promise<FoundApprovals> {
  const { actor, sourceId, headSha, givenAt } = place;
  const isEligible = createEligibility(place, github.repository(place.repository));
  const approvals: ExceptionApproval[] = [];
  const teams = new Set<string>();
  let isUnknown = false;
  for (const one of asked) {
    const answer = await isEligible(actor, one.team);
    if (answer === "yes") {
      approvals.push({ asked: one, actor, source: "comment", sourceId, headSha, givenAt });
    } else teams.add(one.team ?? "");
    isUnknown ||= answer === "unknown";
  }
  if (approvals.length > 0) return { kind: "found", approvals, why: "" };
  const unknown = isUnknown ? "; GitHub does not tell whether you are" : "";
  return none(`${describeTeams([...teams].sort())}${unknown}.`);
}

/** Slugs are letters, digits and dashes (the config's schema holds that): nothing in them is active in Markdown. */
function describeTeams(teams: readonly string[]): string {
  const named = teams.filter((team) => team !== "").map((team) => `\`${team}\``);
  const whose = named.length === 0 ? [] : [`a member of team ${named.join(" or ")}`];
  const maintainer = teams.includes("") ? ["somebody who maintains this repository"] : [];
  return `what waits here takes ${[...whose, ...maintainer].join(", or ")}`;
}
