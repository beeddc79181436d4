import type { IncomingMessage, ServerResponse } from "node:http";
import { Refusal, type Answer } from "../http/answer.ts";
import { actorOf, requirePermission, type Call } from "../http/call.ts";
import { identifyCaller, type Caller } from "../http/caller.ts";
import { admit, refusable, serveOperation, type Api } from "../http/serve-api.ts";
import { nodeId, readNodeId } from "../shapes/index.ts";
import type { PullRequest, ReviewThread } from "../world/entities.ts";
import {
  findPullRequest,
  findRepository,
  listReviewComments,
  listThreads,
  read,
  setResolved,
  type World,
} from "../world/index.ts";

type Variables = Readonly<Record<string, unknown>>;

/**
 * Answers the GraphQL documents that Drydock sends, told apart by the fields they ask for: the review threads of a pull
 * request, resolving one and opening it again. Any other document is a violation. Faults go by the name `graphql`.
 */
export async function serveGraphql(api: Api, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { world, violations } = api;
  await serveOperation(api, request, response, { operationId: "graphql", path: "/graphql" }, async (body) => {
    const { query = "", variables = {} } = (body ?? {}) as { readonly query?: string; readonly variables?: Variables };
    return await refusable(async () => {
      const call = callOf(world, identifyCaller(world, request.headers.authorization));
      return await admit(api, "graphql", call, () => {
        const found = answerDocument(world, call, query, variables);
        if (found !== undefined) return Promise.resolve(found);
        const seen = query.replaceAll(/\s+/gu, " ").slice(0, 200);
        violations.push(`graphql: the stand-in does not know this document: ${seen}`);
        throw new Refusal(501, "The stand-in does not know this document");
      });
    });
  });
}

function callOf(world: World, caller: Caller): Call {
  const query = new URLSearchParams();
  return { world, caller, method: "POST", path: "/graphql", parameters: {}, query, body: {}, knownTag: undefined };
}

/** GitHub answers 200, and says inside what went wrong; undefined for a document that is not known. */
function answerDocument(world: World, call: Call, query: string, variables: Variables): Answer | undefined {
  const field = /\b(reviewThreads|resolveReviewThread|unresolveReviewThread)\s*\(/u.exec(query)?.[1];
  try {
    if (field === "reviewThreads") return { status: 200, body: listReviewThreads(world, call, variables) };
    if (field === undefined) return undefined;
    return { status: 200, body: resolveThread(world, call, variables, field) };
  } catch (error) {
    if (!(error instanceof Refusal) || error.answer.status === 401) throw error;
    const errors = [{ type: "FORBIDDEN", message: error.message }];
    return { status: 200, body: { data: { [field ?? ""]: null }, errors } };
  }
}

function listReviewThreads(world: World, call: Call, variables: Variables): unknown {
  const repository = findRepository(world, String(variables["owner"]), String(variables["name"]))?.repository;
  const number = Number(variables["number"]);
  const pullRequest = repository === undefined ? undefined : findPullRequest(world, repository, number);
  if (pullRequest === undefined) {
    const message = `Could not resolve to a PullRequest with the number of ${number}.`;
    return { data: { repository: null }, errors: [{ type: "NOT_FOUND", message }] };
  }
  requireAccess(call, pullRequest, "read");
  return {
    data: { repository: { pullRequest: { reviewThreads: pageOfThreads(world, pullRequest, variables) } } },
  };
}

/** GitHub's largest page, and the one that is asked for. */
const PAGE = 100;

function pageOfThreads(world: World, pullRequest: PullRequest, variables: Variables): unknown {
  const cursor = variables["after"];
  const after = typeof cursor === "string" ? (readNodeId("CURSOR", cursor) ?? 0) : 0;
  const threads = listThreads(world, pullRequest).filter(({ id }) => id > after);
  const nodes = threads.slice(0, PAGE);
  const last = nodes.at(-1);
  return {
    totalCount: threads.length,
    nodes: nodes.map((thread) => shapeThread(world, thread)),
    pageInfo: {
      hasNextPage: threads.length > nodes.length,
      endCursor: last === undefined ? null : nodeId("CURSOR", last.id),
    },
  };
}

function shapeThread(world: World, thread: ReviewThread): unknown {
  const comments = listReviewComments(world, { id: thread.pullRequestId }).filter((one) => one.threadId === thread.id);
  const [comment] = comments;
  return {
    id: nodeId("PRRT", thread.id),
    isResolved: thread.isResolved,
    isOutdated: false,
    path: comment?.path ?? "",
    comments: {
      totalCount: comments.length,
      nodes: comments
        .slice(0, 1)
        .map(({ id }) => ({ id: nodeId("PRRC", id), databaseId: id, fullDatabaseId: String(id) })),
    },
  };
}

function resolveThread(world: World, call: Call, variables: Variables, field: string): unknown {
  const text = String(variables["threadId"]);
  const thread = world.reviewThreads.get(readNodeId("PRRT", text) ?? 0);
  if (thread === undefined) {
    const message = `Could not resolve to a node with the global id of '${text}'`;
    return { data: null, errors: [{ type: "NOT_FOUND", message }] };
  }
  const pullRequest = read(world, "pullRequests", { id: thread.pullRequestId });
  requireAccess(call, pullRequest, "write");
  const changed = setResolved(world, actorOf(call), thread, field === "resolveReviewThread");
  return { data: { [field]: { thread: { id: text, isResolved: changed.isResolved } } } };
}

function requireAccess(call: Call, { repositoryId }: PullRequest, level: "read" | "write"): void {
  const repository = read(call.world, "repositories", { id: repositoryId });
  requirePermission(call, repository, [["pull_requests", level]]);
  // GitHub asks for contents here too, undocumented: github.com/orgs/community/discussions/44650.
  if (level === "write") requirePermission(call, repository, [["contents", "write"]]);
}
