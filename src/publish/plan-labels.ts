import type { RepositoryConfig } from "../config/index.ts";
import { isDestructiveRisk } from "../model/index.ts";
import type { LabelDefinition, Report, Risk } from "../model/index.ts";
import { shorten, toVisible } from "../report/visible-text.ts";
import { isTouched } from "./is-quiet.ts";

/** GitHub's bounds. */
const NAME_LIMIT = 50;
const DESCRIPTION_LIMIT = 100;
/** With more environments than this, a label for each says less than one for all of them. */
const ENVIRONMENTS = 10;

const COLORS = { environment: "1d76db", destructive: "b60205", high: "d93f0b", ready: "0e8a16", blocked: "d93f0b" };

/** The labels that should stand on the pull request: those of the families that the config names. */
export function planLabels(
  report: Report,
  { labels, mode }: RepositoryConfig,
  { isDraft }: { readonly isDraft: boolean },
): readonly LabelDefinition[] {
  const planned = [
    ...(labels.environment === undefined ? [] : labelEnvironments(report, labels.environment)),
    ...(labels.risk === undefined ? [] : labelRisk(report, labels.risk)),
    ...(labels.state === undefined || isDraft ? [] : labelState(report, labels.state, mode === "advise")),
  ];
  // Templates without a placeholder can give one name twice; GitHub does not tell names apart by case.
  return [...new Map(planned.toReversed().map((label) => [label.name.toLowerCase(), label])).values()].toReversed();
}

function labelEnvironments({ apps }: Report, template: string): readonly LabelDefinition[] {
  const changed = apps.filter(isTouched);
  const names = [...new Set(changed.flatMap(({ environment }) => environment ?? []))].toSorted();
  const told = names.length > ENVIRONMENTS ? ["many"] : names;
  return told.map((name) =>
    label(
      template.replaceAll("{environment}", () => name),
      COLORS.environment,
      `Changes what is deployed in ${name}`,
    ),
  );
}

function labelRisk({ apps }: Report, template: string): readonly LabelDefinition[] {
  const risks = apps.flatMap(({ changes }) => changes.flatMap((change) => change.risks));
  const high = risks.filter(({ level }: Risk) => level === "high");
  if (high.length === 0) return [];
  const isDestructive = high.some(isDestructiveRisk);
  const [word, description] = isDestructive
    ? (["destructive", "Deletes or replaces something, or loses data"] as const)
    : (["high", "Brings a high risk"] as const);
  return [label(template.replaceAll("{risk}", word), COLORS[word], description)];
}

/** A check that only advises blocks nothing, and one that would have failed is not ready either. */
function labelState({ outcome }: Report, template: string, isAdvice: boolean): readonly LabelDefinition[] {
  const isReady = outcome.status === "passed";
  if (isAdvice && !isReady) return [];
  const [word, description] = isReady
    ? (["ready", "Drydock's checks passed"] as const)
    : (["blocked", "Drydock's checks did not pass"] as const);
  return [label(template.replaceAll("{state}", word), COLORS[word], description)];
}

function label(name: string, color: string, description: string): LabelDefinition {
  return {
    name: shorten(toVisible(name).trim(), NAME_LIMIT),
    color,
    description: shorten(toVisible(description), DESCRIPTION_LIMIT),
  };
}
