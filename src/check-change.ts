import type { CheckRequest, ReportProgress } from "./cli/doors.ts";
import { historyOf } from "./config-history.ts";
import type { Repository } from "./git/index.ts";
import { withOrganization } from "./organization-door.ts";
import { loadConfig, NO_HISTORY, parseGivenConfig, type LoadedConfig } from "./pipeline/load-config.ts";
import { readGiven } from "./read-given.ts";
import { reportConflict, resolveSides, type MergedSides } from "./sides.ts";
import { runCheck, type CheckedTrees, type Workbench } from "./workbench.ts";

/** Checks what a request of the command line names: a conflict ends as a report that says so. */
export async function checkChange(
  repository: Repository,
  bench: Workbench,
  request: Pick<
    CheckRequest,
    "base" | "head" | "worktree" | "merge" | "config" | "all" | "kubernetesVersion" | "allowHost" | "organization"
  >,
  onProgress: ReportProgress,
): Promise<CheckedTrees> {
  const sides = await resolveSides(repository, request);
  if (sides.kind === "conflict") {
    const report = reportConflict(repository.name, sides, { ...bench.versions, kubernetes: [] });
    return { report, rendered: 0, reused: 0, files: 0 };
  }
  const config = await chooseConfig(repository, sides, request.config);
  return await withOrganization(request.organization, repository, (organization) =>
    runCheck(bench, {
      ...sides,
      ...{ repository: repository.name, config, organization, isAll: request.all === true, onProgress },
      kubernetesVersion: request.kubernetesVersion,
      allowedHosts: request.allowHost,
    }),
  );
}

/** The config that is named, else the base's. */
export async function chooseConfig(
  repository: Repository,
  { baseTree, base }: MergedSides,
  given: string | undefined,
): Promise<LoadedConfig> {
  if (given !== undefined) return parseGivenConfig(readGiven(given), given);
  const { commit } = base;
  return loadConfig(baseTree, commit === undefined ? NO_HISTORY : historyOf(repository, commit));
}
