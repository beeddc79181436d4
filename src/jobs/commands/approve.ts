import type { ExceptionApproval } from "../../model/index.ts";
import { createEligibility } from "../approve-exceptions.ts";
import type { JobServices } from "../services.ts";
import { judgeAgain, refuseCommand, type CommandPlace, type PlanCommand } from "./command.ts";

/**
 * The exceptions that somebody approves by a command: those that the checks named when the comment was posted, and that
 * are for a team of theirs to approve. Refused when something was pushed since, which they had not seen (T14).
 */
export const planApprove: PlanCommand<"approve"> = async ({ environment }, place, services) => {
  if (environment !== undefined) return refuseCommand("environments cannot be approved by a command yet.");
  const { pullRequest, headSha } = place;
  const { records } = services;
  const known = await records.readAsked(pullRequest);
  if (headSha === undefined || headSha !== pullRequest.headSha || known.headSha !== headSha) {
    return refuseCommand(
      "this commit had not been checked when you wrote. Look at what the check says and approve again.",
    );
  }
  if (known.asked.length === 0) return refuseCommand("no exception of this pull request waits for an approval.");
  const found = await findApprovals(known.asked, { ...place, headSha }, services);
  if (found.kind === "none") return refuseCommand(found.why);
  const carryOut = async () => {
    await records.keepApprovals(pullRequest, found.approvals);
    // Kept already: what is left is to ask whether that was all.
    return { intents: [judgeAgain(place, "edited")] };
  };
  return { kind: "planned", carryOut };
};

type FoundApprovals =
  | { readonly kind: "found"; readonly approvals: readonly ExceptionApproval[] }
  | { readonly kind: "none"; readonly why: string };

async function findApprovals(
  asked: Awaited<ReturnType<JobServices["records"]["readAsked"]>>["asked"],
  place: CommandPlace & { readonly headSha: string },
  { github }: JobServices,
): Promise<FoundApprovals> {
  const { actor, sourceId, headSha } = place;
  const isEligible = createEligibility(place, github.repository(place.repository));
  const approvals: ExceptionApproval[] = [];
  const teams = new Set<string>();
  let isUnknown = false;
  for (const one of asked) {
    const answer = await isEligible(actor, one.team);
    if (answer === "yes") {
      approvals.push({ asked: one, actor, source: "comment", sourceId, headSha });
    } else teams.add(one.team ?? "");
    isUnknown ||= answer === "unknown";
  }
  if (approvals.length > 0) return { kind: "found", approvals };
  const unknown = isUnknown ? "; GitHub does not tell whether you are" : "";
  return { kind: "none", why: `${describeTeams([...teams].sort())}${unknown}.` };
}

/** Slugs are letters, digits and dashes (the config's schema holds that): nothing in them is active in Markdown. */
function describeTeams(teams: readonly string[]): string {
  const named = teams.filter((team) => team !== "").map((team) => `\`${team}\``);
  const whose = named.length === 0 ? [] : [`a member of team ${named.join(" or ")}`];
  const maintainer = teams.includes("") ? ["somebody who maintains this repository"] : [];
  return `what waits here takes ${[...whose, ...maintainer].join(", or ")}`;
}
