import { AccessLostFault } from "../model/index.ts";
import { isRefusal, type RepositoryCaller } from "./call-repository.ts";
import { branchSchema, ruleSchema, rulesetSchema } from "./schemas.ts";
import type { z } from "zod";

type Branch = z.output<typeof branchSchema>;
type Rule = z.output<typeof ruleSchema>;

/** A check that merging into a branch needs, as far as an App without administration rights can read it. */
export interface RequiredCheck {
  readonly context: string;
  /** The App that must write it; undefined when anybody may (T29). */
  readonly appId: number | undefined;
  readonly source: "ruleset" | "branch protection";
  /** Whether somebody may merge without it. */
  readonly bypass: "nobody" | "somebody" | "unknown";
}

export interface RequiredChecks {
  readonly isProtected: boolean;
  /** False where rulesets cannot be read: there may be more. */
  readonly isComplete: boolean;
  readonly checks: readonly RequiredCheck[];
}

/** The branch of exactly this name; GitHub redirects from the old name of a renamed one, which is gone for us. */
export async function readBranchFacts(caller: RepositoryCaller, branch: string): Promise<Branch | undefined> {
  const facts = await caller.find("GET /repos/{owner}/{repo}/branches/{branch}", branchSchema, { branch });
  return facts?.name === branch ? facts : undefined;
}

/** Undefined where rules cannot be read: private repositories of a free plan (403), servers without rulesets (404). */
async function listRules(caller: RepositoryCaller, branch: string): Promise<readonly Rule[] | undefined> {
  try {
    const route = "GET /repos/{owner}/{repo}/rules/branches/{branch}";
    return await caller.list(route, { entry: ruleSchema }, { branch });
  } catch (fault) {
    if (isRefusal(fault) || (fault instanceof AccessLostFault && fault.loss === "permission")) return undefined;
    throw fault;
  }
}

/**
 * Whether merging into the branch needs every conversation resolved. Rulesets say it to anybody. Classic protection says
 * it to administrators alone, so a branch that has it counts as one that does: a thread less is better than a pull
 * request that cannot be merged because of a remark.
 */
export async function requiresResolvedConversations(caller: RepositoryCaller, branch: string): Promise<boolean> {
  const rules = await listRules(caller, branch);
  if (rules?.some((rule) => rule.parameters?.required_review_thread_resolution === true)) return true;
  const facts = await readBranchFacts(caller, branch);
  if (facts === undefined || !facts.protected) return false;
  // `protected` is also true for a ruleset alone, which has been asked already.
  return rules === undefined || (facts.protection?.enabled ?? true);
}

/** Where rules cannot be read nobody knows; GitHub then refuses to merge what has to wait in line. */
export async function hasMergeQueue(caller: RepositoryCaller, branch: string): Promise<boolean> {
  const rules = await listRules(caller, branch);
  return rules?.some(({ type }) => type === "merge_queue") === true;
}

export async function listRequiredChecks(caller: RepositoryCaller, branch: string): Promise<RequiredChecks> {
  const [rules, facts] = [await listRules(caller, branch), await readBranchFacts(caller, branch)];
  const ofRulesets: RequiredCheck[] = [];
  for (const rule of rules ?? []) {
    const required = rule.type === "required_status_checks" ? (rule.parameters?.required_status_checks ?? []) : [];
    if (required.length === 0) continue;
    const bypass = await readBypass(caller, rule.ruleset_id);
    for (const { context, integration_id: appId } of required) {
      ofRulesets.push({ context, appId: appId ?? undefined, source: "ruleset", bypass });
    }
  }
  return {
    isProtected: facts?.protected ?? false,
    isComplete: rules !== undefined,
    checks: [...ofRulesets, ...(facts?.protection?.enabled === false ? [] : listClassic(facts))],
  };
}

function listClassic(facts: Branch | undefined): readonly RequiredCheck[] {
  const required = facts?.protection?.required_status_checks;
  if (required == null || required.enforcement_level === "off") return [];
  const bypass = readEnforcement(required.enforcement_level);
  const pinned = required.checks.map(({ context, app_id: appId }) => ({
    context,
    // -1 stands for "any source".
    appId: appId === null || appId < 0 ? undefined : appId,
  }));
  const known = new Set(pinned.map(({ context }) => context));
  const others = required.contexts.filter((context) => !known.has(context));
  return [...pinned, ...others.map((context) => ({ context, appId: undefined }))].map((check) => ({
    ...check,
    source: "branch protection",
    bypass,
  }));
}

/** Administrators are the only ones that classic protection lets by. Not every server says it. */
function readEnforcement(level: string | null | undefined): RequiredCheck["bypass"] {
  if (level == null) return "unknown";
  return level === "everyone" ? "nobody" : "somebody";
}

/** Bypass actors are shown to administrators alone; an answer without them says nothing. */
async function readBypass(caller: RepositoryCaller, rulesetId: number | undefined): Promise<RequiredCheck["bypass"]> {
  if (rulesetId === undefined) return "unknown";
  try {
    const route = "GET /repos/{owner}/{repo}/rulesets/{ruleset_id}";
    const ruleset = await caller.find(route, rulesetSchema, { ruleset_id: rulesetId });
    if (ruleset?.bypass_actors == null) return "unknown";
    return ruleset.bypass_actors.length > 0 ? "somebody" : "nobody";
  } catch (fault) {
    if (fault instanceof AccessLostFault && fault.loss === "permission") return "unknown";
    throw fault;
  }
}
