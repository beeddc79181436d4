import type { ApprovalRules, EnvironmentRules, RuleSet } from "../config/index.ts";
import type {
  Actor,
  EnvironmentChange,
  EnvironmentFacts,
  GivenApproval,
  PersonStanding,
  RuleResult,
} from "../model/index.ts";
import { isApproved, isOfBase, sinceApproval } from "./content.ts";

/** Why somebody's approval does not count for an environment, or that it does. */
export type ApprovalWeight =
  | { readonly kind: "counts" }
  /** `isElsewhere`: it was to be merged into another branch then; `changed` may be empty in that case. */
  | { readonly kind: "outdated"; readonly changed: readonly string[] | undefined; readonly isElsewhere: boolean }
  | { readonly kind: "not-allowed"; readonly why: string }
  | { readonly kind: "unknown"; readonly why: string };

/** What an environment takes for one change: the destructive demands in place of the usual ones where they ask for more. */
interface Demand {
  readonly count: number;
  readonly teams: readonly string[];
  readonly users: readonly string[];
  readonly excludesSuggestions: boolean;
  readonly isDestructive: boolean;
}

/** Approvals by those who may, of exactly this change, by somebody who did not write it: enough of them in each environment. */
export function judgeApprovals(facts: EnvironmentFacts, { environments }: RuleSet): readonly RuleResult[] {
  return facts.changes.flatMap((change) => {
    const rules = environments.find(({ name }) => name === change.environment);
    const demand = rules === undefined ? undefined : demandOf(rules.approvals, change);
    return rules === undefined || demand === undefined || demand.count === 0
      ? []
      : [judge(facts, change, rules, demand)];
  });
}

function demandOf({ destructive, ...usual }: ApprovalRules, { apps }: EnvironmentChange): Demand {
  const isDestructive = destructive !== undefined && apps.some((app) => app.isDestructive);
  if (!isDestructive) return { ...usual, isDestructive };
  const isOwn = destructive.teams.length > 0;
  return {
    ...usual,
    count: Math.max(usual.count, destructive.count),
    teams: isOwn ? destructive.teams : usual.teams,
    users: isOwn ? [] : usual.users,
    isDestructive,
  };
}

function judge(
  facts: EnvironmentFacts,
  change: EnvironmentChange,
  { name }: EnvironmentRules,
  demand: Demand,
): RuleResult {
  const weighed = weighAll(facts, change, demand);
  const counted = distinct(
    weighed.flatMap(({ approval, weight }) => (weight.kind === "counts" ? [approval.actor] : [])),
  );
  // Whoever GitHub does not know among the authors may be one of those who approve: each takes one more of them (T01).
  const needed = demand.count + facts.contributors.unknown.length;
  const isEnough = counted.length >= needed;
  const state = !isEnough ? "waiting" : facts.contributors.isComplete ? "passed" : "unknown";
  const whose = describeWhose(demand);
  const noun = needed === 1 ? "approval" : "approvals";
  return {
    rule: "approvals",
    environment: name,
    state,
    says: `${counted.length} of ${needed} ${noun}${whose === "" ? "" : ` by ${whose}`}${counted.length === 0 ? "" : `: ${counted.map(({ login }) => login).join(", ")}`}`,
    title: `${counted.length} of ${needed} ${noun} for ${name}${whose === "" ? "" : ` (${whose})`}`,
    steps: isEnough ? [] : [describeStep(name, demand)],
    notes: [
      ...(demand.isDestructive ? ["This change is destructive, which takes more approvals."] : []),
      ...facts.contributors.unknown.map(
        (who) => `${who} wrote this too and is no account that is known: one more approval.`,
      ),
      ...(facts.contributors.isComplete
        ? []
        : ["There are more commits than GitHub lists, so not all authors are known."]),
      ...weighed.flatMap(({ approval, weight }) => describeWeight(approval, weight, facts.pullRequest.baseRef)),
    ],
    changesAt: undefined,
  };
}

interface WeighedApproval {
  readonly approval: GivenApproval;
  readonly weight: ApprovalWeight;
}

/** What each approval is worth for one environment's change; those that were given for another one are left out. */
export function weighApprovals(
  facts: EnvironmentFacts,
  change: EnvironmentChange,
  rules: ApprovalRules,
): readonly WeighedApproval[] {
  return weighAll(facts, change, demandOf(rules, change));
}

function weighAll(facts: EnvironmentFacts, change: EnvironmentChange, demand: Demand): readonly WeighedApproval[] {
  return facts.approvals.flatMap((approval) => {
    const weight = weighApproval(approval, change, demand, facts);
    return weight === undefined ? [] : [{ approval, weight }];
  });
}

