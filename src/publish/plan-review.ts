import type { RepositoryConfig } from "../config/index.ts";
import type { CommentableLines, DesiredReview, JudgedFinding, Report, ReviewThread } from "../model/index.ts";
import type { DescribeRule, RuleDescription } from "../report/describe-rule.ts";
import { describeRules } from "../report/describe-rule.ts";
import { describePath, describeResource } from "../report/describe.ts";
import { describeException } from "../report/exceptions.ts";
import { code, prose } from "../report/markdown/inline.ts";
import { outlineReport } from "../report/outline.ts";
import { count, formatCount } from "../report/phrase.ts";
import { makeKey } from "./make-key.ts";
import { linkPage } from "./page-link.ts";
import { threadRenderedDiffs } from "./rendered-diffs.ts";

/** Comments of one review; more than these are read by nobody. */
const THREADS = 10;
const APPS_NAMED = 20;

export interface ReviewFacts {
  readonly isDraft: boolean;
  readonly commentable: CommentableLines;
  readonly requiresResolvedConversations: boolean;
}

/**
 * The review comments that should stand: findings on lines of the change, then rendered diffs on its files. None on a
 * draft. Where every conversation has to be resolved before a merge, what does not block is no conversation.
 */
export function planReview(report: Report, config: RepositoryConfig, facts: ReviewFacts): DesiredReview {
  if (facts.isDraft) return { threads: [], overflow: 0, standing: [] };
  const { errors, warnings, notices } = outlineReport(report);
  const isBlockingOnly = facts.requiresResolvedConversations;
  const wantsErrors = config.review.findings !== "off" && !(isBlockingOnly && config.mode === "advise");
  const wantsAll = config.review.findings === "all" && !isBlockingOnly;
  const findings = [...(wantsErrors ? errors : []), ...(wantsAll ? [...warnings, ...notices] : [])];
  const diffs = isBlockingOnly ? [] : threadRenderedDiffs(report, config.review.renderedDiffs, facts.commentable);
  const keyed = keyFindings(findings);
  const all = [...threadFindings(keyed, facts.commentable, describeRules(report.policies)), ...diffs];
  return {
    threads: all.slice(0, THREADS),
    overflow: Math.max(0, all.length - THREADS),
    standing: [...new Set([...keyed, ...all].map(({ key }) => key))],
  };
}

interface KeyedFinding {
  readonly key: string;
  readonly finding: JudgedFinding;
}

function keyFindings(findings: readonly JudgedFinding[]): readonly KeyedFinding[] {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const { rule, resource, path, location } = finding;
    const { group = "", kind = "", namespace = "", name = "" } = resource ?? {};
    const about = [rule, group, kind, namespace, name, path, location?.file ?? ""];
    // Two of one rule at one field, such as syntax errors of a file without resources, are told apart by their order.
    const identity = makeKey("finding", about);
    const occurrence = seen.get(identity) ?? 0;
    seen.set(identity, occurrence + 1);
    return { finding, key: occurrence === 0 ? identity : makeKey("finding", [...about, occurrence]) };
  });
}

function threadFindings(
  keyed: readonly KeyedFinding[],
  commentable: CommentableLines,
  describe: DescribeRule,
): readonly ReviewThread[] {
  return keyed.flatMap(({ key, finding }) => {
    const { location, level } = finding;
    if (location?.line === undefined || !isCommentable(commentable, location.file, location.line)) return [];
    return [{ key, path: location.file, line: location.line, level, body: writeFinding(finding, describe) }];
  });
}

function isCommentable(commentable: CommentableLines, file: string, line: number): boolean {
  return commentable.get(file)?.some(([first, last]) => first <= line && line <= last) === true;
}

const LEVEL_WORDS = { error: "Error", warning: "Warning", notice: "Notice" } as const;

function writeFinding(finding: JudgedFinding, describe: DescribeRule): string {
  const { level, rule, message, help, resource, path, apps, isRendered, exception } = finding;
  const about = [
    ...(resource === undefined ? [] : [code(describeResource(resource))]),
    ...(path.length === 0 ? [] : [code(describePath(path))]),
    ...(isRendered ? ["as rendered"] : []),
  ];
  const said = describeException({ exception });
  const blocks = [
    `**${LEVEL_WORDS[level]}** ${code(rule)}: ${prose(message, 2_000)}`,
    ...(help === undefined ? [] : [`→ ${prose(help, 2_000)}`]),
    ...(finding.check === "policy" ? writeRule(describe(rule)) : []),
    ...(said === undefined ? [] : [`**${prose(said)}**`]),
    ...(about.length === 0 ? [] : [`About ${about.join(", ")}.`]),
    ...writeApps(apps),
  ];
  return blocks.join("\n\n");
}

/** Why a rule of policy is there, and where it stands or more is said of it. */
function writeRule({ why, link, place }: RuleDescription): readonly string[] {
  const more = linkPage("More about this rule", link);
  const parts = [
    ...(why === undefined ? [] : [prose(why)]),
    ...(more === undefined ? [] : [`${more}.`]),
    ...(place === undefined ? [] : [`The policy: ${code(place)}.`]),
  ];
  return parts.length === 0 ? [] : [parts.join(" ")];
}

/** One app in a line, several of them folded. */
function writeApps(apps: readonly string[]): readonly string[] {
  const [first, ...others] = apps;
  if (first === undefined) return [];
  if (others.length === 0) return [`In ${code(first)}.`];
  const more = apps.length - APPS_NAMED;
  const lines = [
    ...apps.slice(0, APPS_NAMED).map((app) => `- ${code(app)}`),
    ...(more > 0 ? [`- and ${formatCount(more)} more`] : []),
  ];
  return [`<details><summary>In ${count(apps.length, "app")}</summary>\n\n${lines.join("\n")}\n\n</details>`];
}
