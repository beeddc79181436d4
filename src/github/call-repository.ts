import { z } from "zod";
import type { RepositoryFacts } from "../jobs/ports.ts";
import { AccessLostFault, Fault, RefusedFault, type RepositoryRef } from "../model/index.ts";
import type { TokenPurpose } from "./installation-tokens.ts";
import type { Limits } from "./limits.ts";
import { parseAnswer } from "./parse-answer.ts";
import { readPages, type PageList } from "./read-pages.ts";
import { repositoryFactsSchema } from "./schemas.ts";
import { sendAuthorized, type AuthorizedParts } from "./send-authorized.ts";
import type { Answer, ApiRequest } from "./send-request.ts";

type Parameters = Readonly<Record<string, unknown>>;

/** GitHub for one repository, with tokens of that repository alone; `owner` and `repo` are filled in. */
export interface RepositoryCaller {
  readonly ref: RepositoryRef;
  /** Rejects with a RefusedFault when the thing is not there and the repository is. */
  call<T>(route: string, schema: z.ZodType<T>, parameters?: Parameters): Promise<T>;
  /** As `call`, and undefined when the thing is not there. */
  find<T>(route: string, schema: z.ZodType<T>, parameters?: Parameters, purpose?: TokenPurpose): Promise<T | undefined>;
  list<T>(route: string, list: PageList<T>, parameters?: Parameters): Promise<readonly T[]>;
  /** A GraphQL request. Rejects with an AccessLostFault of loss `permission` when GitHub forbids it. */
  query<T>(query: string, schema: z.ZodType<T>, variables: Parameters, purpose?: TokenPurpose): Promise<T>;
  /** The repository as it is now. Rejects with an AccessLostFault when the name is another repository's (T49, T53). */
  readFacts(): Promise<RepositoryFacts>;
}

export interface CallerParts extends AuthorizedParts {
  readonly limits: Limits;
  /** Address of GraphQL. */
  readonly graphql: string;
}

/** For answers that nothing is read from. */
export const anything: z.ZodType = z.unknown();

export function createRepositoryCaller(ref: RepositoryRef, parts: CallerParts): RepositoryCaller {
  const { limits } = parts;
  const exchange = async (
    request: Pick<ApiRequest, "route" | "parameters">,
    purpose: TokenPurpose = "work",
  ): Promise<Answer> => {
    limits.check(ref.installationId);
    // Octokit puts what the route does not name into the query.
    const names = request.route.includes("{owner}") ? { owner: ref.owner, repo: ref.name } : {};
    const parameters = { ...names, ...request.parameters };
    const answer = await sendAuthorized({ ...scopeOf(ref), purpose }, { route: request.route, parameters }, parts);
    const fault = limits.settle(ref.installationId, request.route, answer);
    if (fault !== undefined) throw fault;
    return answer;
  };

  const readFacts = async (): Promise<RepositoryFacts> => {
    const route = "GET /repos/{owner}/{repo}";
    const facts = parseAnswer(route, repositoryFactsSchema(ref.installationId), (await exchange({ route })).body);
    if (facts.repositoryId === ref.repositoryId) return facts;
    throw new AccessLostFault("not-found", `${ref.owner}/${ref.name} is another repository now`);
  };

  const find: RepositoryCaller["find"] = async (route, schema, parameters = {}, purpose = "work") => {
    try {
      return parseAnswer(route, schema, (await exchange({ route, parameters }, purpose)).body);
    } catch (fault) {
      if (!(fault instanceof AccessLostFault) || fault.loss !== "not-found") throw fault;
      // GitHub says the same of a thing that is not there and of a repository that is gone.
      await readFacts();
      return undefined;
    }
  };

  return {
    ref,
    readFacts,
    find,
    call: async (route, schema, parameters = {}) => {
      const found = await find(
        route,
        schema.transform((value) => ({ value })),
        parameters,
      );
      if (found === undefined) throw new RefusedFault(`GitHub does not have what ${route} is about`);
      return found.value;
    },
    list: async (route, list, parameters = {}) => {
      try {
        return await readPages(route, parameters, list, exchange);
      } catch (fault) {
        if (!(fault instanceof AccessLostFault) || fault.loss !== "not-found") throw fault;
        await readFacts();
        throw new RefusedFault(`GitHub does not have what ${route} is about`, { cause: fault });
      }
    },
    query: async (query, schema, variables, purpose = "work") => {
      const route = `POST ${parts.graphql}`;
      const parameters = { query, variables: { owner: ref.owner, name: ref.name, ...variables } };
      return parseAnswer("POST /graphql", schema, await exchangeGraph(ref, { route, parameters }, purpose, parts));
    },
  };
}

function scopeOf({
  installationId,
  repositoryId,
}: RepositoryRef): Pick<RepositoryRef, "installationId" | "repositoryId"> {
  return { installationId, repositoryId };
}

const graphSchema = z.object({
  data: z.unknown(),
  errors: z.array(z.object({ type: z.string().max(100).optional() })).optional(),
});

/** GraphQL says no with status 200 and a type. */
async function exchangeGraph(
  ref: RepositoryRef,
  request: Pick<ApiRequest, "route" | "parameters">,
  purpose: TokenPurpose,
  parts: CallerParts,
): Promise<unknown> {
  parts.limits.check(ref.installationId);
  const answer = await sendAuthorized({ ...scopeOf(ref), purpose }, request, parts);
  const graph = answer.status === 200 ? parseAnswer("POST /graphql", graphSchema, answer.body) : undefined;
  const type = graph?.errors?.[0]?.type;
  const isLimited = type === "RATE_LIMITED" || type === "RATE_LIMIT";
  const fault = parts.limits.settle(
    ref.installationId,
    "POST /graphql",
    isLimited ? { ...answer, status: 429 } : answer,
  );
  if (fault !== undefined) throw fault;
  if (graph?.errors === undefined || graph.errors.length === 0) return graph?.data;
  const message = `GitHub answered POST /graphql with ${type ?? "an error"}`;
  if (type === "FORBIDDEN" || type === "INSUFFICIENT_SCOPES") throw new AccessLostFault("permission", message);
  if (type === "NOT_FOUND") throw new RefusedFault(message);
  throw new Fault(message, { isRetryable: true });
}

/** Whether GitHub has refused the content of a write, as it does for a line that is not in the diff. */
export function isRefusal(fault: unknown): fault is RefusedFault {
  return fault instanceof RefusedFault;
}
