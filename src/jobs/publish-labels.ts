import type { Outgoing } from "../model/index.ts";
import { hasName } from "../publish/index.ts";
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
  const { labels: known = [], isChanging = false } = item.published ?? {};
  const wanted = labels.map(({ name }) => name);
  const there = standing ?? known;
  const added = labels.filter(({ name }) => isChanging || !hasName(there, name));
  let isBegun = false;
  const begin = async (): Promise<void> => {
    await spend(false);
    if (isBegun) return;
    isBegun = true;
    // Before anything is: after a crash, what may stand is known as Drydock's, and what may be gone as missing.
    await records.markPublished(item, { labels: [...new Set([...known, ...wanted])], isChanging: true }, false);
  };
  // Before anything is put on: what an agent may act on waits for no label that GitHub may refuse.
  const foreign = (standing ?? []).filter((name) => !hasName(known, name));
  for (const name of [...known, ...foreign].filter((one) => !hasName(wanted, one))) {
    await begin();
    await api.removeLabel(number, name);
  }
  for (const label of added) {
    await begin();
    await api.ensureLabel(label);
  }
  if (added.length > 0) {
    await begin();
    await api.addLabels(
      number,
      added.map(({ name }) => name),
    );
  }
  await records.markPublished(item, { labels: wanted }, true);
}
