import type { z } from "zod";
import { mayHoldCommand } from "../commands/index.ts";
import {
  ORGANIZATION_REPOSITORY,
  RERUN_ACTION,
  type CommandSource,
  type Delivery,
  type Intent,
  type JudgeReason,
  type Lane,
  type RepositoryRef,
} from "../model/index.ts";
import * as payloads from "./payload.ts";

/** What the receiver knows of a delivery beside its payload. */
export interface DeliveryHeaders {
  readonly id: string;
  readonly event: string;
}

/**
 * What a verified webhook means for Drydock. Total: an event that is not known means nothing, and one whose payload is
 * not as GitHub describes it means nothing and says so in `problem`; the sweep finds what was in it.
 */
export function readDelivery({ id, event }: DeliveryHeaders, payload: unknown, appId: number): Delivery {
  const read = READERS.get(event);
  const { action, installationId } = readEnvelope(payload);
  const delivery = { id, event, action, installationId };
  if (read === undefined) return { ...delivery, intents: [] };
  const reading = read(payload, appId);
  if (reading.kind === "read") return { ...delivery, intents: reading.intents };
  return { ...delivery, intents: [], problem: reading.problem };
}

function readEnvelope(payload: unknown): Pick<Delivery, "action" | "installationId"> {
  const { action, installation } = Object(payload) as { action?: unknown; installation?: { id?: unknown } | null };
  const id = installation?.id;
  return {
    action: typeof action === "string" ? action.slice(0, 64) : undefined,
    installationId: typeof id === "number" && Number.isSafeInteger(id) ? id : undefined,
  };
}

type Reading =
  | { readonly kind: "read"; readonly intents: readonly Intent[] }
  | { readonly kind: "malformed"; readonly problem: string };
type Reader = (payload: unknown, appId: number) => Reading;

function reader<T>(
  schema: z.ZodType<T>,
  toIntents: (payload: T, appId: number) => readonly (Intent | undefined)[],
): Reader {
  return (payload, appId) => {
    const parsed = schema.safeParse(payload);
    if (parsed.success) {
      const intents = toIntents(parsed.data, appId).filter((intent) => intent !== undefined);
      return { kind: "read", intents };
    }
    const [issue] = parsed.error.issues;
    return { kind: "malformed", problem: `unexpected payload at ${issue?.path.join(".") ?? "its root"}` };
  };
}

// A map, because an event can be called anything, `constructor` too.
const READERS: ReadonlyMap<string, Reader> = new Map([
  [
    "pull_request",
    reader(payloads.pullRequestEvent, (event) => [readPusher(event), readLabeler(event), readPullRequest(event)]),
  ],
  [
    "pull_request_review",
    reader(payloads.pullRequestReviewEvent, (event) => [...readReview(event), readReviewText(event)]),
  ],
  [
    "pull_request_review_comment",
    reader(payloads.pullRequestReviewCommentEvent, (event) => [readReviewComment(event)]),
  ],
  ["push", reader(payloads.pushEvent, readPush)],
  ["check_run", reader(payloads.checkRunEvent, (event, appId) => [readCheckRun(event, appId)])],
  ["check_suite", reader(payloads.checkSuiteEvent, (event, appId) => [readCheckSuite(event, appId)])],
  ["merge_group", reader(payloads.mergeGroupEvent, (event) => [readMergeGroup(event)])],
  ["issue_comment", reader(payloads.issueCommentEvent, (event) => [readComment(event)])],
  ["installation", reader(payloads.installationEvent, (event) => [readInstallation(event)])],
  ["installation_repositories", reader(payloads.installationRepositoriesEvent, readRepositories)],
  ...["member", "membership", "organization", "team"].map((event): [string, Reader] => [
    event,
    reader(payloads.peopleEvent, (payload) => [readPeople(event, payload)]),
  ]),
  ["repository", reader(payloads.repositoryEvent, (event) => [readRepository(event)])],
]);

type InRepository = z.output<typeof payloads.inRepository>;

function refOf({ repository, installation }: InRepository): RepositoryRef {
  const { id, name, owner } = repository;
  return { installationId: installation.id, repositoryId: id, owner: owner.login, name };
}

function laneOf({ sender }: InRepository): Lane {
  return sender.type === "Bot" ? "bots" : "people";
}

/** A retargeted pull request is another question; a new title is not. */
const REASONS: ReadonlyMap<string, JudgeReason> = new Map([
  ["opened", "opened"],
  ["reopened", "opened"],
  ["synchronize", "pushed"],
  ["ready_for_review", "edited"],
  ["converted_to_draft", "edited"],
  ["labeled", "edited"],
  ["unlabeled", "edited"],
]);

