import type { Actor, AskedException, ExceptionApproval, PullRequest, SubmittedReview } from "../model/index.ts";
import { isMaintainer } from "../commands/index.ts";
import { isTakenBack, listLastWords, readReviews } from "./last-words.ts";
import { isPermitted } from "./permissions.ts";
import { findTeamSlug } from "./find-team-slug.ts";
import type { GitHubRepository, RepositoryFacts, StartedJudgement } from "./ports.ts";
import type { JobServices } from "./services.ts";

/** Where somebody's right to approve is asked: the pull request whose exceptions they are, as it is now. */
export interface ApprovalPlace {
  readonly repository: RepositoryFacts;
  readonly pullRequest: Pick<PullRequest, "repositoryId" | "number" | "author" | "headSha">;
  readonly permissions: StartedJudgement["permissions"];
}

export interface ApprovedException extends AskedException {
  /** Whose word it is, for the audit trail. */
  readonly approval: string;
}

/** Yes, no, or that nobody tells who is in the team. */
export type Eligibility = "yes" | "no" | "unknown";

/**
 * The exceptions that somebody who may has approved, by a command or by a review that stands. A review of this very
 * commit approves what waits on it and is kept, bound to each exception and resource; an earlier one approves what it was
 * kept for. Who may is asked of GitHub now, never remembered.
 */
export async function findApproved(
  asked: readonly AskedException[],
  place: ApprovalPlace,
  services: JobServices,
): Promise<readonly ApprovedException[]> {
  if (asked.length === 0) return [];
  const { records, github } = services;
  const { repository, pullRequest } = place;
  const api = github.repository(repository);
  const reviews = await readReviews(api, pullRequest);
  const lastWords = listLastWords(reviews);
  const kept = (await records.listApprovals(pullRequest)).filter((one) => stands(one, reviews, lastWords));
  const fresh = [...lastWords.values()].filter(({ state, headSha }) => {
    return state === "approved" && headSha === pullRequest.headSha;
  });
  const isEligible = createEligibility(place, api);
  const approved: ApprovedException[] = [];
  const added: ExceptionApproval[] = [];
  for (const exception of asked) {
    const words = [
      ...kept.filter((one) => isSameException(one.asked, exception)),
      ...fresh.flatMap((review) => bindReview(review, exception, services.now())),
    ];
    const counted: ExceptionApproval[] = [];
    for (const word of words) if ((await isEligible(word.actor, exception.team)) === "yes") counted.push(word);
    const [first] = counted;
    if (first === undefined) continue;
    approved.push({ ...exception, approval: `${first.source} ${first.sourceId} of ${first.actor.login}` });
    added.push(...counted);
  }
  if (added.length > 0) await records.keepApprovals(pullRequest, added);
  return approved;
}

/** As `findApproved`, for a merge group: by what was approved in the open pull requests onto its branch. */
export async function findApprovedInQueue(
  asked: readonly AskedException[],
  { repository, permissions }: Omit<ApprovalPlace, "pullRequest">,
  baseRef: string,
  services: JobServices,
): Promise<readonly ApprovedException[]> {
  if (asked.length === 0) return [];
  const { records, github } = services;
  const approved = new Map<AskedException, ApprovedException>();
  for (const key of await records.listApproved(repository.repositoryId, baseRef)) {
    const pullRequest = await github.repository(repository).readPullRequest(key.number);
    if (pullRequest?.isOpen !== true) continue;
    // A review here says nothing about the other pull requests of the group.
    const known = await records.listApprovals(key);
    const own = asked.filter((one) => known.some((kept) => isSameException(kept.asked, one)));
    const found = await findApproved(own, { repository, pullRequest, permissions }, services);
    for (const one of own) {
      const yes = found.find((other) => isSameException(other, one));
      if (yes !== undefined) approved.set(one, yes);
    }
  }
  return [...approved.values()];
}

/**
 * Whether somebody may approve exceptions that are for a team to approve: a person with write access who is not the
 * author and a member of it; where no team is named, somebody who maintains the repository. Each is asked once.
 */
export function createEligibility(
  { repository, pullRequest, permissions }: ApprovalPlace,
  api: Pick<GitHubRepository, "readRole" | "isTeamMember">,
): (actor: Actor, team: string | undefined) => Promise<Eligibility> {
  const known = new Map<string, Promise<Eligibility>>();
  const ask = async (actor: Actor, team: string | undefined): Promise<Eligibility> => {
    if (actor.type !== "User" || actor.id === pullRequest.author?.id) return "no";
    const role = await api.readRole(actor);
    if (!isMaintainer(role)) return "no";
    if (team === undefined) return role === "maintain" || role === "admin" ? "yes" : "no";
    const slug = findTeamSlug(team, repository.owner);
    if (slug === undefined || !isPermitted(permissions, "members", "read")) return "unknown";
    const isMember = await api.isTeamMember(slug, actor);
    return isMember === undefined ? "unknown" : isMember ? "yes" : "no";
  };
  return (actor, team) => {
    const key = JSON.stringify([actor.id, actor.login, team]);
    const asked = known.get(key) ?? ask(actor, team);
    known.set(key, asked);
    return asked;
  };
}

/** One sentence where exceptions wait because nobody may be asked who is in their team. */
export function describeUnknownTeams(
  asked: readonly AskedException[],
  { repository, permissions }: Omit<ApprovalPlace, "pullRequest">,
): string | undefined {
  const teams = [...new Set(asked.flatMap(({ team }) => team ?? []))];
  if (teams.length === 0) return undefined;
  if (!isPermitted(permissions, "members", "read")) {
    return "Exceptions wait: the App has no permission `members: read` here, so nobody's team is known.";
  }
  if (teams.every((team) => findTeamSlug(team, repository.owner) !== undefined)) return undefined;
  return "Exceptions wait: a team that is to approve them is of another organization, whose members are not known here.";
}

export function isSameException(left: ExceptionApproval["asked"], right: ExceptionApproval["asked"]): boolean {
  return left.rule === right.rule && left.resource === right.resource && left.text === right.text;
}

/** A review counts until it is dismissed or its author's last word is another; a command until a review takes it back. */
function stands(
  { actor, source, sourceId, givenAt }: ExceptionApproval,
  reviews: readonly SubmittedReview[],
  lastWords: ReadonlyMap<number, SubmittedReview>,
): boolean {
  const last = lastWords.get(actor.id);
  if (source === "comment") return !isTakenBack(last, { givenAt });
  return last?.state === "approved" && reviews.some(({ id, state }) => id === sourceId && state === "approved");
}

function bindReview(
  { id, author, headSha, submittedAt }: SubmittedReview,
  asked: AskedException,
  now: number,
): readonly ExceptionApproval[] {
  if (author === undefined || headSha === undefined) return [];
  return [{ asked, actor: author, source: "review", sourceId: id, headSha, givenAt: submittedAt ?? now }];
}