/**
 * What one approval is worth in one environment; undefined when it was given for another. Asked in this order, so that
 * somebody who may not approve at all is never told that something changed since.
 */
function weighApproval(
  approval: GivenApproval,
  change: EnvironmentChange,
  demand: Demand,
  facts: EnvironmentFacts,
): ApprovalWeight | undefined {
  const { actor, environment, content } = approval;
  if (environment !== undefined && environment !== change.environment) return undefined;
  const exclusion = findExclusion(actor, facts, demand);
  if (exclusion !== undefined) return { kind: "not-allowed", why: exclusion };
  const standing = facts.people.find(({ id }) => id === actor.id);
  const allowed = isAllowed(actor, standing, demand);
  if (allowed !== "yes")
    return allowed === "no"
      ? { kind: "not-allowed", why: `is not among ${describeWhose(demand) || "those who can write"}` }
      : { kind: "unknown", why: "GitHub does not tell what they may do" };
  if (isApproved(approval, change, facts.pullRequest)) return { kind: "counts" };
  const isElsewhere = content !== undefined && !isOfBase(approval, facts.pullRequest);
  return { kind: "outdated", changed: sinceApproval(content, change), isElsewhere };
}

/** Why somebody never counts here. By number and type: a login can be taken over or made to look like another (T04). */
export function findExclusion(
  actor: Actor,
  facts: EnvironmentFacts,
  { excludesSuggestions }: Pick<ApprovalRules, "excludesSuggestions">,
): string | undefined {
  const { author, requestedBy } = facts.pullRequest;
  if (actor.type !== "User") return "is no person";
  if (actor.id === author?.id) return "opened this pull request";
  if (actor.id === requestedBy?.id) return "had this pull request opened";
  const contributor = facts.contributors.people.find((one) => one.actor.id === actor.id);
  if (contributor?.hasOnlySuggested === true) {
    return excludesSuggestions ? "made or took a suggestion of this pull request" : undefined;
  }
  return contributor === undefined ? undefined : "wrote commits of this pull request";
}

/** Whether somebody can write, and is among those who are named where anybody is. */
export function isAllowed(
  { login }: Actor,
  standing: PersonStanding | undefined,
  { teams, users }: Pick<Demand, "teams" | "users">,
): "yes" | "no" | "unknown" {
  const role = standing?.role ?? "unknown";
  if (role === "unknown") return "unknown";
  if (role !== "write" && role !== "maintain" && role !== "admin") return "no";
  if (teams.length === 0 && users.length === 0) return "yes";
  if (users.some((user) => user.toLowerCase() === login.toLowerCase())) return "yes";
  const answers = teams.map((team) => readTeam(standing, team));
  return answers.includes("yes") ? "yes" : answers.includes("unknown") ? "unknown" : "no";
}

function readTeam(standing: PersonStanding | undefined, team: string): "yes" | "no" | "unknown" {
  return standing !== undefined && Object.hasOwn(standing.teams, team)
    ? (standing.teams[team] ?? "unknown")
    : "unknown";
}

function distinct(actors: readonly Actor[]): readonly Actor[] {
  return [...new Map(actors.map((actor) => [actor.id, actor])).values()];
}

export function describeWhose({ teams, users }: Pick<Demand, "teams" | "users">): string {
  return [...teams.map((team) => `team ${team}`), ...users].join(" or ");
}

function describeStep(environment: string, { teams, users }: Demand): string {
  const allowed = [...teams.map((team) => `a member of team ${team}`), ...users].join(" or ");
  const who = allowed === "" ? "Anybody who can write here" : `${allowed.charAt(0).toUpperCase()}${allowed.slice(1)}`;
  return `${who}, but for its authors, approves with a review or with /drydock approve ${environment}.`;
}

function describeWeight(
  { actor: { login }, unknownBecause = "approved something that is not known any more" }: GivenApproval,
  weight: ApprovalWeight,
  baseRef: string,
): readonly string[] {
  switch (weight.kind) {
    case "counts":
      return [];
    case "outdated":
      if (weight.isElsewhere) return [`${login} approved before this was to be merged into ${baseRef}: approve again.`];
      return [
        weight.changed === undefined
          ? `${login} ${unknownBecause}: approve again.`
          : `${login} approved before ${weight.changed.join(", ")} changed: approve again.`,
      ];
    case "not-allowed":
      return [`The approval of ${login} does not count here: ${login} ${weight.why}.`];
    case "unknown":
      return [`The approval of ${login} waits: ${weight.why}.`];
    default:
      return weight satisfies never;
  }
}
