import { historyOf } from "./config-history.ts";
import { openRepository } from "./git/index.ts";
import { describeLoss } from "./jobs/index.ts";
import type { RequestedRules } from "./jobs/ports.ts";
import type { Mirrors, OpenMirror } from "./mirror/index.ts";
import { readOrganization, type OrganizationRules } from "./pipeline/organization.ts";

export interface OpenedOrganization {
  readonly rules: OrganizationRules | undefined;
  close(): Promise<void>;
}

/**
 * Opens the rules that were asked for, from a mirror of their own: the objects of that repository and those of the one
 * that is judged are never looked for in each other's. Rejects with a retryable Fault when GitHub's git cannot be
 * reached: what the rules are is not known then.
 */
export async function openOrganization(
  asked: RequestedRules | undefined,
  mirrors: Mirrors,
  scratch: string,
): Promise<OpenedOrganization> {
  if (asked === undefined) return { rules: undefined, close: () => Promise.resolve() };
  const { name, isRequired, tip } = asked;
  const rulesOf = (said: OrganizationRules["said"]): OrganizationRules => ({ name, isRequired, said });
  if (tip.kind !== "tip") return { rules: rulesOf(tip), close: () => Promise.resolve() };
  const { repository, commit } = tip;
  let mirror: OpenMirror;
  try {
    mirror = await mirrors.open(repository, { base: commit, head: commit, pin: `rules-${commit}` });
  } catch (fault) {
    return { rules: rulesOf({ kind: "unreadable", why: describeLoss(fault) }), close: () => Promise.resolve() };
  }
  try {
    return await openTip(mirror, commit, scratch, name, rulesOf);
  } catch (error) {
    mirror.close();
    throw error;
  }
}

async function openTip(
  mirror: OpenMirror,
  commit: string,
  scratch: string,
  name: string,
  rulesOf: (said: OrganizationRules["said"]) => OrganizationRules,
): Promise<OpenedOrganization> {
  const bring: OpenMirror["bringBlobs"] = (ids) => mirror.bringBlobs(ids);
  const repository = await openRepository(mirror.directory, { parent: scratch, bring });
  const close = async (): Promise<void> => {
    await repository.close();
    mirror.close();
  };
  try {
    const { tree } = await repository.objects.readCommit(commit);
    const source = { kind: "repository", name, tree: repository.openTree(tree) } as const;
    const said = await readOrganization(source, historyOf(repository, commit, bring));
    return { rules: rulesOf(said), close };
  } catch (error) {
    await repository.close();
    throw error;
  }
}
