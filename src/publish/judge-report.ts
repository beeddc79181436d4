import type { RepositoryConfig } from "../config/index.ts";
import type { CheckPart, Report, Verdict } from "../model/index.ts";
import { code, prose } from "../report/markdown/inline.ts";
import { describeVersions } from "../report/notes.ts";
import { count, formatCount } from "../report/phrase.ts";
import { annotateReport } from "./annotate.ts";
import type { Annotations } from "./annotate.ts";
import { PART_LIMIT, measureCheck } from "./bounds.ts";
import { hashVerdict } from "./hash-verdict.ts";
import { isQuietReport } from "./is-quiet.ts";
import { sayWhereAllIs } from "./page-link.ts";
import { spreadReport } from "./spread-report.ts";
import { writeTitle } from "./write-title.ts";

/** The commits that a verdict is about; all of GitHub that one needs. */
export interface JudgedCommits {
  readonly headSha: string;
  readonly baseSha: string;
  readonly baseRef: string;
}

export interface JudgedFacts extends JudgedCommits {
  /** The page with the whole report, where the author of the pull request can open it. */
  readonly pageUrl?: string | undefined;
  /** One sentence on what is off for want of a permission; said where something would have been written. */
  readonly silence?: string | undefined;
}

/**
 * What a report means for the checks. Parts tell what was found also in advise mode; that every check then passes is
 * said where checks are made of verdicts (`combineVerdicts`). Equal reports give equal verdicts, byte by byte, whatever
 * the base's commit is.
 */
export function judgeReport(report: Report, config: RepositoryConfig, commits: JudgedFacts): Verdict {
  const isAdvice = config.mode === "advise";
  const annotations = annotateReport(report, config.checks.annotations);
  const [summary = "", details = ""] = writeSummary(report, commits, annotations);
  const part: CheckPart = {
    name: "drydock/manifests",
    state: report.outcome.status === "passed" ? "success" : "failure",
    title: writeTitle(report.outcome.title),
    summary,
    details,
    annotations: annotations.shown,
  };
  const { headSha, baseSha, baseRef } = commits;
  return {
    headSha,
    baseSha,
    baseRef,
    parts: [part],
    isAdvice,
    hash: hashVerdict([part], isAdvice, { report, config }),
  };
}

/** Summary and, where it needs more room, text of the check run. GitHub shows the title above them. */
function writeSummary(report: Report, commits: JudgedFacts, annotations: Annotations): readonly string[] {
  const remarks = [
    ...(report.outcome.status === "passed"
      ? []
      : ["Push a fix, or comment `/drydock check` to have it checked again as it is."]),
    ...(annotations.more > 0 && annotations.shown.length > 0
      ? [
          `${count(annotations.shown.length, "finding")} on lines, ${formatCount(annotations.more)} more in this report alone.`,
        ]
      : []),
  ];
  return spreadReport(report, {
    most: 2,
    limit: PART_LIMIT,
    measure: measureCheck,
    title: undefined,
    remarks,
    footer: [
      `Compared with ${code(commits.baseRef, 80)} by ${prose(describeVersions(report), 200)}.`,
      ...(commits.silence === undefined || isQuietReport(report) ? [] : [commits.silence]),
    ],
    whole: sayWhereAllIs(commits.pageUrl),
    writeEnd: () => "Continued below.",
    writeStart: () => "Continued from above.",
  });
}
