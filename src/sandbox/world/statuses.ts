import type { Deployment, DeploymentStatus, Ref, Status } from "./entities.ts";
import { emit, insert, now, read, select, type World } from "./store.ts";

export function setStatus(
  world: World,
  actor: Ref,
  repository: Ref,
  sha: string,
  status: Pick<Status, "context" | "state"> & Partial<Pick<Status, "description" | "targetUrl">>,
): Status {
  const kept = insert(world, "statuses", {
    description: undefined,
    targetUrl: undefined,
    ...status,
    repositoryId: repository.id,
    sha,
    creatorId: actor.id,
    createdAt: now(world),
  });
  emit(world, actor, { kind: "status", statusId: kept.id });
  return kept;
}

/** Newest first. */
export function listStatuses(world: World, repository: Ref, sha: string): Status[] {
  return select(world, "statuses", (one) => one.sha === sha && one.repositoryId === repository.id).toReversed();
}

/** The newest status of each context. */
export function latestStatuses(world: World, repository: Ref, sha: string): Status[] {
  const latest = new Map<string, Status>();
  for (const status of listStatuses(world, repository, sha)) {
    if (!latest.has(status.context)) latest.set(status.context, status);
  }
  return [...latest.values()];
}

export function createDeployment(
  world: World,
  actor: Ref,
  repository: Ref,
  deployment: Omit<Deployment, "id" | "repositoryId" | "creatorId" | "createdAt">,
): Deployment {
  const record = { ...deployment, repositoryId: repository.id, creatorId: actor.id, createdAt: now(world) };
  const kept = insert(world, "deployments", record);
  emit(world, actor, { kind: "deployment", action: "created", deploymentId: kept.id });
  return kept;
}

export function setDeploymentStatus(
  world: World,
  actor: Ref,
  deployment: Ref,
  status: Pick<DeploymentStatus, "state"> &
    Partial<Pick<DeploymentStatus, "description" | "targetUrl" | "environmentUrl">>,
): DeploymentStatus {
  read(world, "deployments", deployment);
  const kept = insert(world, "deploymentStatuses", {
    description: "",
    targetUrl: "",
    environmentUrl: "",
    ...status,
    deploymentId: deployment.id,
    creatorId: actor.id,
    createdAt: now(world),
  });
  emit(world, actor, { kind: "deployment_status", action: "created", deploymentStatusId: kept.id });
  return kept;
}
