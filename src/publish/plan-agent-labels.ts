import type { LabelsConfig } from "../config/index.ts";
import type { JudgedCheckName, LabelDefinition } from "../model/index.ts";
import { defineLabel } from "./define-label.ts";

/** What decides over labels that agents act on, by the rules of the default branch. */
export interface AgentFacts {
  readonly labels: Pick<LabelsConfig, "merged" | "previews">;
  /** All environments that there are rules for. */
  readonly environments: readonly string[];
  /** Those that the pull request changes. */
  readonly changed: readonly string[];
  /** Checks that pass by themselves, not because they only advise. */
  readonly passed: readonly JudgedCheckName[];
}

const COLORS = { merged: "1d76db", preview: "5319e7" };

/** Labels by which agents deploy a preview. A merged pull request has the others, see `planMergedLabels`. */
export function planPreviews(
  { labels, changed, passed }: AgentFacts,
  { isDraft }: { readonly isDraft: boolean },
): readonly LabelDefinition[] {
  return labels.previews
    .filter(({ checks, drafts }) => checks.every((name) => passed.includes(name)) && (drafts || !isDraft))
    .filter(({ environments }) => environments.length === 0 || environments.some((name) => changed.includes(name)))
    .map(({ label }) => defineLabel(label, COLORS.preview, "May be deployed as a preview: Drydock's checks passed"));
}

/** Labels of a merged pull request: what it really changed, for those whose it is to pick up. */
export function planMergedLabels(
  template: string | undefined,
  environments: readonly string[],
): readonly LabelDefinition[] {
  if (template === undefined) return [];
  const planned = environments.map((name) =>
    defineLabel(
      template.replaceAll("{environment}", () => name),
      COLORS.merged,
      `Changed what is deployed in ${name} when it was merged`,
    ),
  );
  return [...new Map(planned.map((label) => [label.name.toLowerCase(), label])).values()];
}

/** Names that Drydock alone gives: by hand they count for nothing (T54). */
export function listAgentLabels({
  labels,
  environments,
}: Pick<AgentFacts, "labels" | "environments">): readonly string[] {
  return [
    ...planMergedLabels(labels.merged, environments).map(({ name }) => name),
    ...labels.previews.map(({ label }) => label),
  ];
}
