import { notFound } from "../http/answer.ts";
import { mayAdminister, repositoryOf, type Call, type Handlers } from "../http/call.ts";
import { listAnswer } from "../http/pages.ts";
import { repositoryUrl, type Shape } from "../shapes/index.ts";
import type { BranchProtection, RequiredCheck, Repository, Ruleset } from "../world/entities.ts";
import { activeRulesets, findProtection, fullName, read, select, type World } from "../world/index.ts";

export const protectionHandlers: Handlers = {
  "repos/get-branch-protection": (call) => {
    const protection = findProtection(call.world, repositoryOf(call), call.parameters["branch"] ?? "");
    if (protection === undefined) throw notFound();
    return { status: 200, body: shapeProtection(call.world, protection) };
  },
  "repos/get-branch-rules": (call) => {
    const rulesets = activeRulesets(call.world, repositoryOf(call), call.parameters["branch"] ?? "");
    const rules = rulesets.flatMap((ruleset) => shapeRules(ruleset).map((rule) => ({ rule, ruleset })));
    return listAnswer(call, rules, ({ rule, ruleset }) => ({
      ...rule,
      ruleset_source_type: ruleset.source.type,
      ruleset_source: sourceName(call.world, ruleset),
      ruleset_id: ruleset.id,
    }));
  },
  "repos/get-repo-rulesets": (call) => {
    const repository = repositoryOf(call);
    const rulesets = select(call.world, "rulesets", (one) => isOf(repository, one));
    return listAnswer(call, rulesets, (ruleset) => shapeRuleset(call.world, ruleset));
  },
  "repos/get-repo-ruleset": (call) => {
    const ruleset = rulesetOf(call);
    const conditions = { ref_name: { include: ruleset.branches.map(toPattern), exclude: [] } };
    // "Only returned if the user making the API request has write access to the ruleset."
    const bypass = ruleset.bypassers.map(({ type, id }) => ({ actor_id: id, actor_type: type, bypass_mode: "always" }));
    return {
      status: 200,
      body: {
        ...shapeRuleset(call.world, ruleset),
        conditions,
        ...(mayAdminister(call, repositoryOf(call)) ? { bypass_actors: bypass } : {}),
        current_user_can_bypass: "never",
        rules: shapeRules(ruleset),
      },
    };
  },
};

function rulesetOf(call: Call): Ruleset {
  const ruleset = call.world.rulesets.get(Number(call.parameters["ruleset_id"]));
  if (ruleset === undefined || !isOf(repositoryOf(call), ruleset)) throw notFound();
  return ruleset;
}

function isOf({ id, ownerId }: Repository, { source }: Ruleset): boolean {
  return source.id === (source.type === "Repository" ? id : ownerId);
}

function toPattern(branch: string): string {
  return branch.startsWith("~") ? branch : `refs/heads/${branch}`;
}

function sourceName(world: World, { source }: Ruleset): string {
  return source.type === "Repository" ? fullName(world, source) : read(world, "accounts", source).login;
}

function shapeRuleset(world: World, ruleset: Ruleset): Shape {
  const { id, name, enforcement, source } = ruleset;
  return { id, name, target: "branch", source_type: source.type, source: sourceName(world, ruleset), enforcement };
}

function shapeRules(ruleset: Ruleset): Shape[] {
  const checks = ruleset.requiredChecks.map(({ context, appId }) => ({
    context,
    ...(appId === undefined ? {} : { integration_id: appId }),
  }));
  const needsPull = ruleset.approvals !== undefined || ruleset.needsResolvedConversations;
  return [
    ...(needsPull ? [{ type: "pull_request", parameters: shapePullRule(ruleset) }] : []),
    ...(checks.length === 0
      ? []
      : [
          {
            type: "required_status_checks",
            parameters: {
              strict_required_status_checks_policy: ruleset.isStrict,
              do_not_enforce_on_create: false,
              required_status_checks: checks,
            },
          },
        ]),
    ...(ruleset.hasMergeQueue ? [{ type: "merge_queue", parameters: MERGE_QUEUE }] : []),
  ];
}

function shapePullRule({ approvals, needsResolvedConversations }: Ruleset): Shape {
  return {
    required_approving_review_count: approvals ?? 0,
    dismiss_stale_reviews_on_push: false,
    require_code_owner_review: false,
    require_last_push_approval: false,
    required_review_thread_resolution: needsResolvedConversations,
  };
}

const MERGE_QUEUE = {
  check_response_timeout_minutes: 60,
  grouping_strategy: "ALLGREEN",
  max_entries_to_build: 5,
  max_entries_to_merge: 5,
  merge_method: "MERGE",
  min_entries_to_merge: 1,
  min_entries_to_merge_wait_minutes: 5,
};

/** Classic protection as `GET /branches/{branch}` tells it to whoever may read the repository: the checks alone. */
export function shapeBriefProtection(protection: BranchProtection | undefined): Shape {
  const { requiredChecks = [], enforcesAdmins = false } = protection ?? {};
  const level = enforcesAdmins ? "everyone" : "non_admins";
  return {
    enabled: protection !== undefined,
    required_status_checks: {
      enforcement_level: requiredChecks.length === 0 ? "off" : level,
      contexts: requiredChecks.map(({ context }) => context),
      checks: requiredChecks.map(({ context, appId }) => ({ context, app_id: appId ?? null })),
    },
  };
}

/** Classic protection as its own endpoint shows it. */
function shapeProtection(world: World, protection: BranchProtection): Shape {
  const { branch, requiredChecks, isStrict, needsResolvedConversations, approvals, enforcesAdmins } = protection;
  const url = `${repositoryUrl(world, { id: protection.repositoryId })}/branches/${encodeURIComponent(branch)}/protection`;
  return {
    url,
    enabled: true,
    ...(requiredChecks.length === 0 ? {} : { required_status_checks: shapeChecks(url, requiredChecks, isStrict) }),
    ...(approvals === 0 ? {} : { required_pull_request_reviews: shapeReviews(url, approvals) }),
    enforce_admins: { url: `${url}/enforce_admins`, enabled: enforcesAdmins },
    required_conversation_resolution: { enabled: needsResolvedConversations },
    required_linear_history: { enabled: false },
    allow_force_pushes: { enabled: false },
    allow_deletions: { enabled: false },
  };
}

function shapeChecks(url: string, checks: readonly RequiredCheck[], isStrict: boolean): Shape {
  return {
    url: `${url}/required_status_checks`,
    contexts_url: `${url}/required_status_checks/contexts`,
    strict: isStrict,
    contexts: checks.map(({ context }) => context),
    checks: checks.map(({ context, appId }) => ({ context, app_id: appId ?? null })),
  };
}

function shapeReviews(url: string, approvals: number): Shape {
  return {
    url: `${url}/required_pull_request_reviews`,
    dismiss_stale_reviews: false,
    require_code_owner_reviews: false,
    require_last_push_approval: false,
    required_approving_review_count: approvals,
  };
}
