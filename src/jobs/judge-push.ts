import { printRuling } from "../config/index.ts";
import { digestReport, keepRuled, listChanges, listGuardedBranches } from "../environments/index.ts";
import { LimitedFault, type DesiredCheck, type RepositoryId } from "../model/index.ts";
import { checkPush } from "../publish/index.ts";
import { findOrganization } from "./find-organization.ts";
import { findRulesTip } from "./find-rules-tip.ts";
import type { FoundBypass, ReadConfig, RepositoryFacts, SeenPush } from "./ports.ts";
import type { JobServices } from "./services.ts";

/** Merges that one push may bring, as a queue's do; GitHub's own bound is lower. */
const MOST_MERGES = 100;

/**
 * Finds out how everything that was pushed to a branch came in. What no merged pull request accounts for, and what
 * changes an environment under rules, is told on the commit (T28).
 */
export async function judgePush(repositoryId: RepositoryId, branch: string, services: JobServices): Promise<void> {
  const { records, github } = services;
  const known = await records.readRepository(repositoryId);
  if (known === undefined) return;
  const pushes = await records.listUnweighed(repositoryId, branch);
  // Which branch is the default one may not be known yet, or be another by now.
  const repository = pushes.length === 0 ? known : await github.repository(known).readFacts();
  for (const push of pushes) {
    await records.weighPush(push, await findBypass(push, repository, services));
  }
}

async function findBypass(
  push: SeenPush,
  repository: RepositoryFacts,
  services: JobServices,
): Promise<FoundBypass | undefined> {
  const api = services.github.repository(repository);
  const tip = await findRulesTip(repository, api);
  const isDefault = push.branch === repository.defaultBranch;
  const now = await readRules(tip, repository, services);
  await services.records.setGuarded(push, guardedBy(now, repository));
  // What was pushed, or what came since, may have taken the rules away: those of the moment before count for it.
  const rulesSha = isDefault ? push.before : (push.rulesSha ?? tip);
  const ruling = rulesSha === tip ? now : await readRules(rulesSha, repository, services);
  const areRulesMoved = isDefault && (await movesRules(push, ruling, repository, services));
  if (!areRulesMoved && !guardedBy(ruling, repository).includes(push.branch)) return undefined;
  if (await isAccountedFor(push, repository, services)) {
    return push.isReported
      ? tell(repository, { how: "merged" }, [checkPush(push.branch, { kind: "merged" })], push)
      : undefined;
  }
  // A merge is a push first: GitHub may say in a moment whose it is.
  if (push.settlesAt !== undefined) throw new LimitedFault("GitHub may not show a merge yet", push.settlesAt);
  return await describePush(push, { rulesSha, areRulesMoved }, repository, services);
}

/**
 * Whether it changes what is asked of those that come after it: nothing else would tell of a push that lets the next one
 * pass. Where there were no rules, nothing was gone around.
 */
async function movesRules(
  { after }: SeenPush,
  ruling: ReadConfig | undefined,
  repository: RepositoryFacts,
  services: JobServices,
): Promise<boolean> {
  if (ruling === undefined || guardedBy(ruling, repository).length === 0) return false;
  const next = await readRules(after, repository, services);
  return next !== undefined && printRuling(next.config) !== printRuling(ruling.config);
}

/** Undefined where there is no default branch to read them from. */
async function readRules(
  commit: string | undefined,
  repository: RepositoryFacts,
  services: JobServices,
): Promise<ReadConfig | undefined> {
  if (commit === undefined) return undefined;
  const organization = await findOrganization(repository, services);
  return await services.checker.readConfig({ repository, commit, organization });
}

/** Where nobody can read the rules, the default branch may be under some. */
function guardedBy(ruling: ReadConfig | undefined, { defaultBranch }: RepositoryFacts): readonly string[] {
  if (ruling === undefined || ruling.problem !== undefined) return [defaultBranch];
  return listGuardedBranches(ruling.config.rules, defaultBranch);
}

