import type { Repository } from "./git/index.ts";
import type { ComparedHeads } from "./jobs/ports.ts";
import { mergeSides } from "./merge-sides.ts";
import type { OpenMirror } from "./mirror/index.ts";
import type { Report } from "./model/index.ts";
import type { OrganizationRules } from "./pipeline/organization.ts";
import { readConfig } from "./read-governed-config.ts";
import { runCheck, type Workbench } from "./workbench.ts";

/** Where two states of a pull request are compared. */
export interface ComparedPlace {
  readonly bench: Workbench;
  readonly repository: Repository;
  /** Holds the commits of now. */
  readonly mirror: OpenMirror;
  readonly organization: OrganizationRules | undefined;
  readonly allowedHosts: readonly string[];
}

/** The same mirror with further commits of the pull request, kept under a name of their own. */
type OpenEarlier = (
  earlier: Pick<ComparedHeads, "repository" | "baseSha" | "headSha"> & { readonly pin: string },
) => Promise<OpenMirror>;

/** See the port: what would land now beside what would have landed then, each merged into its own base. */
export async function compareHeads(
  { bench, repository, mirror, organization, allowedHosts }: ComparedPlace,
  openEarlier: OpenEarlier,
  request: ComparedHeads,
): Promise<Report | undefined> {
  const then = { ...request, ...request.earlier, isMerge: true };
  const pin = `earlier-${request.number ?? request.headSha}`;
  const earlier = await openEarlier({
    repository: request.repository,
    baseSha: then.baseSha,
    headSha: then.headSha,
    pin,
  });
  try {
    const before = await mergeSides(repository, earlier, then);
    const now = await mergeSides(repository, mirror, { ...request, isMerge: true });
    if (before.kind === "conflict" || now.kind === "conflict") return undefined;
    const { report } = await runCheck(bench, {
      ...{ base: before.head, head: now.head, baseTree: before.headTree, headTree: now.headTree },
      ...{ repository: `${request.repository.owner}/${request.repository.name}`, organization, allowedHosts },
      config: await readConfig(repository, mirror, request.baseSha),
      ...{ isAll: false, kubernetesVersion: undefined, onProgress: () => undefined },
    });
    return report;
  } finally {
    earlier.close();
  }
}
