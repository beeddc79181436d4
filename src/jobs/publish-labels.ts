import type { Outgoing } from "../model/index.ts";
import type { OutgoingItem } from "./ports.ts";
import type { JobServices } from "./services.ts";
import type { Spend } from "./spend.ts";

type LabelsOutgoing = Extract<Outgoing, { kind: "labels" }>;

/**
 * Puts labels on a pull request and takes off those that Drydock itself put there, and its own names whoever set them;
 * others' are never touched.
 */
export async function publishLabels(
  item: OutgoingItem,
  { number, labels, standing }: LabelsOutgoing,
  spend: Spend,
  { github, records }: JobServices,
): Promise<void> {
  const api = github.repository(item.repository);
  const known = item.published?.labels ?? [];
  const wanted = labels.map(({ name }) => name);
  const there = standing ?? known;
  const added = labels.filter(({ name }) => !hasName(there, name));
  for (const label of added) {
    await spend(false);
    await api.ensureLabel(label);
  }
  if (added.length > 0) {
    await spend(false);
    await api.addLabels(
      number,
      added.map(({ name }) => name),
    );
    await records.markPublished(item, { labels: [...new Set([...known, ...wanted])] }, false);
  }
  const foreign = (standing ?? []).filter((name) => !hasName(known, name));
  for (const name of [...known, ...foreign].filter((one) => !hasName(wanted, one))) {
    await spend(false);
    await api.removeLabel(number, name);
  }
  await records.markPublished(item, { labels: wanted }, true);
}

/** GitHub does not tell names apart by case. */
function hasName(names: readonly string[], name: string): boolean {
  return names.some((one) => one.toLowerCase() === name.toLowerCase());
}
