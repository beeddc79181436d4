import type { RepositoryConfig } from "../config/index.ts";
import type { EnvironmentDecision, Report, SinceApproval } from "../model/index.ts";
import { code, prose } from "../report/markdown/inline.ts";
import { describeVersions } from "../report/notes.ts";
import { COMMENT_LIMIT, measureComment } from "./bounds.ts";
import { linkPage, sayWhereAllIs } from "./page-link.ts";
import { spreadReport } from "./spread-report.ts";
import { writeSinceApprovals } from "./write-since-approval.ts";
import { writeRules } from "./write-rules.ts";
import { writeAdviceTitle } from "./write-title.ts";

/** What the rules of environments say of it. */
export interface RuledFacts {
  readonly decision?: EnvironmentDecision | undefined;
  /** What changed since approvals that died of it, the newest first. */
  readonly sinceApprovals?: readonly SinceApproval[];
}

/**
 * The sticky comment and its continuations, at most `comment.max`; none where comments are off. Continuations are named
 * by their number: what GitHub will call them is not known before they stand.
 */
export function writeComments(
  report: Report,
  config: RepositoryConfig,
  pageUrl: string | undefined,
  { decision, sinceApprovals = [] }: RuledFacts = {},
): readonly string[] {
  if (!config.comment.enabled) return [];
  const isPassed = report.outcome.status === "passed";
  const isAdvice = config.mode === "advise" && !isPassed;
  return spreadReport(report, {
    most: config.comment.max,
    limit: COMMENT_LIMIT,
    measure: measureComment,
    title: isAdvice ? writeAdviceTitle(report.outcome.title) : report.outcome.title,
    remarks: [
      ...(isAdvice ? ["This repository is in advise mode: the check passes all the same."] : []),
      ...(decision === undefined ? [] : writeRules(decision)),
      ...writeSinceApprovals(sinceApprovals),
    ],
    footer: writeFooter(report, pageUrl),
    whole: sayWhereAllIs(pageUrl),
    writeEnd: (next, of) => `Continued in the next comment (${next} of ${of}).`,
    writeStart: (number, of) => `### Drydock's report, continued (${number} of ${of})`,
  });
}

/** No commit of the base: it moves without a consequence for this pull request, and then nothing is to be edited. */
function writeFooter(report: Report, pageUrl: string | undefined): readonly string[] {
  const link = linkPage("Full report", pageUrl);
  const { commit } = report.head;
  const subject = commit === undefined ? "Compared" : `Commit ${code(commit.slice(0, 7))} compared`;
  const compared = `${subject} with ${code(report.base.ref, 80)} by ${prose(describeVersions(report), 200)}.`;
  const help = "A comment `/drydock check` checks again, `/drydock help` tells what else there is.";
  return [[...(link === undefined ? [] : [`${link}.`]), compared, help].join(" ")];
}
