import type { RepositoryConfig } from "../config/index.ts";
import { isDestructiveRisk } from "../model/index.ts";
import type { CheckState, LabelDefinition, Report, Risk } from "../model/index.ts";
import { defineLabel } from "./define-label.ts";
import { isTouched } from "./is-quiet.ts";

/** With more environments than this, a label for each says less than one for all of them. */
const ENVIRONMENTS = 10;

const COLORS = { environment: "1d76db", destructive: "b60205", high: "d93f0b", ready: "0e8a16", blocked: "d93f0b" };

export interface LabelFacts {
  readonly isDraft: boolean;
  readonly state: CheckState;
  readonly isOverridden?: boolean;
}

/** The labels that should stand on the pull request: those of the families that the config names. */
export function planLabels(
  report: Report,
  { labels, mode }: RepositoryConfig,
  { isDraft, state, isOverridden = false }: LabelFacts,
): readonly LabelDefinition[] {
  const planned = [
    ...(labels.environment === undefined ? [] : labelEnvironments(report, labels.environment)),
    ...(labels.risk === undefined ? [] : labelRisk(report, labels.risk)),
    ...(labels.state === undefined || !isOverridden ? [] : [labelOverridden(labels.state)]),
    ...(labels.state === undefined || isDraft ? [] : labelState(state, labels.state, mode === "advise")),
  ];
  // Templates without a placeholder can give one name twice; GitHub does not tell names apart by case.
  return [...new Map(planned.toReversed().map((label) => [label.name.toLowerCase(), label])).values()].toReversed();
}

function labelEnvironments({ apps }: Report, template: string): readonly LabelDefinition[] {
  const changed = apps.filter(isTouched);
  const names = [...new Set(changed.flatMap(({ environment }) => environment ?? []))].toSorted();
  const told = names.length > ENVIRONMENTS ? ["many"] : names;
  return told.map((name) =>
    defineLabel(
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
  return [defineLabel(template.replaceAll("{risk}", word), COLORS[word], description)];
}

/**
 * A check that only advises blocks nothing, and one that would have failed is not ready either. What waits for people or
 * time is neither: nobody has to change it.
 */
function labelState(state: CheckState, template: string, isAdvice: boolean): readonly LabelDefinition[] {
  const isReady = state === "success";
  if (state === "in_progress" || (isAdvice && !isReady)) return [];
  const word = isReady ? "ready" : "blocked";
  return [defineLabel(nameState(template, word), COLORS[word], STATE_WORDS[word])];
}

function labelOverridden(template: string): LabelDefinition {
  return defineLabel(nameState(template, "overridden"), COLORS.high, STATE_WORDS.overridden);
}

const STATE_WORDS = {
  ready: "Drydock's checks passed",
  blocked: "Drydock's checks did not pass",
  overridden: "Somebody let it pass a rule of Drydock's, on record",
} as const;

function nameState(template: string, word: keyof typeof STATE_WORDS): string {
  return template.replaceAll("{state}", word);
}

/** Labels that agents or people act on: they say what Drydock says, whoever sets or strips them. */
export function listOwnLabels({ labels }: Pick<RepositoryConfig, "labels">): readonly string[] {
  const { state } = labels;
  if (state === undefined) return [];
  const names = (["ready", "blocked", "overridden"] as const).map(
    (word) => defineLabel(nameState(state, word), "", "").name,
  );
  return [...new Set(names)];
}
