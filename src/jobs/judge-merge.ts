import { keepRuled, LEAD } from "../environments/index.ts";
import type { MergeFacts, PullRequest, PullRequestKey, Verdict } from "../model/index.ts";
import { judgeReport, tellMerge } from "../publish/index.ts";
import { checkPullRequest, type JudgedPullRequest } from "./check-pull-request.ts";
import { combine } from "./combine.ts";
import type { ClosedJudgement, FoundBypass, Landing, RepositoryFacts } from "./ports.ts";
import { SAME_MOMENT } from "./same-moment.ts";
import type { JobServices } from "./services.ts";

/** These ask whether anything is different; whether something was is seen by what landed. */
const MOVES: ReadonlySet<string> = new Set(["base-moved", "rules-moved", "swept"]);

/**
 * Finds out whether a pull request was let in when it was merged: by a verdict that stood, was green and was about
 * exactly what landed. Where rules were asked it is judged once more, as it was merged, by facts that are read anew: a
 * fact can have changed without an event. What is not as it should be goes on record and is told on it (T27, T28).
 */
export async function judgeMerge(key: PullRequestKey, services: JobServices): Promise<void> {
  const { records, github } = services;
  const known = await records.readRepository(key.repositoryId);
  if (known === undefined) return;
  const api = github.repository(known);
  const pullRequest = await api.readPullRequest(key.number);
  const { merge, mergeSha } = pullRequest ?? {};
  if (pullRequest === undefined || merge === undefined || mergeSha === undefined) return;
  const repository = await api.readFacts();
  const closed = await records.readClosed(key, mergeSha);
  const found = await findBypass({ repository, pullRequest, merge, mergeSha, closed }, services);
  await records.keepWeighed(key, { commit: mergeSha, found });
}

interface MergedPlace {
  readonly repository: RepositoryFacts;
  readonly pullRequest: PullRequest;
  readonly merge: MergeFacts;
  readonly mergeSha: string;
  readonly closed: ClosedJudgement;
}

async function findBypass(place: MergedPlace, services: JobServices): Promise<FoundBypass | undefined> {
  const { repository, pullRequest, merge, mergeSha, closed } = place;
  if (closed.group !== undefined && isGreen(closed.group, undefined)) return undefined;
  const { verdict } = closed;
  const landing = await services.checker.findLanding({
    ...{ repository, headSha: pullRequest.headSha, landed: mergeSha },
    bases: verdict === undefined ? [] : [verdict.baseSha],
  });
  const reasons = listReasons(place, landing);
  if (reasons.length === 0 && verdict?.isRuled !== true) return undefined;
  const baseSha = landing.base ?? landing.parent;
  if (baseSha === undefined) return undefined;
  const judged = await checkPullRequest(
    { repository, pullRequest, permissions: closed.permissions, baseSha, isPast: true },
    { ...services, now: () => merge.at },
  );
  return describe(place, reasons, judged, baseSha);
}

/** Why the verdict that stood does not account for the merge; empty where it does. */
function listReasons({ pullRequest, merge, closed }: MergedPlace, landing: Landing): readonly string[] {
  const { verdict, since = 0, reasons } = closed;
  const { headSha, baseRef } = pullRequest;
  if (landing.base === undefined) return ["What landed is not what merging it gives."];
  if (verdict === undefined) return ["It had not been judged."];
  if (verdict.headSha !== headSha) return ["What had been judged was an earlier commit."];
  if (verdict.baseRef !== baseRef) return [`It had been judged for ${verdict.baseRef}.`];
  const isLate = since > merge.at + SAME_MOMENT;
  // An end is told ahead, and what is merged meanwhile is merged in time.
  const isEnded = verdict.changesAt !== undefined && verdict.changesAt + LEAD <= merge.at;
  return [
    ...(isGreen(verdict, pullRequest.number) ? [] : [`The check said: ${titleOf(verdict, pullRequest.number)}.`]),
    ...(isLate ? ["It was judged only after it was merged."] : []),
    ...(landing.base === verdict.baseSha ? [] : [`${baseRef} had moved since it was judged.`]),
    ...(isEnded ? ["The time that its verdict was for was over."] : []),
    ...(reasons.every((reason) => MOVES.has(reason)) ? [] : ["Something had changed, and it was being judged again."]),
  ];
}

/** As GitHub is told it: advice lets everything pass that only the base's config asks for. */
function gateOf(verdict: Verdict, number: number | undefined) {
  return combine(verdict.headSha, [{ number, baseRef: verdict.baseRef, verdict }])[0];
}

function isGreen(verdict: Verdict, number: number | undefined): boolean {
  return gateOf(verdict, number)?.state === "success";
}

function titleOf(verdict: Verdict, number: number): string {
  return gateOf(verdict, number)?.title ?? "";
}

/** Nothing where no environment under rules is changed, nor where all was well. */
function describe(
  { repository, pullRequest, merge }: MergedPlace,
  reasons: readonly string[],
  { report, config, rules, decided }: JudgedPullRequest,
  baseSha: string,
): FoundBypass | undefined {
  const { number, headSha, baseRef } = pullRequest;
  const facts = { headSha, baseSha, baseRef, decision: decided.decision, areRulesAdvice: rules.mode === "advise" };
  const verdict = judgeReport(report, config, facts);
  const again = isGreen(verdict, number) ? undefined : titleOf(verdict, number);
  const changed = decided.facts.changes.map(({ environment }) => environment);
  const environments = keepRuled(changed, rules.set, baseRef);
  const isRuled = environments.length > 0 || verdict.isRuled === true || rules.problem !== undefined;
  if (!isRuled || (reasons.length === 0 && again === undefined)) return undefined;
  const isShown = rules.set.bypasses.isReported && rules.mode === "enforce";
  const body = tellMerge({ baseRef, by: merge.by, environments, reasons, again });
  return {
    installationId: repository.installationId,
    detail: { reasons, again: again ?? null, environments, by: merge.by, baseRef },
    outgoing: isShown ? [{ kind: "answer", number, to: "merge", body }] : [],
  };
}