function readPullRequest(event: z.output<typeof payloads.pullRequestEvent>): Intent | undefined {
  const repository = refOf(event);
  const { action, number, pull_request: pullRequest } = event;
  if (action === "closed") return { kind: "close", repository, number, isMerged: pullRequest.merged === true };
  const isRetargeted = action === "edited" && event.changes?.base !== undefined;
  const reason = isRetargeted ? "retargeted" : REASONS.get(action);
  if (reason === undefined) return undefined;
  return { kind: "judge", repository, number, reason, lane: laneOf(event), headSha: pullRequest.head.sha };
}

/** Whoever opens a pull request of a fork brings its commits; of another branch its own pushes are told. */
function readPusher(event: z.output<typeof payloads.pullRequestEvent>): Intent | undefined {
  const repository = refOf(event);
  const { action, number, sender: actor, before } = event;
  const { sha: after, repo } = event.pull_request.head;
  const isBrought = action === "opened" && repo?.id !== repository.repositoryId;
  if (action !== "synchronize" && !isBrought) return undefined;
  return { kind: "pushed", repository, number, before: isBrought ? undefined : commitOf(before), after, actor };
}

function readLabeler(event: z.output<typeof payloads.pullRequestEvent>): Intent | undefined {
  const { action, number, label, sender } = event;
  const changedAt = event.pull_request.updated_at;
  if ((action !== "labeled" && action !== "unlabeled") || label == null || changedAt === undefined) return undefined;
  const actor = action === "labeled" ? sender : undefined;
  return { kind: "labeled", repository: refOf(event), number, label: label.name, actor, changedAt };
}

/** GitHub writes zeros for what is not there. */
function commitOf(sha: string | undefined): string | undefined {
  return sha === undefined || /^0+$/u.test(sha) ? undefined : sha;
}

/**
 * A review that only comments changes nobody's approval, and Drydock's own are all of that sort. What it was given on is
 * read of its submission alone. An edit changes no more than its text.
 */
function readReview(event: z.output<typeof payloads.pullRequestReviewEvent>): readonly Intent[] {
  const { action, review, pull_request: pullRequest } = event;
  const state = action === "dismissed" ? "dismissed" : REVIEW_STATES.get(review.state.toLowerCase());
  if (!REVIEW_ACTIONS.has(action) || state === undefined) return [];
  const repository = refOf(event);
  const { number, head, base } = pullRequest;
  const { id: reviewId, user, commit_id: headSha, submitted_at: submittedAt } = review;
  const isWhole = action === "submitted" && headSha != null;
  const given = isWhole ? { headSha, baseRef: base.ref, baseSha: base.sha } : undefined;
  return [
    ...(user == null || submittedAt == null
      ? []
      : [{ kind: "review", repository, number, reviewId, actor: user, state, given, submittedAt } as const]),
    { kind: "judge", repository, number, reason: "edited", lane: laneOf(event), headSha: head.sha },
  ];
}

const REVIEW_ACTIONS: ReadonlySet<string> = new Set(["submitted", "edited", "dismissed"]);
const REVIEW_STATES: ReadonlyMap<string, "approved" | "changes-requested" | "dismissed"> = new Map([
  ["approved", "approved"],
  ["changes_requested", "changes-requested"],
  ["dismissed", "dismissed"],
]);

const BRANCH = "refs/heads/";

/** Which branch the rules of an account are on, whoever looks for them asks. */
function readPush(event: z.output<typeof payloads.pushEvent>): readonly Intent[] {
  if (event.deleted || !event.ref.startsWith(BRANCH)) return [];
  const repository = refOf(event);
  const branch = event.ref.slice(BRANCH.length);
  const holdsRules = repository.name.toLowerCase() === ORGANIZATION_REPOSITORY;
  const { after, sender: actor } = event;
  return [
    { kind: "pushed", repository, branch, before: commitOf(event.before), after, actor },
    { kind: "base-moved", repository, branch, after, before: commitOf(event.before), actor },
    ...(holdsRules ? [{ kind: "rules-moved", repository } as const] : []),
  ];
}

/** Anybody with write may press the button, so it only judges again (T32). Other Apps' runs are theirs. */
function readCheckRun(event: z.output<typeof payloads.checkRunEvent>, appId: number): Intent | undefined {
  const isAsked =
    event.action === "rerequested" ||
    (event.action === "requested_action" && event.requested_action?.identifier === RERUN_ACTION);
  if (!isAsked || event.check_run.app?.id !== appId) return undefined;
  return { kind: "judge-head", repository: refOf(event), headSha: event.check_run.head_sha };
}

function readCheckSuite(event: z.output<typeof payloads.checkSuiteEvent>, appId: number): Intent | undefined {
  if (event.action !== "rerequested" || event.check_suite.app?.id !== appId) return undefined;
  return { kind: "judge-head", repository: refOf(event), headSha: event.check_suite.head_sha };
}

