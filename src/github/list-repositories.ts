import type { RepositoryFacts } from "../jobs/ports.ts";
import type { InstallationId } from "../model/index.ts";
import type { CallerParts } from "./call-repository.ts";
import { readPages } from "./read-pages.ts";
import { repositoryFactsSchema } from "./schemas.ts";
import { sendAuthorized } from "./send-authorized.ts";

/** All repositories of an installation, with a token that can do nothing but name them. */
export async function listRepositories(
  installationId: InstallationId,
  parts: CallerParts,
): Promise<readonly RepositoryFacts[]> {
  const route = "GET /installation/repositories";
  const list = { entry: repositoryFactsSchema(installationId), under: "repositories" };
  return await readPages(route, {}, list, async (request) => {
    parts.limits.check(installationId);
    const answer = await sendAuthorized({ installationId, repositoryId: undefined, purpose: "list" }, request, parts);
    const fault = parts.limits.settle(installationId, route, answer);
    if (fault !== undefined) throw fault;
    return answer;
  });
}
