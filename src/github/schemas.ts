import { z } from "zod";
import type { InstallationFacts, PostedComment, RepositoryFacts } from "../jobs/ports.ts";
import type { Actor, InstallationId, PullRequest } from "../model/index.ts";

/** UTF-16 units: four bytes a character of the 65,536 that GitHub takes are at most twice as many. */
const LONGEST_BODY = 131_072;

/** What GitHub calls something: longer is not GitHub. */
const name = z.string().min(1).max(1024);
const sha = z.string().regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/u);
const id = z.number().int().positive();
const moment = z.iso.datetime({ offset: true });

function cut(length: number) {
  return z.string().transform((text) => text.slice(0, length));
}

/** Types that GitHub names and Drydock does not know become nobody: an unknown actor has no rights (T04). */
const actorSchema: z.ZodType<Actor | undefined> = z
  .object({ id, login: name, type: z.enum(["User", "Bot", "Organization", "Mannequin"]) })
  .nullish()
  .catch(undefined)
  .transform((actor) => actor ?? undefined);

export const userSchema = z.object({
  id,
  login: name,
  type: z.enum(["User", "Bot", "Organization", "Mannequin"]),
});

const repositorySchema = z.object({
  id,
  name,
  owner: z.object({ login: name }),
  default_branch: name,
  private: z.boolean(),
  archived: z.boolean(),
});

/** A repository as the model has it; the installation is the one that was asked. */
export function repositoryFactsSchema(installationId: InstallationId): z.ZodType<RepositoryFacts> {
  return repositorySchema.transform((repository) => ({
    installationId,
    repositoryId: repository.id,
    owner: repository.owner.login,
    name: repository.name,
    defaultBranch: repository.default_branch,
    isPrivate: repository.private,
    isArchived: repository.archived,
  }));
}

export const installationSchema: z.ZodType<InstallationFacts> = z
  .object({
    id,
    account: z
      .object({ login: name })
      .or(z.object({ slug: name }))
      .nullable(),
    suspended_at: moment.nullish(),
    permissions: z.record(z.string().max(100), z.string().max(20)),
    events: z.array(z.string().max(100)).max(500),
    created_at: moment,
  })
  .transform((installation) => ({
    installationId: installation.id,
    account: accountName(installation.account),
    isSuspended: installation.suspended_at != null,
    permissions: installation.permissions,
    events: installation.events,
    createdAt: installation.created_at,
  }));

/** Enterprises are installed on too, and have a slug for a login. */
function accountName(account: { login: string } | { slug: string } | null): string {
  if (account === null) return "";
  return "login" in account ? account.login : account.slug;
}

/** A pull request with the id of the repository it is in, to be compared with the one that was asked for. */
export const pullRequestSchema: z.ZodType<PullRequest> = z
  .object({
    number: id,
    title: cut(1024),
    user: actorSchema,
    state: z.enum(["open", "closed"]),
    locked: z.boolean(),
    draft: z.boolean().default(false),
    merged_at: moment.nullable(),
    merge_commit_sha: sha.nullish(),
    merged_by: actorSchema,
    created_at: moment,
    labels: z.array(z.object({ name: cut(100) })).max(1000),
    head: z.object({ sha, ref: name, repo: z.object({ id }).nullable() }),
    base: z.object({ sha, ref: name, repo: z.object({ id, private: z.boolean().optional() }) }),
  })
  .transform(({ head, base, ...pull }) => ({
    repositoryId: base.repo.id,
    number: pull.number,
    title: pull.title,
    author: pull.user,
    isOpen: pull.state === "open",
    isMerged: pull.merged_at !== null,
    // Of an open one it is the commit that GitHub tries the merge with.
    mergeSha: pull.merged_at === null ? undefined : (pull.merge_commit_sha ?? undefined),
    isDraft: pull.draft,
    isFork: head.repo?.id !== base.repo.id,
    isPublic: base.repo.private !== true,
    isLocked: pull.locked,
    headSha: head.sha,
    headRef: head.ref,
    baseRef: base.ref,
    baseSha: base.sha,
    labels: pull.labels.map((label) => label.name),
    createdAt: pull.created_at,
    merge: pull.merged_at === null ? undefined : { at: Date.parse(pull.merged_at), by: pull.merged_by },
  }));

