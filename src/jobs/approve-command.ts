import type { ExceptionApproval, PullRequest } from "../model/index.ts";
import { createEligibility } from "./approve-exceptions.ts";
import type { GitHubRepository, StoredCommand } from "./ports.ts";
import type { JobServices } from "./services.ts";

/** What `/drydock approve` comes to, before anything is done. */
export type PlannedApproval =
  | { readonly kind: "approves"; readonly approvals: readonly ExceptionApproval[] }
  | { readonly kind: "refused"; readonly why: string };

/**
 * The exceptions that somebody approves by a command: those that the checks named when the comment was posted, and that
 * are for a team of theirs to approve. Refused when something was pushed since, which they had not seen (T14).
 */
export async function planApproval(
  { repository, commentId, actor, headSha }: StoredCommand,
  pullRequest: PullRequest,
  permissions: Readonly<Record<string, string>>,
  api: GitHubRepository,
  { records }: JobServices,
): Promise<PlannedApproval> {
  const known = await records.readAsked(pullRequest);
  if (headSha === undefined || headSha !== pullRequest.headSha || known.headSha !== headSha) {
    return refused("this commit had not been checked when you wrote. Look at what the check says and approve again.");
  }
  if (known.asked.length === 0) return refused("no exception of this pull request waits for an approval.");
  const isEligible = createEligibility({ repository, pullRequest, permissions }, api);
  const approvals: ExceptionApproval[] = [];
  const teams = new Set<string>();
  let isUnknown = false;
  for (const asked of known.asked) {
    const answer = await isEligible(actor, asked.team);
    if (answer === "yes") approvals.push({ asked, actor, source: "comment", sourceId: commentId, headSha });
    else teams.add(asked.team ?? "");
    isUnknown ||= answer === "unknown";
  }
  if (approvals.length > 0) return { kind: "approves", approvals };
  return refused(`${describeTeams([...teams].sort())}${isUnknown ? "; GitHub does not tell whether you are" : ""}.`);
}

function refused(why: string): PlannedApproval {
  return { kind: "refused", why };
}

/** Slugs are letters, digits and dashes (the config's schema holds that): nothing in them is active in Markdown. */
function describeTeams(teams: readonly string[]): string {
  const named = teams.filter((team) => team !== "").map((team) => `\`${team}\``);
  const whose = named.length === 0 ? [] : [`a member of team ${named.join(" or ")}`];
  const maintainer = teams.includes("") ? ["somebody who maintains this repository"] : [];
  return `what waits here takes ${[...whose, ...maintainer].join(", or ")}`;
}
