import { z } from "zod";

// What Drydock reads of GitHub's payloads, and nothing more. Bounds are GitHub's own, or generous.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads

const id = z.int().positive();
const sha = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/u);
const moment = z.iso.datetime({ offset: true }).optional().catch(undefined);
const name = z.string().min(1).max(255);
const ref = z.string().min(1).max(1024);

export const actor = z.object({
  id,
  login: name,
  type: z.enum(["User", "Bot", "Organization", "Mannequin"]).catch("Bot"),
});

export const repository = z.object({ id, name, owner: z.object({ login: name }) });

const installation = z.object({ id });

/** Every event that has to do with a repository. */
export const inRepository = z.object({ repository, installation, sender: actor });

export const pullRequestEvent = inRepository.extend({
  action: z.string().max(64),
  number: id,
  pull_request: z.object({
    head: z.object({ sha, repo: z.object({ id }).nullish() }),
    base: z.object({ ref }),
    merged: z.boolean().nullish(),
    updated_at: moment,
  }),
  /** Of a push. */
  before: sha.optional().catch(undefined),
  label: z.object({ name: z.string() }).nullish().catch(undefined),
  changes: z.object({ base: z.object({ ref: z.object({ from: ref }) }).optional() }).optional(),
});

export const pullRequestReviewEvent = inRepository.extend({
  action: z.string().max(64),
  review: z.object({
    id,
    state: z.string().max(64),
    body: z.string().nullish().catch(undefined),
    user: actor.nullish(),
    commit_id: sha.nullish(),
    submitted_at: z.iso.datetime({ offset: true }).nullish(),
  }),
  pull_request: z.object({ number: id, head: z.object({ sha }), base: z.object({ ref, sha }) }),
});

export const pullRequestReviewCommentEvent = inRepository.extend({
  action: z.string().max(64),
  comment: z.object({ id, body: z.string().nullish(), user: actor.nullish(), created_at: moment }),
  pull_request: z.object({ number: id }),
});

export const pushEvent = inRepository.extend({ ref, before: sha.optional(), after: sha, deleted: z.boolean() });

/** Who is in the account and its teams, and who may do what: of some it is not said who it is about. */
export const peopleEvent = z.object({
  action: z.string().max(64),
  installation,
  member: actor.nullish(),
  membership: z.object({ user: actor.nullish() }).nullish(),
});

const ofHead = z.object({ head_sha: sha, app: z.object({ id }).nullish() });

export const checkRunEvent = inRepository.extend({
  action: z.string().max(64),
  check_run: ofHead,
  requested_action: z.object({ identifier: z.string().max(64) }).nullish(),
});

export const checkSuiteEvent = inRepository.extend({ action: z.string().max(64), check_suite: ofHead });

export const mergeGroupEvent = inRepository.extend({
  action: z.string().max(64),
  merge_group: z.object({ head_sha: sha, head_ref: ref, base_sha: sha, base_ref: ref }),
});

export const issueCommentEvent = inRepository.extend({
  action: z.string().max(64),
  issue: z.object({ number: id, pull_request: z.looseObject({}).optional() }),
  comment: z.object({
    id,
    body: z.string().nullish(),
    user: actor.nullish(),
    created_at: moment,
  }),
});

const listedRepository = z.object({ id, name, full_name: z.string().max(512) });

export const installationEvent = z.object({
  action: z.string().max(64),
  installation: z.object({ id, account: z.object({ login: name }) }),
  repositories: z.array(listedRepository).nullish(),
});

export const installationRepositoriesEvent = z.object({
  action: z.string().max(64),
  installation: z.object({ id, account: z.object({ login: name }) }),
  repositories_added: z.array(listedRepository),
  repositories_removed: z.array(listedRepository.pick({ id: true })),
});

export const repositoryEvent = inRepository.extend({ action: z.string().max(64) });
