import {
  AccessLostFault,
  type CheckState,
  type EnvironmentDecision,
  type PullRequest,
  type PullRequestKey,
  type Verdict,
} from "../model/index.ts";
import { digestContent, rankRisk } from "../environments/index.ts";
import {
  couldNotCheck,
  judgeReport,
  planPublication,
  progressChecks,
  waitsForMaintainer,
  type PublicationFacts,
} from "../publish/index.ts";
import { describeUnknownTeams, isSameException } from "./approve-exceptions.ts";
import { compareApproved } from "./compare-approved.ts";
import { checkPullRequest, type JudgedPullRequest } from "./check-pull-request.ts";
import { listUses } from "./check-with-approvals.ts";
import { combine } from "./combine.ts";
import { nameBuild } from "./facts/name-build.ts";
import { findOwnLabels } from "./find-own-labels.ts";
import { offerMerge } from "./offer-merge.ts";
import { pullPage } from "./pages.ts";
import { describeSilence } from "./permissions.ts";
import { renderStored } from "./render-stored.ts";
import type { GitHubRepository, JudgedRules, StartedJudgement } from "./ports.ts";
import type { JobServices } from "./services.ts";

/** Reasons that by themselves ask whether anything is different, and need no answer when base and head are the same. */
const MOVES: ReadonlySet<string> = new Set(["base-moved", "swept"]);

/**
 * Judges one pull request as it is now, and stores what should stand on GitHub. Safe to run twice and beside itself:
 * every step asks whether its generation is still the newest, and what an older run stored is replaced.
 */
export async function judgePullRequest(key: PullRequestKey, services: JobServices): Promise<void> {
  const { records, github } = services;
  const started = await records.startJudgement(key);
  if (started === undefined) return;
  const { repository, generation } = started;
  const api = github.repository(repository);
  const pullRequest = await api.readPullRequest(key.number);
  if (pullRequest?.isOpen !== true) {
    const isMerged = pullRequest?.isMerged === true;
    await records.applyIntents([{ kind: "close", repository, number: key.number, isMerged }]);
    return;
  }
  if ((await records.notePullRequest(pullRequest, generation)) === "outdated") return;
  if (needsMaintainer(started, pullRequest, services)) {
    await finishUnseen(started, pullRequest, waitsForMaintainer(shasOf(pullRequest, pullRequest.baseSha)), services);
    return;
  }
  const baseSha = await api.readBranch(pullRequest.baseRef);
  if (baseSha === undefined) {
    const verdict = couldNotCheck("its base branch is gone", shasOf(pullRequest, pullRequest.baseSha));
    await finishUnseen(started, pullRequest, verdict, services);
    return;
  }
  if (isKnown(started, pullRequest, baseSha, services.now())) {
    await records.finishJudgement(key, keepLast(started), combine);
    return;
  }
  const page = openPage(started, pullRequest, services);
  if ((await records.showProgress(key, generation, progressChecks(page))) === "outdated") return;
  const place = { repository, pullRequest, permissions: started.permissions, baseSha };
  const checked = await checkPullRequest(place, services);
  await keepJudgement(key, started, pullRequest, { ...checked, baseSha, page }, services);
}

/** A fork's author is likely outside, where a page behind a sign-in, or inside a company, leads nowhere. */
function openPage(
  { repository }: StartedJudgement,
  { number, isFork }: PullRequest,
  { settings }: JobServices,
): string | undefined {
  const isPublic = settings.arePagesPublic && !repository.isPrivate;
  return isFork && !isPublic ? undefined : pullPage(repository, number);
}

/**
 * A fork's pull request to a public repository costs work that anybody can ask for. GitHub says that it is public in the
 * same answer: what was noted of the repository may be from before it was opened to all.
 */
function needsMaintainer(
  { releasedSha }: StartedJudgement,
  { isFork, isPublic, headSha }: PullRequest,
  { settings }: JobServices,
): boolean {
  return settings.publicNeedsMaintainer && isFork && isPublic && releasedSha !== headSha;
}

function shasOf({ headSha, baseRef }: PullRequest, baseSha: string): Pick<Verdict, "headSha" | "baseSha" | "baseRef"> {
  return { headSha, baseSha, baseRef };
}

function isKnown(
  { last, reasons, needsExceptions, wantsMerge }: StartedJudgement,
  { headSha, baseRef }: PullRequest,
  baseSha: string,
  now: number,
): boolean {
  const verdict = last?.verdict;
  const isSame = verdict?.headSha === headSha && verdict.baseSha === baseSha && verdict.baseRef === baseRef;
  const isDue = verdict?.changesAt !== undefined && verdict.changesAt <= now;
  return (
    isSame &&
    !isDue &&
    !needsExceptions &&
    wantsMerge !== true &&
    verdict.isRuled !== true &&
    reasons.every((reason) => MOVES.has(reason))
  );
}

function keepLast({ generation, last }: StartedJudgement): Parameters<JobServices["records"]["finishJudgement"]>[1] {
  if (last === undefined) throw new Error("there is no earlier verdict to keep");
  return { generation, verdict: last.verdict, publication: undefined, report: undefined };
}

