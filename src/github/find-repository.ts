import { z } from "zod";
import type { FoundRepository } from "../jobs/ports.ts";
import { AccessLostFault, type RepositoryRef } from "../model/index.ts";
import type { AppCaller } from "./call-app.ts";
import type { CallerParts } from "./call-repository.ts";
import { parseAnswer } from "./parse-answer.ts";
import { repositoryFactsSchema } from "./schemas.ts";
import { sendAuthorized } from "./send-authorized.ts";

const coverageSchema = z.object({ id: z.int().positive(), repository_selection: z.enum(["all", "selected"]) });

/**
 * A repository of an installation's account by its name. Whether the App is installed on it only the App itself is told:
 * a token of the installation sees public repositories that it does not cover. One that it neither covers nor sees may
 * be private or not there, unless it covers all.
 */
export async function findRepository(
  ref: Pick<RepositoryRef, "installationId" | "owner" | "name">,
  app: AppCaller,
  parts: CallerParts,
): Promise<FoundRepository> {
  const { installationId, owner, name } = ref;
  const route = "GET /repos/{owner}/{repo}/installation";
  const covering = await orNothing(app.call(route, coverageSchema, { owner, repo: name }));
  if (covering?.id === installationId) {
    const repository = await readFacts(ref, parts);
    return repository === undefined ? { kind: "absent" } : { kind: "found", repository };
  }
  const own = await app.call("GET /app/installations/{installation_id}", coverageSchema, {
    installation_id: installationId,
  });
  if (own.repository_selection === "all") return { kind: "absent" };
  return { kind: "not-installed", isSeen: (await readFacts(ref, parts)) !== undefined };
}

/** With a token that can do nothing but name repositories. */
async function readFacts(
  { installationId, owner, name }: Pick<RepositoryRef, "installationId" | "owner" | "name">,
  parts: CallerParts,
): Promise<Extract<FoundRepository, { kind: "found" }>["repository"] | undefined> {
  const route = "GET /repos/{owner}/{repo}";
  parts.limits.check(installationId);
  const scope = { installationId, repositoryId: undefined, purpose: "list" } as const;
  const answer = await sendAuthorized(scope, { route, parameters: { owner, repo: name } }, parts);
  const fault = parts.limits.settle(installationId, route, answer);
  if (fault !== undefined) return await orNothing(Promise.reject(fault));
  return parseAnswer(route, repositoryFactsSchema(installationId), answer.body);
}

async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (fault) {
    if (fault instanceof AccessLostFault && fault.loss === "not-found") return undefined;
    throw fault;
  }
}