const issueCommentSchema = z.object({
  id,
  body: cut(LONGEST_BODY).default(""),
  user: actorSchema,
  html_url: z.string().max(8192),
  issue_url: z.string().regex(/\/issues\/\d{1,15}$/u),
  created_at: moment,
  updated_at: moment,
  performed_via_github_app: z.object({ id }).nullish(),
});

/** A comment of an issue or a pull request; the App's own are told by the App's id (T46). */
export function commentSchema(appId: number): z.ZodType<PostedComment> {
  return issueCommentSchema.transform((comment) => ({
    source: "comment" as const,
    id: comment.id,
    number: Number(comment.issue_url.slice(comment.issue_url.lastIndexOf("/") + 1)),
    author: comment.user,
    body: comment.body,
    createdAt: comment.created_at,
    updatedAt: comment.updated_at,
    isByApp: comment.performed_via_github_app?.id === appId,
    // A pull request is an issue in every other field of a comment.
    isOnPullRequest: /\/pull\/\d+(?:#|$)/u.test(comment.html_url),
  }));
}

export const reviewCommentSchema = z.object({
  id,
  path: z.string().max(8192),
  body: cut(LONGEST_BODY),
  user: actorSchema,
  line: z.number().int().nullish(),
  original_line: z.number().int().nullish(),
});

/** A comment on a line of a pull request, as what somebody wrote. GitHub names no App here: the author's type tells. */
export const lineCommentSchema: z.ZodType<PostedComment> = z
  .object({
    id,
    body: cut(LONGEST_BODY).default(""),
    user: actorSchema,
    pull_request_url: z.string().regex(/\/pulls\/\d{1,15}$/u),
    created_at: moment,
    updated_at: moment,
  })
  .transform((comment) => ({
    source: "review-comment" as const,
    id: comment.id,
    number: Number(comment.pull_request_url.slice(comment.pull_request_url.lastIndexOf("/") + 1)),
    author: comment.user,
    body: comment.body,
    createdAt: comment.created_at,
    updatedAt: comment.updated_at,
    isByApp: false,
    isOnPullRequest: true,
  }));

export const checkRunSchema = z.object({
  id,
  name: cut(200),
  external_id: cut(1024)
    .nullish()
    .transform((text) => text ?? ""),
  app: z.object({ id }).nullable(),
});

export const branchSchema = z.object({
  name,
  commit: z.object({ sha }),
  protected: z.boolean(),
  protection: z
    .object({
      enabled: z.boolean().optional(),
      required_status_checks: z
        .object({
          enforcement_level: z.string().max(100).nullish(),
          contexts: z.array(cut(1024)).default([]),
          checks: z.array(z.object({ context: cut(1024), app_id: z.number().int().nullable() })).default([]),
        })
        .nullish(),
    })
    .optional(),
});

/** One active rule; of those Drydock does not read only the type counts. */
export const ruleSchema = z.object({
  type: z.string().max(100),
  ruleset_id: z.number().int().optional(),
  parameters: z
    .object({
      required_review_thread_resolution: z.boolean().optional(),
      required_status_checks: z
        .array(z.object({ context: cut(1024), integration_id: z.number().int().nullish() }))
        .optional(),
    })
    .optional(),
});

export const roleSchema = z.object({
  permission: z.string().max(100),
  role_name: z.string().max(200),
  user: z.object({ id }).nullable(),
});

export const createdSchema = z.object({ id });

export const rulesetSchema = z.object({
  bypass_actors: z.array(z.unknown()).nullish(),
});

export const deliverySchema = z.object({
  id: z.union([z.number().int().nonnegative(), z.bigint().nonnegative()]).transform(String),
  guid: z.string().min(1).max(200),
  delivered_at: moment,
  status_code: z.number().int(),
  status: z.string().transform((words) => words.slice(0, 200)),
  event: z.string().max(100),
});

export const appSchema = z.object({
  id,
  slug: name,
  name,
  html_url: z.string().max(2000),
  permissions: z.record(z.string().max(100), z.string().max(20)),
  events: z.array(z.string().max(100)).max(500),
});

export const hookSchema = z.object({ url: z.string().max(4000).nullish(), content_type: z.string().max(50).nullish() });