/**
 * Whether merged pull requests, one after the other, make what the branch was into what it is: by content, so that
 * nothing hides beside what a pull request brought. Whether they were let in is asked of each.
 */
async function isAccountedFor(
  { repositoryId, branch, before, after }: SeenPush,
  repository: RepositoryFacts,
  { github, checker, records }: JobServices,
): Promise<boolean> {
  const merged = await github.repository(repository).listMergedPullRequests(branch);
  const tips = merged.flatMap(({ mergeSha }) => (mergeSha === undefined ? [] : [mergeSha]));
  const numbers: number[] = [];
  for (let tip = after; tip !== before;) {
    const pull = merged.find(({ number, mergeSha }) => mergeSha === tip && !numbers.includes(number));
    if (pull === undefined || numbers.length === MOST_MERGES) return false;
    numbers.push(pull.number);
    const question = { repository, headSha: pull.headSha, landed: tip, bases: [before, ...tips] };
    const { base } = await checker.findLanding(question);
    if (base === undefined) return false;
    tip = base;
  }
  await records.askForMerges(repositoryId, numbers);
  return true;
}

/** What changes no environment under rules is nobody's business. */
async function describePush(
  push: SeenPush,
  { rulesSha, areRulesMoved }: { readonly rulesSha: string | undefined; readonly areRulesMoved: boolean },
  repository: RepositoryFacts,
  services: JobServices,
): Promise<FoundBypass | undefined> {
  const { branch, before, after, actor } = push;
  const { report, rules } = await services.checker.check({
    ...{ repository, baseRef: branch, baseSha: before, headRef: branch, headSha: after, isMerge: false, rulesSha },
    ...{ organization: await findOrganization(repository, services), pin: `push-${after}` },
  });
  if (rules.problem !== undefined) return tellUnknown(push, repository);
  const changed = listChanges(report, rules.set, branch).map(({ environment }) => environment);
  const environments = keepRuled(changed, rules.set, branch);
  // A rule about the branch itself is gone around by whatever deploys.
  const isOfBranch = rules.set.branches.some(({ base }) => base.some((glob) => glob.matches(branch)));
  const isBrought = environments.length > 0 || (isOfBranch && digestReport(report).isDeploying);
  if (!isBrought && !areRulesMoved) return undefined;
  const { isReported, bots } = rules.set.bypasses;
  // An account can be called like a bot; only GitHub makes one a bot (T04). None of them may change the rules.
  const isAllowed =
    !areRulesMoved && actor?.type === "Bot" && bots.some((bot) => bot.toLowerCase() === actor.login.toLowerCase());
  const isShown = isReported && !isAllowed && rules.mode === "enforce";
  const check = checkPush(branch, { kind: "pushed", environments, areRulesMoved, by: actor });
  const how = isAllowed ? "allowed" : "pushed";
  return tell(
    repository,
    { how, environments, ...(areRulesMoved ? { areRulesMoved } : {}) },
    isShown ? [check] : [],
    push,
  );
}

function tellUnknown(push: SeenPush, repository: RepositoryFacts): FoundBypass {
  const check = checkPush(push.branch, { kind: "unknown-rules", by: push.actor });
  return tell(repository, { how: "unknown-rules" }, [check], push);
}

function tell(
  { installationId }: RepositoryFacts,
  detail: Readonly<Record<string, unknown>>,
  checks: readonly DesiredCheck[],
  { branch, before, after, actor }: SeenPush,
): FoundBypass {
  return {
    installationId,
    detail: { ...detail, branch, before, by: actor },
    outgoing: checks.map((check) => ({ kind: "check", headSha: after, check })),
  };
}

/** A search that was tried as often as it may be: what nobody could look at is not taken for a merge. */
export async function giveUpPush(repositoryId: RepositoryId, branch: string, { records }: JobServices): Promise<void> {
  const repository = await records.readRepository(repositoryId);
  if (repository === undefined) return;
  for (const push of await records.listUnweighed(repositoryId, branch)) {
    await records.weighPush(push, tellUnknown(push, repository));
  }
}
