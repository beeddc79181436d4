import type { LabelDefinition } from "../model/index.ts";
import { anything, isRefusal, type RepositoryCaller } from "./call-repository.ts";

const LABELS = "/repos/{owner}/{repo}/labels";
const OF_PULL = "/repos/{owner}/{repo}/issues/{issue_number}/labels";

/** Creates the label unless the repository has one of this name. Looking first is free: the answer is conditional. */
export async function ensureLabel(caller: RepositoryCaller, label: LabelDefinition): Promise<void> {
  const exists = async (): Promise<boolean> =>
    (await caller.find(`GET ${LABELS}/{name}`, anything, { name: label.name })) !== undefined;
  if (await exists()) return;
  try {
    const { name, color, description } = label;
    await caller.call(`POST ${LABELS}`, anything, { name, color, description: description.slice(0, 100) });
  } catch (fault) {
    // Somebody else has created it meanwhile.
    if (!isRefusal(fault) || !(await exists())) throw fault;
  }
}

export async function addLabels(caller: RepositoryCaller, number: number, names: readonly string[]): Promise<void> {
  if (names.length > 0) await caller.call(`POST ${OF_PULL}`, anything, { issue_number: number, labels: [...names] });
}

/** Does nothing when the pull request does not have it. */
export async function removeLabel(caller: RepositoryCaller, number: number, name: string): Promise<void> {
  await caller.find(`DELETE ${OF_PULL}/{name}`, anything, { issue_number: number, name });
}
