import type { RepositoryConfig } from "../config/index.ts";
import type { CheckPart, EnvironmentDecision, Report, Verdict } from "../model/index.ts";
import { code, prose } from "../report/markdown/inline.ts";
import { describeVersions } from "../report/notes.ts";
import { count, formatCount } from "../report/phrase.ts";
import { annotateReport } from "./annotate.ts";
import type { Annotations } from "./annotate.ts";
import { PART_LIMIT, measureCheck } from "./bounds.ts";
import { judgeEnvironments } from "./judge-environments.ts";
import { hashVerdict } from "./hash-verdict.ts";
import { isQuietReport } from "./is-quiet.ts";
import { sayWhereAllIs } from "./page-link.ts";
import { narrowReport } from "./narrow-report.ts";
import type { SpreadOptions } from "./spread-report.ts";
import { spreadReport, spreadTold } from "./spread-report.ts";
import { tellPolicies, waitsForApproval } from "./tell-policies.ts";
import { writeTitle } from "./write-title.ts";

/** The commits that a verdict is about; all of GitHub that one needs. */
export interface JudgedCommits {
  readonly headSha: string;
  readonly baseSha: string;
  readonly baseRef: string;
}

export interface JudgedFacts extends JudgedCommits {
  /** What the rules of environments say. */
  readonly decision: EnvironmentDecision;
  /** Whether the default branch only advises. */
  readonly areRulesAdvice: boolean;
  /** What the rules that it brings would change for other pull requests, in sentences. */
  readonly rulePreview?: readonly string[] | undefined;
  /** The page with the whole report, where the author of the pull request can open it. */
  readonly pageUrl?: string | undefined;
  /** One sentence on what is off for want of a permission; said where something would have been written. */
  readonly silence?: string | undefined;
}

/**
 * What a report means for the checks, each of which is told what concerns it alone. Parts tell what was found also in
 * advise mode; that every check then passes is said where checks are made of verdicts (`combineVerdicts`). Equal reports
 * give equal verdicts, byte by byte, whatever the base's commit is.
 */
export function judgeReport(report: Report, config: RepositoryConfig, commits: JudgedFacts): Verdict {
  const isAdvice = config.mode === "advise";
  const parts = [
    judgeManifests(report, config, commits),
    judgePolicies(report, config, commits),
    judgeEnvironments(commits.decision, commits.areRulesAdvice, commits.rulePreview),
  ];
  const { headSha, baseSha, baseRef, decision } = commits;
  const hash = hashVerdict(parts, isAdvice, { report, config });
  const ends = [report.decision.changesAt, decision.changesAt].filter((at) => at !== undefined);
  return {
    ...{ headSha, baseSha, baseRef, parts, isAdvice, hash },
    changesAt: ends.length === 0 ? undefined : Math.min(...ends),
    isRuled: decision.results.length > 0,
  };
}

function judgeManifests(report: Report, config: RepositoryConfig, commits: JudgedFacts): CheckPart {
  const own = narrowReport(report, "manifests");
  const annotations = annotateReport(own, config.checks.annotations);
  const isPassed = own.outcome.status === "passed";
  const silence = commits.silence === undefined || isQuietReport(report) ? [] : [commits.silence];
  const remarks = [...(isPassed ? [] : [PUSH_A_FIX]), ...countAnnotations(annotations)];
  const [summary = "", details = ""] = spreadReport(own, spreadOptions(own, commits, { remarks, silence }));
  return {
    name: "drydock/manifests",
    state: isPassed ? "success" : "failure",
    title: writeTitle(own.outcome.title),
    summary,
    details,
    annotations: annotations.shown,
  };
}

/** What an app does not render for is told by the manifests' check. */
function judgePolicies(report: Report, config: RepositoryConfig, commits: JudgedFacts): CheckPart {
  const own = narrowReport(report, "policy");
  const annotations = annotateReport({ ...own, apps: [] }, config.checks.annotations);
  const isPassed = own.outcome.status === "passed";
  const isWaiting = waitsForApproval(own);
  const silence = isWaiting && commits.silence !== undefined ? [commits.silence] : [];
  const advice = isPassed ? [] : [isWaiting ? APPROVE : PUSH_A_FIX];
  const remarks = [...advice, ...describeEnd(report), ...countAnnotations(annotations)];
  const options = spreadOptions(own, commits, { remarks, silence });
  const [summary = "", details = ""] = spreadTold(tellPolicies(own), options);
  return {
    name: "drydock/policy",
    state: isPassed ? "success" : isWaiting ? "in_progress" : "failure",
    title: writeTitle(own.outcome.title),
    summary,
    details,
    annotations: annotations.shown,
  };
}

const PUSH_A_FIX = "Push a fix, or comment `/drydock check` to have it checked again as it is.";
const APPROVE =
  "Nothing has to be pushed: this passes once the exceptions below are approved, by an approving review or the comment `/drydock approve` of somebody whom they name.";

/** Until when what is said here holds although nothing moves. */
function describeEnd({ decision: { changesAt } }: Report): readonly string[] {
  if (changesAt === undefined) return [];
  const lastDay = new Date(changesAt - 1).toISOString().slice(0, 10);
  return [`An exception below counts until ${lastDay} (UTC). Once that day is over, this is checked again by itself.`];
}

function countAnnotations({ shown, more }: Annotations): readonly string[] {
  if (more === 0 || shown.length === 0) return [];
  return [`${count(shown.length, "finding")} on lines, ${formatCount(more)} more in this report alone.`];
}

/** Summary and, where it needs more room, text of the check run. GitHub shows the title above them. */
function spreadOptions(
  report: Report,
  commits: JudgedFacts,
  { remarks, silence }: { readonly remarks: readonly string[]; readonly silence: readonly string[] },
): SpreadOptions {
  return {
    most: 2,
    limit: PART_LIMIT,
    measure: measureCheck,
    title: undefined,
    remarks,
    footer: [`Compared with ${code(commits.baseRef, 80)} by ${prose(describeVersions(report), 200)}.`, ...silence],
    whole: sayWhereAllIs(commits.pageUrl),
    writeEnd: () => "Continued below.",
    writeStart: () => "Continued from above.",
  };
}
