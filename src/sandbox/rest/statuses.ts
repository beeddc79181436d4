import { invalid, notFound, Refusal } from "../http/answer.ts";
import { actorOf, objectOf, repositoryOf, textOf, type Call, type Handlers } from "../http/call.ts";
import { listAnswer, pageOf } from "../http/pages.ts";
import {
  repositoryUrl,
  shapeDeployment,
  shapeDeploymentStatus,
  shapeMinimalRepository,
  shapeStatus,
} from "../shapes/index.ts";
import type { Deployment, DeploymentStatus, Status } from "../world/entities.ts";
import {
  createDeployment,
  latestStatuses,
  listStatuses,
  select,
  setDeploymentStatus,
  setStatus,
} from "../world/index.ts";
import { resolveCommit } from "./commits.ts";
import { countCharacters } from "./count-characters.ts";

const LONGEST_DESCRIPTION = 140;
const MOST_STATUSES = 1000;

export const statusHandlers: Handlers = {
  "repos/create-commit-status": async (call) => {
    const repository = repositoryOf(call);
    const sha = call.parameters["sha"] ?? "";
    if ((await resolveCommit(repository, sha)) !== sha) throw new Refusal(422, `No commit found for SHA: ${sha}`);
    const context = textOf(call.body, "context") ?? "default";
    const description = textOf(call.body, "description");
    if (countCharacters(description ?? "") > LONGEST_DESCRIPTION) throw invalid("Status", "description", "invalid");
    const same = listStatuses(call.world, repository, sha).filter((one) => one.context === context);
    if (same.length >= MOST_STATUSES) throw invalid("Status", "base", "custom", "This SHA has too many statuses.");
    const state = textOf(call.body, "state") as Status["state"];
    const status = { context, state, description, targetUrl: textOf(call.body, "target_url") };
    const kept = setStatus(call.world, actorOf(call), repository, sha, status);
    return { status: 201, body: shapeStatus(call.world, kept) };
  },
  "repos/list-commit-statuses-for-ref": async (call) => {
    const { repository, sha } = await commitOf(call);
    return listAnswer(call, listStatuses(call.world, repository, sha), (one) => shapeStatus(call.world, one));
  },
  "repos/get-combined-status-for-ref": async (call) => {
    const { repository, sha } = await commitOf(call);
    const statuses = latestStatuses(call.world, repository, sha);
    const { items, headers } = pageOf(call, statuses);
    const url = `${repositoryUrl(call.world, repository)}/commits/${sha}`;
    return {
      status: 200,
      body: {
        state: combine(statuses),
        statuses: items.map((one) => shapeStatus(call.world, one)),
        sha,
        total_count: statuses.length,
        repository: shapeMinimalRepository(call.world, repository),
        commit_url: url,
        url: `${url}/status`,
      },
      headers,
    };
  },
  ...deploymentHandlers(),
};

function deploymentHandlers(): Handlers {
  return {
    "repos/create-deployment": async (call) => {
      const repository = repositoryOf(call);
      const ref = textOf(call.body, "ref") ?? "";
      const sha = await resolveCommit(repository, ref);
      if (sha === undefined) throw new Refusal(422, `No ref found for: ${ref}`);
      const deployment = createDeployment(call.world, actorOf(call), repository, {
        ref,
        sha,
        environment: textOf(call.body, "environment") ?? "production",
        description: textOf(call.body, "description"),
        task: textOf(call.body, "task") ?? "deploy",
        payload: objectOf(call.body, "payload"),
      });
      return { status: 201, body: shapeDeployment(call.world, deployment) };
    },
    "repos/list-deployments": (call) => {
      const { id } = repositoryOf(call);
      const wanted = ["sha", "ref", "task", "environment"] as const;
      const isWanted = (one: Deployment): boolean =>
        wanted.every((name) => [null, one[name]].includes(call.query.get(name)));
      const found = select(call.world, "deployments", (one) => one.repositoryId === id && isWanted(one));
      return listAnswer(call, found.toReversed(), (one) => shapeDeployment(call.world, one));
    },
    "repos/create-deployment-status": (call) => {
      const status = setDeploymentStatus(call.world, actorOf(call), deploymentOf(call), {
        state: textOf(call.body, "state") as DeploymentStatus["state"],
        description: textOf(call.body, "description") ?? "",
        targetUrl: textOf(call.body, "log_url") ?? textOf(call.body, "target_url") ?? "",
        environmentUrl: textOf(call.body, "environment_url") ?? "",
      });
      return { status: 201, body: shapeDeploymentStatus(call.world, status) };
    },
    "repos/list-deployment-statuses": (call) => {
      const { id } = deploymentOf(call);
      const found = select(call.world, "deploymentStatuses", (one) => one.deploymentId === id);
      return listAnswer(call, found.toReversed(), (one) => shapeDeploymentStatus(call.world, one));
    },
  };
}

async function commitOf(call: Call) {
  const repository = repositoryOf(call);
  const sha = await resolveCommit(repository, call.parameters["ref"] ?? "");
  if (sha === undefined) throw notFound();
  return { repository, sha };
}

/** Failure outweighs pending; no status at all is pending. */
function combine(statuses: readonly Status[]): string {
  const states = statuses.map(({ state }) => state);
  if (states.includes("failure") || states.includes("error")) return "failure";
  return states.length > 0 && states.every((state) => state === "success") ? "success" : "pending";
}

function deploymentOf(call: Call): Deployment {
  const { id } = repositoryOf(call);
  const deployment = call.world.deployments.get(Number(call.parameters["deployment_id"]));
  if (deployment?.repositoryId !== id) throw notFound();
  return deployment;
}
