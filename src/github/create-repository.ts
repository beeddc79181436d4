import { z } from "zod";
import type { GitHubRepository } from "../jobs/ports.ts";
import { AccessLostFault, type PullRequest } from "../model/index.ts";
import {
  hasMergeQueue,
  listRequiredChecks,
  readBranchFacts,
  requiresResolvedConversations,
  type RequiredChecks,
} from "./branch-rules.ts";
import type { RepositoryCaller } from "./call-repository.ts";
import { createCheckRun, findOwnCheckRuns, isRerunAsked, updateCheckRun } from "./check-runs.ts";
import * as comments from "./comments.ts";
import { addLabels, ensureLabel, removeLabel } from "./labels.ts";
import { listCommits, readCommit } from "./list-commits.ts";
import { listReviews } from "./list-reviews.ts";
import { listFiles, readFile } from "./read-files.ts";
import { mergePullRequest, readMergeability } from "./merge-pull-request.ts";
import { readMembership } from "./read-membership.ts";
import { readRole } from "./read-role.ts";
import { resolveThread } from "./resolve-thread.ts";
import { createReview } from "./reviews.ts";
import { pullRequestSchema } from "./schemas.ts";

/** A repository with what `doctor` reads beside what the jobs need. */
export interface GitHubRepositoryClient extends GitHubRepository {
  /** What the branch requires, and whether somebody may go around it. */
  listRequiredChecks(branch: string): Promise<RequiredChecks>;
}

/** One repository through its caller. `botId` gives the user id of the App's bot, which review comments are by. */
export function createRepository(
  caller: RepositoryCaller,
  appId: number,
  botId: (caller: RepositoryCaller) => Promise<number>,
): GitHubRepositoryClient {
  return {
    ...readPullRequests(caller),
    readFacts: () => caller.readFacts(),
    readBranch: async (branch) => (await readBranchFacts(caller, branch))?.commit.sha,
    readRole: (actor) => readRole(caller, actor),
    isTeamMember: (slug, actor) => readMembership(caller, slug, actor),
    listReviews: (number) => listReviews(caller, number),
    listCommits: (number) => listCommits(caller, number),
    readCommit: (ref) => readCommit(caller, ref),
    listFiles: (number) => listFiles(caller, number),
    readFile: (path, commit) => readFile(caller, path, commit),
    requiresResolvedConversations: (branch) => requiresResolvedConversations(caller, branch),
    hasMergeQueue: (branch) => hasMergeQueue(caller, branch),
    readMergeability: (number) => readMergeability(caller, number),
    mergePullRequest: (number, headSha, method) => mergePullRequest(caller, number, headSha, method),
    listRequiredChecks: (branch) => listRequiredChecks(caller, branch),

    readComment: (id) => comments.readComment(caller, appId, id),
    listCommentsSince: (since) => comments.listCommentsSince(caller, appId, since),
    findOwnCheckRuns: (headSha) => findOwnCheckRuns(caller, appId, headSha),
    isRerunAsked: (headSha) => isRerunAsked(caller, appId, headSha),
    findOwnComments: (number) => comments.findOwnComments(caller, appId, number),
    findOwnReviewComments: async (number) => await comments.findOwnReviewComments(caller, await botId(caller), number),

    createCheckRun: (headSha, check) => createCheckRun(caller, headSha, check),
    updateCheckRun: (id, check) => updateCheckRun(caller, id, check),
    createComment: (number, body) => comments.createComment(caller, number, body),
    updateComment: (id, body) => comments.updateComment(caller, id, body),
    deleteComment: (id) => comments.deleteComment(caller, id),
    createReview: (number, headSha, review, beforeWrite) => createReview(caller, number, headSha, review, beforeWrite),
    resolveThread: (number, commentId) => resolveThread(caller, number, commentId),
    react: (key, content) => comments.react(caller, key, content),
    hasReviewComment: (id) => comments.hasReviewComment(caller, id),
    ensureLabel: (label) => ensureLabel(caller, label),
    addLabels: (number, names) => addLabels(caller, number, names),
    removeLabel: (number, name) => removeLabel(caller, number, name),
  };
}

function readPullRequests(
  caller: RepositoryCaller,
): Pick<GitHubRepository, "readPullRequest" | "listOpenPullRequests" | "listMergedPullRequests"> {
  const own = (pullRequest: PullRequest): PullRequest => {
    if (pullRequest.repositoryId === caller.ref.repositoryId) return pullRequest;
    throw new AccessLostFault("not-found", `${caller.ref.owner}/${caller.ref.name} is another repository now`);
  };
  return {
    readPullRequest: async (number) => {
      const route = "GET /repos/{owner}/{repo}/pulls/{pull_number}";
      const found = await caller.find(route, pullRequestSchema, { pull_number: number });
      return found && own(found);
    },
    listOpenPullRequests: async (base) => {
      const parameters = { state: "open", ...(base === undefined ? {} : { base }) };
      const all = await caller.list("GET /repos/{owner}/{repo}/pulls", { entry: pullRequestSchema }, parameters);
      return all.map(own);
    },
    listMergedPullRequests: async (base) => {
      const parameters = { state: "closed", base, sort: "updated", direction: "desc", per_page: 100 };
      const newest = await caller.call("GET /repos/{owner}/{repo}/pulls", z.array(pullRequestSchema), parameters);
      return newest.map(own).filter(({ isMerged }) => isMerged);
    },
  };
}
