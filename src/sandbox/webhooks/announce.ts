import { listCommits, readCommit, type CommitFacts } from "../git/index.ts";
import type { Repository } from "../world/entities.ts";
import type { WorldEvent } from "../world/events.ts";
import { fullName } from "../world/repositories.ts";
import { read, select, type World } from "../world/store.ts";
import { announceInstallation } from "./announce-installation.ts";
import type { Announcement } from "./announcement.ts";
import { describeAccount, describeOrganization } from "./shapes/account.ts";
import { describeCheckRun, describeCheckSuite } from "./shapes/checks.ts";
import { describePushedCommit, describeSimpleCommit, describeStatusCommit } from "./shapes/commit.ts";
import {
  describeComment,
  describeIssue,
  describeReview,
  describeReviewComment,
  describeThread,
} from "./shapes/conversation.ts";
import type { Json } from "./shapes/json.ts";
import { describeLabel } from "./shapes/label.ts";
import { describeForReview, describePullRequest } from "./shapes/pull-request.ts";
import { describeRepository } from "./shapes/repository.ts";

/** GitHub lists no more commits in a push. */
const MOST_COMMITS = 2048;
const NOTHING = /^0+$/u;

type Of<K extends WorldEvent["kind"]> = Extract<WorldEvent, { readonly kind: K }>;

/**
 * What GitHub tells Apps of a change, with the picture taken now; undefined for what this stand-in sends no webhook
 * about.
 */
export function announce(world: World, event: WorldEvent): Announcement | undefined {
  switch (event.kind) {
    case "pull_request":
      return announcePullRequest(world, event);
    case "push":
      return announcePush(world, event);
    case "repository":
      return announceRepository(world, event);
    case "membership":
      return announceMembership(world, event);
    case "installation":
    case "installation_repositories":
      return announceInstallation(world, event);
    case "check_run":
      return announceCheckRun(world, event);
    case "check_suite":
      return announceCheckSuite(world, event);
    case "issue_comment":
      return announceComment(world, event);
    case "pull_request_review":
      return announceReview(world, event);
    case "pull_request_review_thread":
      return announceThread(world, event);
    case "merge_group":
      return announceMergeGroup(world, event);
    case "label":
      return inRepository(world, event, event.label.repositoryId, { label: describeLabel(world, event.label) });
    case "status":
      return announceStatus(world, event);
    case "pull_request_review_comment":
      return announceReviewComment(world, event);
    case "issues":
    case "deployment":
    case "deployment_status":
      return undefined;
  }
}

/** The parts that every event of a repository has around its own. */
function inRepository(
  world: World,
  event: WorldEvent,
  repositoryId: number,
  own: Json | Promise<Json>,
  appId?: number,
): Announcement {
  const repository = read(world, "repositories", { id: repositoryId });
  const action = "action" in event ? event.action : undefined;
  const around = {
    repository: event.kind === "push" ? describePushed(world, repository) : describeRepository(world, repository),
    ...organizationOf(world, repository),
    sender: describeAccount(world, event.senderId),
  };
  const join = (parts: Json): Json => ({ ...(action === undefined ? {} : { action }), ...parts, ...around });
  const payload = own instanceof Promise ? own.then(join) : join(own);
  return { event: event.kind, action, payload, to: { kind: "repository", id: repositoryId }, appId };
}

function organizationOf(world: World, repository: Repository): Json {
  const organization = describeOrganization(world, repository.ownerId);
  return organization === undefined ? {} : { organization };
}

/** Pushes have a few times as seconds since 1970. */
function describePushed(world: World, repository: Repository): Json {
  const seconds = (time: string): number => Math.floor(Date.parse(time) / 1000);
  const owner = read(world, "accounts", { id: repository.ownerId });
  return {
    ...describeRepository(world, repository),
    owner: { ...describeAccount(world, owner.id), name: owner.login, email: null },
    created_at: seconds(repository.createdAt),
    pushed_at: seconds(repository.pushedAt),
    stargazers: 0,
    master_branch: repository.defaultBranch,
    ...(owner.type === "Organization" ? { organization: owner.login } : {}),
  };
}

