import type { Deployment, DeploymentStatus, Status } from "../world/entities.ts";
import { read, type World } from "../world/index.ts";
import { shapeAccountOrNull } from "./accounts.ts";
import { nodeId, type Shape } from "./node-id.ts";
import { repositoryUrl } from "./repositories.ts";

export function shapeStatus(world: World, status: Status): Shape {
  return {
    url: `${repositoryUrl(world, { id: status.repositoryId })}/statuses/${status.sha}`,
    avatar_url: `${world.addresses.web}/avatars/${status.creatorId}`,
    id: status.id,
    node_id: nodeId("SC", status.id),
    state: status.state,
    description: status.description ?? null,
    target_url: status.targetUrl ?? null,
    context: status.context,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    creator: shapeAccountOrNull(world, status.creatorId),
  };
}

export function shapeDeployment(world: World, deployment: Deployment): Shape {
  const repository = repositoryUrl(world, { id: deployment.repositoryId });
  const url = `${repository}/deployments/${deployment.id}`;
  return {
    url,
    id: deployment.id,
    node_id: nodeId("DE", deployment.id),
    sha: deployment.sha,
    ref: deployment.ref,
    task: deployment.task,
    payload: deployment.payload ?? {},
    original_environment: deployment.environment,
    environment: deployment.environment,
    description: deployment.description ?? null,
    creator: shapeAccountOrNull(world, deployment.creatorId),
    created_at: deployment.createdAt,
    updated_at: deployment.createdAt,
    statuses_url: `${url}/statuses`,
    repository_url: repository,
    transient_environment: false,
    production_environment: false,
    performed_via_github_app: null,
  };
}

export function shapeDeploymentStatus(world: World, status: DeploymentStatus): Shape {
  const deployment = read(world, "deployments", { id: status.deploymentId });
  const repository = repositoryUrl(world, { id: deployment.repositoryId });
  const url = `${repository}/deployments/${deployment.id}`;
  const environmentUrl = status.environmentUrl === "" ? url : status.environmentUrl;
  const targetUrl = status.targetUrl === "" ? url : status.targetUrl;
  return {
    url: `${url}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId("DES", status.id),
    state: status.state,
    creator: shapeAccountOrNull(world, status.creatorId),
    description: status.description,
    environment: deployment.environment,
    target_url: targetUrl,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    deployment_url: url,
    repository_url: repository,
    environment_url: environmentUrl,
    log_url: targetUrl,
    performed_via_github_app: null,
  };
}