async function keepJudgement(
  key: PullRequestKey,
  started: StartedJudgement,
  pullRequest: PullRequest,
  {
    report,
    config,
    rules,
    build,
    commentable,
    asked,
    approved,
    decided,
    rulePreview,
    used,
    factsAt,
    baseSha,
    page,
  }: CheckedHere,
  services: JobServices,
): Promise<void> {
  const { records, github, pageUrl, settings } = services;
  const { repository, generation, isQuiet } = started;
  const sinceApprovals =
    isQuiet || !config.comment.enabled
      ? []
      : await compareApproved(decided.facts, rules.set, { repository, pullRequest, baseSha }, services);
  const facts = {
    sinceApprovals,
    decision: rules.mode === "advise" ? undefined : decided.decision,
    isDraft: pullRequest.isDraft,
    isFork: pullRequest.isFork,
    labels: pullRequest.labels,
    isOverridden: used.length > 0,
    isQuiet,
    commentable,
    requiresResolvedConversations: await asksForResolution(github.repository(repository), pullRequest.baseRef),
    pageUrl: page === undefined ? undefined : pageUrl(page),
    isPagePublic: settings.arePagesPublic && !repository.isPrivate,
  };
  const shas = shasOf(pullRequest, baseSha);
  const silence = describeSilences(
    started,
    asked.filter((one) => !approved.some((other) => isSameException(one, other))),
  );
  const verdict = judgeReport(report, config, {
    ...{ ...shas, pageUrl: facts.pageUrl, silence },
    ...{ decision: decided.decision, areRulesAdvice: rules.mode === "advise", rulePreview },
  });
  const planned = planPublication(report, config, {
    ...{ ...facts, state: worstOf(verdict), agents: tellAgents(rules, decided.decision, verdict) },
  });
  const judged = {
    generation,
    // Who may override is asked again whenever anything moves.
    verdict: { ...verdict, page, isRuled: verdict.isRuled === true || decided.facts.overrides.length > 0 },
    publication: isQuiet ? undefined : planned,
    labels: isQuiet ? { labels: planned.labels, standing: planned.standingLabels } : undefined,
    report: renderStored(report),
    exceptions: { asked, uses: listUses(report, approved) },
    overrides: { reportDigest: decided.facts.reported.digest, used },
    facts: report.isConflict === true ? undefined : decided.facts,
    content: { digests: digestContent(decided.facts.changes), build: nameBuild(build, rules.set) },
    risk: worstOf(verdict) === "success" ? rankRisk(decided.facts.changes, rules.set) : 0,
  };
  if ((await records.finishJudgement(key, judged, combine)) === "outdated") return;
  const offered = { started, pullRequest, verdict, reportDigest: decided.facts.reported.digest, factsAt };
  await offerMerge(key, offered, services);
}

/** What nobody will be told, and why; undefined where nothing is missing. */
function describeSilences(
  { repository, permissions, isQuiet }: StartedJudgement,
  waiting: CheckedHere["asked"],
): string | undefined {
  const silences = [
    isQuiet ? undefined : describeSilence(permissions),
    describeUnknownTeams(waiting, { repository, permissions }),
  ].filter((sentence) => sentence !== undefined);
  return silences.length === 0 ? undefined : silences.join(" ");
}

/** By what the checks say themselves: advice that lets them pass is no word for agents. */
function tellAgents(
  { set, labels }: JudgedRules,
  { environments: changed }: EnvironmentDecision,
  { parts }: Verdict,
): PublicationFacts["agents"] {
  const passed = parts.filter(({ state }) => state === "success").map(({ name }) => name);
  return { labels, environments: set.environments.map(({ name }) => name), changed, passed };
}

/** Failure, then waiting, then success. */
function worstOf({ parts }: Verdict): CheckState {
  const states = new Set(parts.map(({ state }) => state));
  return states.has("failure") ? "failure" : states.has("in_progress") ? "in_progress" : "success";
}

interface CheckedHere extends JudgedPullRequest {
  readonly baseSha: string;
  readonly page: string | undefined;
}

/** Not knowing must not turn notices into threads that block a merge. */
async function asksForResolution(api: GitHubRepository, branch: string): Promise<boolean> {
  try {
    return await api.requiresResolvedConversations(branch);
  } catch (error) {
    if (error instanceof AccessLostFault && error.loss === "permission") return true;
    throw error;
  }
}

/** What was not looked at has no label of Drydock's, whoever set it. */
async function finishUnseen(
  started: StartedJudgement,
  pullRequest: PullRequest,
  verdict: Verdict,
  services: JobServices,
): Promise<void> {
  const standing = await findOwnLabels(started.repository, pullRequest, services);
  await finish(started, pullRequest, { verdict, standing }, services);
}

async function finish(
  { generation }: StartedJudgement,
  key: PullRequestKey,
  { verdict, standing }: { readonly verdict: Verdict; readonly standing: readonly string[] | undefined },
  { records }: JobServices,
): Promise<void> {
  const nothing = { publication: undefined, labels: { labels: [], standing }, report: undefined };
  await records.finishJudgement(key, { generation, verdict, ...nothing }, combine);
}

/** A judgement that was tried as often as it may be: the pull request says so and why, in red, instead of being silent. */
export async function giveUpPullRequest(key: PullRequestKey, why: string, services: JobServices): Promise<void> {
  const { records, github } = services;
  const started = await records.startJudgement(key);
  if (started === undefined) return;
  const pullRequest = await github.repository(started.repository).readPullRequest(key.number);
  if (pullRequest?.isOpen !== true) return;
  if ((await records.notePullRequest(pullRequest, started.generation)) === "outdated") return;
  const verdict = couldNotCheck(why, shasOf(pullRequest, pullRequest.baseSha));
  const standing = await findLeftLabels(started, pullRequest, services);
  await finish(started, pullRequest, { verdict, standing }, services);
}

/** What kept it from being judged may keep the config from being read too: then only what Drydock set is known. */
async function findLeftLabels(
  { repository }: StartedJudgement,
  pullRequest: PullRequest,
  services: JobServices,
): Promise<readonly string[] | undefined> {
  try {
    return await findOwnLabels(repository, pullRequest, services);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "unknown";
    services.log.warn({ repository: repository.repositoryId, reason }, "labels of a pull request are not known");
    return undefined;
  }
}