function readMergeGroup(event: z.output<typeof payloads.mergeGroupEvent>): Intent | undefined {
  const repository = refOf(event);
  const { head_sha: headSha, head_ref: headRef, base_sha: baseSha, base_ref: baseRef } = event.merge_group;
  if (event.action === "destroyed") return { kind: "drop-group", repository, headSha };
  if (event.action !== "checks_requested") return undefined;
  const group = { repositoryId: repository.repositoryId, headSha, headRef, baseSha, baseRef: branchOf(baseRef) };
  return { kind: "judge-group", repository, group };
}

function branchOf(ref: string): string {
  return ref.startsWith(BRANCH) ? ref.slice(BRANCH.length) : ref;
}

/** Edits are not read (T09), nor what bots say (T08). The commands themselves are read when it is their turn. */
function readComment(event: z.output<typeof payloads.issueCommentEvent>): Intent | undefined {
  const { action, issue, comment } = event;
  if (action !== "created" || issue.pull_request === undefined) return undefined;
  return readText(event, issue.number, "comment", { ...comment, postedAt: comment.created_at });
}

/** What somebody wrote to a review as a whole. Its comments on lines come by themselves. */
function readReviewText(event: z.output<typeof payloads.pullRequestReviewEvent>): Intent | undefined {
  const { action, review, pull_request: pullRequest } = event;
  if (action !== "submitted") return undefined;
  return readText(event, pullRequest.number, "review", { ...review, postedAt: review.submitted_at ?? undefined });
}

function readReviewComment(event: z.output<typeof payloads.pullRequestReviewCommentEvent>): Intent | undefined {
  const { action, comment, pull_request: pullRequest } = event;
  if (action !== "created") return undefined;
  return readText(event, pullRequest.number, "review-comment", { ...comment, postedAt: comment.created_at });
}

interface PostedText {
  readonly id: number;
  readonly body?: string | null | undefined;
  readonly user?: z.output<typeof payloads.actor> | null | undefined;
  readonly postedAt: string | undefined;
}

function readText(
  event: InRepository,
  number: number,
  source: CommandSource,
  { id: commentId, body, user: actor, postedAt }: PostedText,
): Intent | undefined {
  const text = body ?? "";
  if (actor?.type !== "User" || !mayHoldCommand(text)) return undefined;
  return { kind: "command", repository: refOf(event), number, source, commentId, actor, text, postedAt };
}

function readInstallation(event: z.output<typeof payloads.installationEvent>): Intent | undefined {
  const installationId = event.installation.id;
  switch (event.action) {
    case "created":
      return installed(installationId, event.installation.account.login, event.repositories ?? []);
    case "deleted":
      return { kind: "uninstalled", installationId };
    case "suspend":
    case "unsuspend":
      return { kind: "suspended", installationId, isSuspended: event.action === "suspend" };
    case "new_permissions_accepted":
      return { kind: "permissions-changed", installationId };
    default:
      return undefined;
  }
}

interface ListedRepository {
  readonly id: number;
  readonly name: string;
  readonly full_name: string;
}

function installed(installationId: number, account: string, listed: readonly ListedRepository[]): Intent {
  const repositories = listed.map(({ id, name, full_name: fullName }) => {
    return { installationId, repositoryId: id, owner: fullName.split("/")[0] ?? account, name };
  });
  return { kind: "installed", installationId, account, repositories };
}

function readRepositories(event: z.output<typeof payloads.installationRepositoriesEvent>): readonly Intent[] {
  const { id: installationId, account } = event.installation;
  const repositoryIds = event.repositories_removed.map(({ id }) => id);
  return [
    ...(event.repositories_added.length > 0
      ? [installed(installationId, account.login, event.repositories_added)]
      : []),
    ...(repositoryIds.length > 0 ? [{ kind: "repositories-removed", installationId, repositoryIds } as const] : []),
  ];
}

/** By event: what of it changes who may do what. */
const PEOPLE_ACTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ["member", ["added", "edited", "removed"]],
  ["membership", ["added", "removed"]],
  ["organization", ["member_added", "member_removed"]],
  ["team", ["added_to_repository", "deleted", "edited", "removed_from_repository"]],
]);

function readPeople(event: string, payload: z.output<typeof payloads.peopleEvent>): Intent | undefined {
  const { action, installation, member, membership } = payload;
  if (PEOPLE_ACTIONS.get(event)?.includes(action) !== true) return undefined;
  return { kind: "people-moved", installationId: installation.id, actor: member ?? membership?.user ?? undefined };
}

function readRepository(event: z.output<typeof payloads.repositoryEvent>): Intent | undefined {
  const repository = refOf(event);
  const { installationId, repositoryId } = repository;
  if (event.action === "deleted") {
    return { kind: "repositories-removed", installationId, repositoryIds: [repositoryId] };
  }
  return event.action === "created" ? undefined : { kind: "repository-changed", repository };
}
