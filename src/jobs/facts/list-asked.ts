import type { RuleSet } from "../../config/index.ts";
import type { Actor, EnvironmentChange, EnvironmentFacts, PullRequest } from "../../model/index.ts";
import { askedApprovals } from "./asks-for-approvals.ts";
import type { AskedStanding } from "./gather-standings.ts";

/** Whose standing the rules have to know, and in which teams: approvers, who overrides, and the author of a branch rule. */
export function listAsked(
  changes: readonly EnvironmentChange[],
  rules: RuleSet,
  { author, baseRef }: Pick<PullRequest, "author" | "baseRef">,
  { approvals, overrides, owners, labelers }: Pick<EnvironmentFacts, "approvals" | "overrides" | "owners" | "labelers">,
): readonly AskedStanding[] {
  const approving = [
    ...askedApprovals(changes, rules).flatMap(({ teams, destructive }) => [...teams, ...(destructive?.teams ?? [])]),
    ...(owners?.files ?? []).flatMap((file) => file.owners.filter((owner) => owner.includes("/"))),
  ];
  const ofBranch = rules.branches
    .filter(({ base }) => base.some((glob) => glob.matches(baseRef)))
    .flatMap(({ teams }) => teams);
  const changed = new Set(changes.map(({ environment }) => environment));
  const ruling = rules.environments.filter(({ name }) => changed.has(name)).flatMap((one) => one.approvals.teams);
  return [
    ...ask(labelers, ruling),
    ...ask(approvals, approving),
    ...ask(overrides, rules.override.teams),
    ...(author === undefined || ofBranch.length === 0 ? [] : [{ actor: author, teams: ofBranch }]),
  ];
}

function ask(words: readonly { readonly actor: Actor }[], teams: readonly string[]): readonly AskedStanding[] {
  return words.map(({ actor }) => ({ actor, teams }));
}
