import type { ApprovalRules, RuleSet } from "../config/index.ts";
import type {
  CodeOwnership,
  EnvironmentChange,
  EnvironmentFacts,
  GivenApproval,
  OwnedFiles,
  RuleResult,
} from "../model/index.ts";
import { isApproved } from "./content.ts";
import { findExclusion } from "./judge-approvals.ts";

/** Files that are named one by one; the rest is counted. */
const MOST_NAMED = 10;

/** An owner of every changed file that has any approves exactly this change, where an environment asks for that. */
export function judgeCodeOwners(facts: EnvironmentFacts, { environments }: RuleSet): readonly RuleResult[] {
  return facts.changes.flatMap((change) => {
    const rules = environments.find(({ name }) => name === change.environment);
    if (rules?.approvals.codeOwners !== true) return [];
    return [tell(change.environment, facts, listMissing(change, facts, rules.approvals))];
  });
}

/** Files without the word of an owner. */
function listMissing(change: EnvironmentChange, facts: EnvironmentFacts, rules: ApprovalRules): readonly OwnedFiles[] {
  const approving = facts.approvals.filter(
    (approval) =>
      (approval.environment === undefined || approval.environment === change.environment) &&
      findExclusion(approval.actor, facts, rules) === undefined &&
      isApproved(approval, change, facts.pullRequest),
  );
  // Whoever is not known among the authors may be the owner who approves: each takes one more of them (T01).
  const needed = 1 + facts.contributors.unknown.length;
  return (facts.owners?.files ?? []).filter(({ owners }) => {
    const approved = approving.filter((approval) => isOwner(approval, owners, facts));
    return owners.length > 0 && new Set(approved.map(({ actor }) => actor.id)).size < needed;
  });
}

/** Owners have to be able to write (docs.github.com, "About code owners"). An address is nobody's that GitHub tells. */
function isOwner({ actor }: GivenApproval, owners: readonly string[], { people }: EnvironmentFacts): boolean {
  const standing = people.find(({ id }) => id === actor.id);
  const canWrite = standing?.role === "write" || standing?.role === "maintain" || standing?.role === "admin";
  if (standing === undefined || !canWrite) return false;
  return owners.some((owner) =>
    owner.includes("/")
      ? Object.hasOwn(standing.teams, owner) && standing.teams[owner] === "yes"
      : owner.toLowerCase() === actor.login.toLowerCase(),
  );
}

function tell(
  environment: string,
  { owners, contributors }: EnvironmentFacts,
  missing: readonly OwnedFiles[],
): RuleResult {
  const problem = findProblem(owners, contributors.isComplete);
  const state = problem !== undefined ? "unknown" : missing.length > 0 ? "waiting" : "passed";
  const files = missing.length === 1 ? "1 file" : `${missing.length} files`;
  return {
    rule: "code-owners",
    environment,
    state,
    says:
      problem !== undefined
        ? `Not all code owners are known: ${problem}`
        : missing.length === 0
          ? "Owners of every changed file approve"
          : `${files} without the approval of a code owner`,
    title: problem === undefined ? `code owners of ${files}` : "who the code owners are",
    steps: problem === undefined ? missing.slice(0, MOST_NAMED).map(describeFile) : [],
    notes: [
      ...(missing.length > MOST_NAMED ? [`${missing.length - MOST_NAMED} further files wait alike.`] : []),
      ...contributors.unknown.map(
        (who) => `${who} wrote this too and is no account that is known: one more owner of each file.`,
      ),
      ...(owners?.errors ?? []),
    ],
    changesAt: undefined,
  };
}

function findProblem(owners: CodeOwnership | undefined, areAuthorsKnown: boolean): string | undefined {
  if (owners === undefined) return "they were not asked for";
  return areAuthorsKnown
    ? owners.problem
    : "there are more commits than GitHub lists, and one who wrote them may be one";
}

function describeFile({ path, owners }: OwnedFiles): string {
  return `${path} waits for ${owners.join(" or ")}.`;
}
