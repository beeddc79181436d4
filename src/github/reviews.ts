import type { z } from "zod";
import type { NewReview } from "../jobs/ports.ts";
import { RefusedFault, type ReviewThread } from "../model/index.ts";
import { isRefusal, type RepositoryCaller } from "./call-repository.ts";
import { createdSchema, reviewCommentSchema } from "./schemas.ts";

const REVIEWS = "/repos/{owner}/{repo}/pulls/{pull_number}/reviews";
const COMMENTS = "/repos/{owner}/{repo}/pulls/{pull_number}/comments";

interface ReviewCaller {
  readonly list: RepositoryCaller["list"];
  readonly post: RepositoryCaller["call"];
}

type LineThread = ReviewThread & { readonly line: number };
type ReviewComment = z.output<typeof reviewCommentSchema>;

/** Review comments that one call places; those beyond are a mistake of the caller. */
export const MOST_THREADS = 50;

/**
 * One review of type comment with the threads on lines, then those on whole files, which a review cannot hold. GitHub
 * refuses a review whole for one line that is not in the diff, and does not say which: then each thread is sent alone.
 * Gives the comments' ids in the order of `threads`, 0 for one that GitHub would not place; rejects with a RefusedFault
 * when it took nothing at all. Every one of these requests is a write of its own, before which `beforeWrite` comes.
 */
export async function createReview(
  reader: RepositoryCaller,
  number: number,
  headSha: string,
  { body, threads }: NewReview,
  beforeWrite: () => Promise<void>,
): Promise<readonly number[]> {
  const caller: ReviewCaller = {
    list: (...request) => reader.list(...request),
    post: async (...request) => {
      await beforeWrite();
      return reader.call(...request);
    },
  };
  if (threads.length > MOST_THREADS) throw new Error(`${threads.length} threads in one review`);
  const onLines = threads.filter((thread): thread is LineThread => thread.line !== undefined);
  const ids = new Map<ReviewThread, number>();
  let tookReview = false;
  if (onLines.length > 0 || body !== "") {
    const placed = await postReview(caller, number, headSha, body, onLines);
    tookReview = placed !== undefined;
    for (const [thread, id] of placed ?? []) ids.set(thread, id);
    if (placed === undefined && onLines.length > 0 && body !== "") {
      tookReview = (await postReview(caller, number, headSha, body, [])) !== undefined;
    }
  }
  const isWhole = tookReview && onLines.every((thread) => ids.has(thread));
  const left = isWhole ? threads.filter((thread) => thread.line === undefined) : threads;
  for (const thread of left) {
    const id = ids.get(thread) ?? (await postThread(caller, number, headSha, thread));
    ids.set(thread, id);
  }
  const placed = threads.map((thread) => ids.get(thread) ?? 0);
  if (!tookReview && !placed.some((id) => id > 0)) {
    throw new RefusedFault("GitHub takes neither the review nor any of its comments");
  }
  return placed;
}

/** The threads of one review with the ids they got; undefined when GitHub refuses it. */
async function postReview(
  caller: ReviewCaller,
  number: number,
  headSha: string,
  body: string,
  threads: readonly LineThread[],
): Promise<ReadonlyMap<ReviewThread, number> | undefined> {
  try {
    const review = await caller.post(`POST ${REVIEWS}`, createdSchema, {
      pull_number: number,
      commit_id: headSha,
      event: "COMMENT",
      ...(body === "" ? {} : { body }),
      comments: threads.map(({ path, line, body: text }) => ({ path, line, side: "RIGHT", body: text })),
    });
    if (threads.length === 0) return new Map();
    const parameters = { pull_number: number, review_id: review.id };
    const posted = await caller.list(`GET ${REVIEWS}/{review_id}/comments`, { entry: reviewCommentSchema }, parameters);
    return matchComments(threads, posted);
  } catch (fault) {
    if (isRefusal(fault)) return undefined;
    throw fault;
  }
}

/**
 * Which comment is which thread. GitHub gives no order and may change the text (line ends, trailing space), so path and
 * text decide, then path and the order in which they were made. A thread without a comment is not in the map.
 */
function matchComments(
  threads: readonly LineThread[],
  posted: readonly ReviewComment[],
): ReadonlyMap<ReviewThread, number> {
  const left = new Set([...posted].sort((one, other) => one.id - other.id));
  const matched = new Map<ReviewThread, number>();
  const match = (isSame: (thread: LineThread, comment: ReviewComment) => boolean): void => {
    for (const thread of threads.filter((one) => !matched.has(one))) {
      const comment = [...left].find((one) => one.path === thread.path && isSame(thread, one));
      if (comment === undefined) continue;
      left.delete(comment);
      matched.set(thread, comment.id);
    }
  };
  match((thread, comment) => lineOf(comment) === thread.line && squeeze(comment.body) === squeeze(thread.body));
  match((thread, comment) => squeeze(comment.body) === squeeze(thread.body));
  match(() => true);
  return matched;
}

function lineOf(comment: ReviewComment): number | undefined {
  return comment.line ?? comment.original_line ?? undefined;
}

function squeeze(text: string): string {
  return text.replaceAll(/\s+/gu, " ").trim();
}

/** A comment of its own, on a line or on the file; 0 when GitHub will not place it. */
async function postThread(
  caller: ReviewCaller,
  number: number,
  headSha: string,
  thread: ReviewThread,
): Promise<number> {
  const place = thread.line === undefined ? { subject_type: "file" } : { line: thread.line, side: "RIGHT" };
  try {
    const parameters = { pull_number: number, commit_id: headSha, path: thread.path, body: thread.body, ...place };
    return (await caller.post(`POST ${COMMENTS}`, createdSchema, parameters)).id;
  } catch (fault) {
    if (isRefusal(fault)) return 0;
    throw fault;
  }
}