function announcePullRequest(world: World, event: Of<"pull_request">): Announcement {
  const pullRequest = read(world, "pullRequests", { id: event.pullRequestId });
  const shown = describePullRequest(world, pullRequest);
  const own = { number: pullRequest.number, pull_request: shown, ...detailsOf(world, event) };
  return inRepository(world, event, pullRequest.repositoryId, own);
}

function detailsOf(world: World, event: Of<"pull_request">): Json {
  switch (event.action) {
    case "synchronize":
      return { before: event.before, after: event.after };
    case "labeled":
    case "unlabeled":
      return { label: describeLabel(world, event.label) };
    case "edited":
      return { changes: describeChanges(event.from) };
    case "dequeued":
      return { reason: event.reason };
    default:
      return {};
  }
}

function describeChanges(from: Extract<Of<"pull_request">, { readonly action: "edited" }>["from"]): Json {
  return {
    ...(from.title === undefined ? {} : { title: { from: from.title } }),
    ...("body" in from ? { body: { from: from.body ?? "" } } : {}),
    ...(from.base === undefined ? {} : { base: { ref: { from: from.base.ref }, sha: { from: from.base.sha } } }),
  };
}

function announcePush(world: World, event: Of<"push">): Announcement {
  const repository = read(world, "repositories", { id: event.repositoryId });
  const page = `${world.addresses.web}/${fullName(world, repository)}`;
  const pusher = read(world, "accounts", { id: event.senderId }).login;
  return inRepository(
    world,
    event,
    repository.id,
    readPushed(repository, event).then((commits) => ({
      ref: event.ref,
      before: event.before,
      after: event.after,
      created: NOTHING.test(event.before),
      deleted: NOTHING.test(event.after),
      forced: event.isForced,
      base_ref: null,
      compare: `${page}/compare/${event.before.slice(0, 12)}...${event.after.slice(0, 12)}`,
      commits: commits.slice(0, MOST_COMMITS).map((commit) => describePushedCommit(commit, page)),
      head_commit: commits.slice(-1).map((commit) => describePushedCommit(commit, page))[0] ?? null,
      pusher: { name: pusher, email: `${pusher}@users.noreply.github.com` },
    })),
  );
}

async function readPushed(repository: Repository, { before, after }: Of<"push">): Promise<readonly CommitFacts[]> {
  if (NOTHING.test(after)) return [];
  const commits = NOTHING.test(before) ? [] : await listCommits(repository, before, after);
  return commits.length > 0 ? commits : [await readCommit(repository, after)];
}

function announceMembership(world: World, event: Of<"membership">): Announcement {
  const { id, slug, name, privacy, organizationId } = read(world, "teams", { id: event.teamId });
  const { action } = event;
  const payload = {
    ...{ action, scope: "team", team: { id, slug, name, privacy } },
    member: describeAccount(world, event.memberId),
    ...{ organization: describeOrganization(world, organizationId), sender: describeAccount(world, event.senderId) },
  };
  return { event: event.kind, action, payload, to: { kind: "account", id: organizationId } };
}

function announceRepository(world: World, event: Of<"repository">): Announcement {
  return inRepository(world, event, event.repositoryId, changesOf(world, event));
}

function changesOf(world: World, event: Of<"repository">): Json {
  switch (event.action) {
    case "renamed":
      return { changes: { repository: { name: { from: event.from } } } };
    case "transferred": {
      const organization = describeOrganization(world, event.fromOwnerId);
      const from = organization === undefined ? { user: describeAccount(world, event.fromOwnerId) } : { organization };
      return { changes: { owner: { from } } };
    }
    case "edited":
      return { changes: {} };
    default:
      return {};
  }
}

function announceCheckRun(world: World, event: Of<"check_run">): Announcement {
  const run = read(world, "checkRuns", { id: event.checkRunId });
  const isRequest = event.action === "rerequested" || event.action === "requested_action";
  const asked = event.action === "requested_action" ? { requested_action: { identifier: event.identifier } } : {};
  const own = { check_run: describeCheckRun(world, run), ...asked };
  return inRepository(world, event, run.repositoryId, own, isRequest ? run.appId : undefined);
}

