import type { RepositoryConfig } from "../config/index.ts";
import type { CheckState, CommentableLines, Publication, Report } from "../model/index.ts";
import { isQuietReport } from "./is-quiet.ts";
import { hasName, listStandingLabels } from "./list-standing-labels.ts";
import { planPreviews, type AgentFacts } from "./plan-agent-labels.ts";
import { planLabels } from "./plan-labels.ts";
import { planReview } from "./plan-review.ts";
import { writeComments, type RuledFacts } from "./write-comments.ts";

/** What a publication depends on beside the report and the config. */
export interface PublicationFacts extends RuledFacts {
  readonly isDraft: boolean;
  /** What all checks together say of it, before advise mode lets them pass. */
  readonly state: CheckState;
  /** Whether somebody overrode what would have kept it out. */
  readonly isOverridden?: boolean;
  /** Names of the labels that stand on it. */
  readonly labels: readonly string[];
  /** Undefined where nobody knows them: then agents get no label. */
  readonly agents?: AgentFacts | undefined;
  readonly isFork: boolean;
  /** Only checks are written. */
  readonly isQuiet: boolean;
  readonly commentable: CommentableLines;
  /** Whether the base branch takes a merge only when every conversation is resolved. */
  readonly requiresResolvedConversations: boolean;
  /** Whole address of the page with the report. */
  readonly pageUrl?: string | undefined;
  /** Whether everybody may open that page; else a pull request from a fork gets no link to it. */
  readonly isPagePublic?: boolean;
}

const NOTHING = { comments: [], review: { threads: [], overflow: 0, standing: [] }, labels: [] } as const;

/**
 * Everything that should stand on the pull request beside its checks. Nothing where nothing that deploys changes; where
 * only checks are wanted, no more than is there already, and that only while it holds. The same report, config and facts give the same bytes.
 */
export function planPublication(report: Report, config: RepositoryConfig, facts: PublicationFacts): Publication {
  const { agents } = facts;
  const previews = agents === undefined ? [] : planPreviews(agents, facts);
  const isSilent = isQuietReport(report);
  const planned = isSilent || facts.isFork ? [] : [...planLabels(report, config, facts), ...previews];
  const own = listStandingLabels(facts.labels, config, agents);
  const labels = facts.isQuiet ? planned.filter(({ name }) => hasName(own, name)) : planned;
  const standingLabels = facts.labels
    .filter((name) => hasName([...own, ...labels.map((one) => one.name)], name))
    .toSorted();
  if (facts.isQuiet || isSilent) return { ...NOTHING, labels, standingLabels };
  const canOpenPage = !facts.isFork || facts.isPagePublic === true;
  return {
    comments: writeComments(report, config, canOpenPage ? facts.pageUrl : undefined, facts),
    review: planReview(report, config, facts),
    labels,
    standingLabels,
  };
}
