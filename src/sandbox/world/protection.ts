import { isInTeam } from "./accounts.ts";
import type { BranchProtection, Ref, RequiredCheck, Ruleset } from "./entities.ts";
import { hasRole } from "./roles.ts";
import { change, insert, read, remove, select, type World } from "./store.ts";

export type ProtectionOptions = Partial<Omit<BranchProtection, "repositoryId" | "branch">>;

/** Classic protection of one branch, in place of what it had. */
export function protectBranch(world: World, repository: Ref, branch: string, options: ProtectionOptions = {}): void {
  world.notes.protections.set(protectionKey(repository, branch), {
    repositoryId: repository.id,
    branch,
    requiredChecks: [],
    isStrict: false,
    needsResolvedConversations: false,
    approvals: 0,
    enforcesAdmins: false,
    ...options,
  });
}

export function unprotectBranch(world: World, repository: Ref, branch: string): void {
  world.notes.protections.delete(protectionKey(repository, branch));
}

export function findProtection(world: World, repository: Ref, branch: string): BranchProtection | undefined {
  return world.notes.protections.get(protectionKey(repository, branch));
}

function protectionKey({ id }: Ref, branch: string): string {
  return `${id}/${branch}`;
}

/** Rules for branches of one repository, or of all repositories of an organization. Active unless told otherwise. */
export function createRuleset(
  world: World,
  source: Ruleset["source"],
  name: string,
  options: Partial<Omit<Ruleset, "id" | "source" | "name">> = {},
): Ruleset {
  return insert(world, "rulesets", {
    enforcement: "active",
    branches: ["~DEFAULT_BRANCH"],
    requiredChecks: [],
    isStrict: false,
    needsResolvedConversations: false,
    approvals: undefined,
    hasMergeQueue: false,
    bypassers: [],
    ...options,
    source,
    name,
  });
}

export function changeRuleset(world: World, ruleset: Ref, changes: Partial<Omit<Ruleset, "id" | "source">>): Ruleset {
  return change(world, "rulesets", ruleset, changes);
}

export function deleteRuleset(world: World, ruleset: Ref): void {
  remove(world, "rulesets", ruleset);
}

/** The rulesets that hold for a branch now. */
export function activeRulesets(world: World, repository: Ref, branch: string): Ruleset[] {
  const { ownerId, defaultBranch } = read(world, "repositories", repository);
  return select(world, "rulesets", ({ source, enforcement, branches }) => {
    const isHere = source.id === (source.type === "Repository" ? repository.id : ownerId);
    const isFor = branches.some(
      (name) => name === branch || name === "~ALL" || (name === "~DEFAULT_BRANCH" && branch === defaultBranch),
    );
    return isHere && isFor && enforcement === "active";
  });
}

/** What merging into a branch asks for, protection and rulesets together. */
export interface BranchDemands {
  readonly requiredChecks: readonly RequiredCheck[];
  readonly isStrict: boolean;
  readonly needsResolvedConversations: boolean;
  readonly approvals: number;
  readonly hasMergeQueue: boolean;
}

/** Of everybody, or of one account, for whom what it may bypass does not count. */
export function demandsOf(world: World, repository: Ref, branch: string, actor?: Ref): BranchDemands {
  const rulesets = activeRulesets(world, repository, branch).filter((one) => !isBypasser(world, one, actor));
  const protection = findProtection(world, repository, branch);
  const isBound = protection !== undefined && !isExempt(world, protection, actor);
  const all = [...(isBound ? [protection] : []), ...rulesets];
  return {
    requiredChecks: all.flatMap(({ requiredChecks }) => requiredChecks),
    isStrict: all.some(({ isStrict }) => isStrict),
    needsResolvedConversations: all.some(({ needsResolvedConversations }) => needsResolvedConversations),
    approvals: Math.max(0, ...all.map(({ approvals }) => approvals ?? 0)),
    hasMergeQueue: rulesets.some(({ hasMergeQueue }) => hasMergeQueue),
  };
}

function isBypasser(world: World, { bypassers }: Ruleset, actor: Ref | undefined): boolean {
  if (actor === undefined) return false;
  return bypassers.some(({ type, id }) => {
    if (type === "Team") return isInTeam(world, { id }, actor);
    return (type === "User" ? id : world.apps.get(id)?.botId) === actor.id;
  });
}

function isExempt(world: World, { enforcesAdmins, repositoryId }: BranchProtection, actor: Ref | undefined): boolean {
  return actor !== undefined && !enforcesAdmins && hasRole(world, { id: repositoryId }, actor, "admin");
}