function announceCheckSuite(world: World, event: Of<"check_suite">): Announcement {
  const suite = read(world, "checkSuites", { id: event.checkSuiteId });
  const shown = describeCheckSuite(world, suite);
  const own = readCommit(read(world, "repositories", { id: suite.repositoryId }), suite.headSha).then((commit) => ({
    check_suite: { ...shown, head_commit: describeSimpleCommit(commit) },
  }));
  return inRepository(world, event, suite.repositoryId, own, event.action === "completed" ? undefined : suite.appId);
}

function announceComment(world: World, event: Of<"issue_comment">): Announcement | undefined {
  const { comment } = event;
  const isIts = (one: { readonly repositoryId: number; readonly number: number }): boolean =>
    one.repositoryId === comment.repositoryId && one.number === comment.number;
  const issue = select(world, "pullRequests", isIts)[0] ?? select(world, "issues", isIts)[0];
  if (issue === undefined) return undefined;
  return inRepository(world, event, comment.repositoryId, {
    issue: describeIssue(world, issue),
    comment: describeComment(world, comment, issue),
    ...(event.action === "edited" ? { changes: { body: { from: event.fromBody } } } : {}),
  });
}

function announceReview(world: World, event: Of<"pull_request_review">): Announcement {
  const review = read(world, "reviews", { id: event.reviewId });
  const pullRequest = read(world, "pullRequests", { id: review.pullRequestId });
  return inRepository(world, event, pullRequest.repositoryId, {
    review: describeReview(world, review, pullRequest),
    pull_request: describeForReview(world, pullRequest),
    ...(event.action === "edited" ? { changes: {} } : {}),
  });
}

function announceReviewComment(world: World, event: Of<"pull_request_review_comment">): Announcement {
  const { comment } = event;
  const pullRequest = read(world, "pullRequests", { id: comment.pullRequestId });
  return inRepository(world, event, pullRequest.repositoryId, {
    comment: describeReviewComment(world, comment, pullRequest),
    pull_request: describeForReview(world, pullRequest),
    ...(event.action === "edited" ? { changes: {} } : {}),
  });
}

function announceThread(world: World, event: Of<"pull_request_review_thread">): Announcement {
  const thread = read(world, "reviewThreads", { id: event.threadId });
  const pullRequest = read(world, "pullRequests", { id: thread.pullRequestId });
  return inRepository(world, event, pullRequest.repositoryId, {
    thread: describeThread(world, thread, pullRequest),
    pull_request: describeForReview(world, pullRequest),
  });
}

function announceMergeGroup(world: World, event: Of<"merge_group">): Announcement {
  const group = read(world, "mergeGroups", { id: event.mergeGroupId });
  const repository = read(world, "repositories", { id: group.repositoryId });
  const own = readCommit(repository, group.headSha).then((commit) => ({
    ...(event.action === "destroyed" ? { reason: event.reason } : {}),
    merge_group: {
      head_sha: group.headSha,
      head_ref: `refs/heads/${group.headRef}`,
      base_sha: group.baseSha,
      base_ref: `refs/heads/${group.baseRef}`,
      head_commit: describeSimpleCommit(commit),
    },
  }));
  return inRepository(world, event, group.repositoryId, own);
}

function announceStatus(world: World, event: Of<"status">): Announcement {
  const status = read(world, "statuses", { id: event.statusId });
  const repository = read(world, "repositories", { id: status.repositoryId });
  const full = fullName(world, repository);
  const api = `${world.addresses.api}/repos/${full}`;
  const onIt = [...repository.branches].filter(([, sha]) => sha === status.sha);
  const own = readCommit(repository, status.sha).then((commit) => ({
    id: status.id,
    sha: status.sha,
    name: full,
    target_url: status.targetUrl ?? null,
    avatar_url: null,
    context: status.context,
    description: status.description ?? null,
    state: status.state,
    commit: describeStatusCommit(commit, api, `${world.addresses.web}/${full}`),
    branches: onIt.map(([name, sha]) => ({ name, commit: { sha, url: `${api}/commits/${sha}` }, protected: false })),
    created_at: status.createdAt,
    updated_at: status.createdAt,
  }));
  return inRepository(world, event, repository.id, own);
}
