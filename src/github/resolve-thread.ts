import { z } from "zod";
import type { ThreadEnd } from "../jobs/ports.ts";
import { AccessLostFault, Fault } from "../model/index.ts";
import { anything, isRefusal, type RepositoryCaller } from "./call-repository.ts";
import { MOST_PAGES } from "./read-pages.ts";

const THREADS = `query ($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { id isResolved comments(first: 1) { totalCount nodes { fullDatabaseId } } }
      }
    }
  }
}`;

const RESOLVE = `mutation ($threadId: ID!) {
  resolveReviewThread(input: { threadId: $threadId }) { thread { isResolved } }
}`;

const threadSchema = z.object({
  id: z.string().min(1).max(500),
  isResolved: z.boolean(),
  comments: z.object({
    totalCount: z.number().int(),
    // A BigInt of GraphQL is text; `databaseId` is an Int, which review comments have outgrown.
    nodes: z.array(z.object({ fullDatabaseId: z.union([z.string().max(30), z.number(), z.bigint()]).nullable() })),
  }),
});

const threadsSchema = z.object({
  repository: z.object({
    pullRequest: z.object({
      reviewThreads: z.object({
        pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().max(500).nullable() }),
        nodes: z.array(threadSchema),
      }),
    }),
  }),
});

type Thread = z.output<typeof threadSchema>;

/**
 * Ends the conversation that one of the App's own review comments began. Only GraphQL can resolve one, and it asks for
 * contents:write of an App (github.com/orgs/community/discussions/44650), which Drydock does not want. Told no, it
 * removes the comment if nobody answered it, so that a rule that needs all conversations resolved does not hold the
 * pull request up; a conversation with people in it is left to them.
 */
export async function resolveThread(caller: RepositoryCaller, number: number, commentId: number): Promise<ThreadEnd> {
  let thread: Thread | undefined;
  try {
    thread = await findThread(caller, number, commentId);
    if (thread === undefined) return "gone";
    if (thread.isResolved) return "resolved";
    await caller.query(RESOLVE, anything, { threadId: thread.id }, "resolve");
    return "resolved";
  } catch (fault) {
    if (isRefusal(fault)) return "gone";
    if (thread === undefined || !(fault instanceof AccessLostFault) || fault.loss !== "permission") throw fault;
  }
  if (thread.comments.totalCount > 1) return "left";
  const route = "DELETE /repos/{owner}/{repo}/pulls/comments/{comment_id}";
  await caller.find(route, anything, { comment_id: commentId });
  return "removed";
}

async function findThread(caller: RepositoryCaller, number: number, commentId: number): Promise<Thread | undefined> {
  let after: string | null = null;
  for (let page = 1; page <= MOST_PAGES; page++) {
    const answer: z.output<typeof threadsSchema> = await caller.query(THREADS, threadsSchema, { number, after });
    const { nodes, pageInfo } = answer.repository.pullRequest.reviewThreads;
    const found = nodes.find((thread) => String(thread.comments.nodes[0]?.fullDatabaseId) === String(commentId));
    if (found !== undefined || !pageInfo.hasNextPage || pageInfo.endCursor === null) return found;
    after = pageInfo.endCursor;
  }
  throw new Fault(`Pull request ${number} has more than ${MOST_PAGES} pages of review threads`);
}
