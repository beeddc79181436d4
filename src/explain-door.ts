import { checkChange } from "./check-change.ts";
import type { DecisionOutput, ExplainRequest } from "./cli/decision-commands.ts";
import { historyOf } from "./config-history.ts";
import type { RuleSet } from "./config/index.ts";
import { digestReport, listChanges } from "./environments/index.ts";
import { openRepository, type Repository } from "./git/index.ts";
import { withoutChanges } from "./jobs/decide-environments.ts";
import { UsageError, type Report, type RuledPullRequest } from "./model/index.ts";
import { openWorkbench, type Surroundings } from "./open-workbench.ts";
import { withOrganization } from "./organization-door.ts";
import { loadConfig, parseGivenConfig, type LoadedConfig } from "./pipeline/load-config.ts";
import { readGiven } from "./read-given.ts";
import { answerDecision, readFactsFile, requireRules } from "./simulate-door.ts";

/**
 * Checks a change of a clone and decides over it by the rules of the default branch, with what a file of facts tells.
 * Rejects with a UsageError where the change, the rules or the facts cannot be read.
 */
export async function explainDoor(surroundings: Surroundings, request: ExplainRequest): Promise<DecisionOutput> {
  const repository = await openRepository(request.repo);
  const bench = openWorkbench(surroundings, repository, { cache: true });
  try {
    const head = await findHead(repository, request);
    const { report } = await checkChange(repository, bench, { ...request, ...head, merge: true }, () => undefined);
    const rules = await readRuleSet(repository, request);
    return decide(report, rules, request, await nameBase(repository, request.base, report));
  } finally {
    await bench.engine.close();
    await bench.policyEngine.close();
    await repository.close();
  }
}

/** What is checked out may be anything: only a ref that GitHub keeps for it is taken for the pull request. */
async function findHead(
  repository: Repository,
  { pr, head, worktree }: ExplainRequest,
): Promise<Pick<ExplainRequest, "head">> {
  if (head !== undefined || worktree === true) return {};
  const ref = `refs/pull/${pr}/head`;
  try {
    await repository.resolveRef(ref);
    return { head: ref };
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    const fetch = `git fetch origin pull/${pr}/head:${ref}`;
    const words = `this clone has no ${ref}; get it with \`${fetch}\`, or name the change with --head or --worktree`;
    throw new UsageError(words, { cause });
  }
}

/** The name of the branch that the pull request would be merged into. */
async function nameBase(repository: Repository, base: string | undefined, report: Report): Promise<string> {
  const name = (base ?? report.base.ref).replace(/^(?:refs\/heads\/|(?:refs\/remotes\/)?origin\/)/u, "");
  return name === "HEAD" && base === undefined ? ((await repository.remoteDefault()) ?? name) : name;
}

/** Rules are the default branch's, whatever the base is. */
async function readRuleSet(repository: Repository, { config, organization }: ExplainRequest): Promise<RuleSet> {
  const loaded = config === undefined ? await loadDefault(repository) : parseGivenConfig(readGiven(config), config);
  return await withOrganization(organization, repository, (said) => Promise.resolve(requireRules(loaded, said)));
}

async function loadDefault(repository: Repository): Promise<LoadedConfig> {
  const { commit, tree } = await repository.defaultBase();
  if (commit === undefined) throw new UsageError("the default branch has no commit");
  const loaded = await loadConfig(repository.openTree(tree), historyOf(repository, commit));
  if (loaded.isNeverValid) throw new UsageError(loaded.notes[0] ?? "the config of the default branch is invalid");
  return loaded;
}

function decide(report: Report, rules: RuleSet, request: ExplainRequest, baseRef: string): DecisionOutput {
  const pullRequest: RuledPullRequest = {
    ...{ number: request.pr, author: undefined, requestedBy: undefined, headRef: report.head.ref, baseRef },
    ...{ headSha: report.head.commit ?? "", isFork: false, isDraft: false, labels: [], kind: undefined },
  };
  const known = readFactsFile(request.facts, {
    at: request.at,
    environments: rules.environments.map(({ name }) => name),
    looked: {
      pullRequest,
      listChanges: (base) => ({ changes: listChanges(report, rules, base), reported: digestReport(report) }),
    },
  });
  const into = known.facts.pullRequest.baseRef;
  const notes = [
    `Looked at ${report.head.ref}, as it would be merged into ${into}.`,
    ...(known.unknown.size === 0 ? [] : [UNKNOWN]),
  ];
  const isRuled = rules.environments.length > 0 || rules.branches.length > 0;
  const decided = report.isConflict === true && isRuled ? withoutChanges(into) : undefined;
  return answerDecision(known, rules, request, notes, decided);
}

const UNKNOWN = "What only GitHub and the server know is not known here, but for what --facts says.";
