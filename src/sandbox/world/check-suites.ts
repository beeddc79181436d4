import type { CheckSuite, Ref } from "./entities.ts";
import { reaches } from "./installations.ts";
import { change, emit, insert, now, read, select, type World } from "./store.ts";

/** Each installed App that may write checks gets a suite for a commit that was pushed. */
export function openSuites(world: World, actor: Ref, repository: Ref, headSha: string, headBranch: string): void {
  for (const installation of [...world.installations.values()]) {
    if (installation.permissions["checks"] !== "write" || !reaches(world, installation, repository)) continue;
    if (findSuite(world, repository, { id: installation.appId }, headSha) !== undefined) continue;
    const suite = insertSuite(world, repository, { id: installation.appId }, headSha, headBranch);
    emit(world, actor, { kind: "check_suite", action: "requested", checkSuiteId: suite.id });
  }
}

/** The suite of an App on a commit, made when there is none. */
export function suiteFor(world: World, repository: Ref, app: Ref, headSha: string): CheckSuite {
  const found = findSuite(world, repository, app, headSha);
  if (found !== undefined) return found;
  const { branches } = read(world, "repositories", repository);
  const branch = [...branches].find(([, sha]) => sha === headSha)?.[0];
  return insertSuite(world, repository, app, headSha, branch);
}

function findSuite(world: World, repository: Ref, app: Ref, headSha: string): CheckSuite | undefined {
  return listSuites(world, repository, headSha).find(({ appId }) => appId === app.id);
}

export function listSuites(world: World, repository: Ref, headSha: string): CheckSuite[] {
  return select(world, "checkSuites", (one) => one.headSha === headSha && one.repositoryId === repository.id);
}

function insertSuite(
  world: World,
  repository: Ref,
  app: Ref,
  headSha: string,
  headBranch: string | undefined,
): CheckSuite {
  const at = now(world);
  return insert(world, "checkSuites", {
    repositoryId: repository.id,
    appId: app.id,
    headSha,
    headBranch,
    isRequeued: false,
    createdAt: at,
    updatedAt: at,
  });
}

/** "Re-run all checks": the suite is queued again, its runs stay as they are. */
export function rerequestSuite(world: World, actor: Ref, suite: Ref): CheckSuite {
  const requeued = change(world, "checkSuites", suite, { isRequeued: true, updatedAt: now(world) });
  emit(world, actor, { kind: "check_suite", action: "rerequested", checkSuiteId: suite.id });
  return requeued;
}
