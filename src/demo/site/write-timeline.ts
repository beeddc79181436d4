import { markup, type Markup } from "../../report/html/markup.ts";
import type { Comment, Review, ReviewComment } from "../../sandbox/world/index.ts";
import { renderMarkdown } from "../render-markdown.ts";
import type { Stage } from "../set-stage.ts";
import type { PullView } from "./read-pull.ts";
import { loginOf, writeAuthor, writeTime } from "./write-parts.ts";
import { writeExcerpt } from "./write-diff.ts";

interface Moment {
  readonly at: string;
  readonly body: Markup;
}

/** Commits, comments and reviews in the order they came. */
export function writeTimeline(stage: Stage, view: PullView): readonly Markup[] {
  const { pull, commits, comments, reviews, reviewComments } = view;
  const merged =
    pull.mergedAt === undefined
      ? []
      : [{ at: pull.mergedAt, body: writeMerged(stage, pull.mergedById ?? 0, pull.baseRef, pull.mergedAt) }];
  const moments: Moment[] = [
    ...commits.map(({ sha, author, committer, message }) => ({
      at: committer.date,
      body: markup`<p class="event"><span class="dot" aria-hidden="true"></span> <strong>${author.name}</strong> pushed
<span>${message.split("\n")[0]}</span> <code>${sha.slice(0, 7)}</code></p>`,
    })),
    ...comments.map((comment) => ({ at: comment.createdAt, body: writeComment(stage, comment) })),
    ...reviews.map((review) => ({
      at: review.submittedAt,
      body: writeReview(
        stage,
        review,
        reviewComments.filter(({ reviewId }) => reviewId === review.id),
      ),
    })),
    ...merged,
  ];
  return moments.toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at)).map(({ body }) => body);
}

function writeMerged(stage: Stage, byId: number, baseRef: string, at: string): Markup {
  const by = loginOf(stage, { id: byId });
  return markup`<p class="event"><span class="dot merged" aria-hidden="true"></span> <strong>${by}</strong> merged this into
<code>${baseRef}</code> ${writeTime(at)}</p>`;
}

function writeComment(stage: Stage, comment: Comment): Markup {
  const edited = comment.updatedAt === comment.createdAt ? undefined : markup`<span class="dim">· edited</span>`;
  return markup`<article class="box"><header class="box-head">${writeAuthor(stage, comment.authorId)} commented
${writeTime(comment.createdAt)} ${edited}</header>
<div class="markdown">${renderMarkdown(comment.body)}</div>${writeReactions(stage, comment)}</article>`;
}

const REACTIONS: Readonly<Record<string, string>> = {
  "+1": "👍",
  "-1": "👎",
  eyes: "👀",
  rocket: "🚀",
  confused: "😕",
};

function writeReactions({ sandbox }: Stage, { id }: Comment): Markup | undefined {
  const reactions = [...sandbox.world.reactions.values()].filter(({ commentId }) => commentId === id);
  if (reactions.length === 0) return undefined;
  const signs = reactions.map(({ content }) => markup`<span class="reaction">${REACTIONS[content] ?? content}</span>`);
  return markup`<p class="reactions">${signs}</p>`;
}

const REVIEW_WORDS: Readonly<Record<Review["state"], string>> = {
  APPROVED: "approved these changes",
  CHANGES_REQUESTED: "asked for changes",
  COMMENTED: "reviewed",
  DISMISSED: "reviewed; the review was dismissed",
};

/** A review that says nothing any more, because what it found is mended, is left out. */
function writeReview(stage: Stage, review: Review, comments: readonly ReviewComment[]): Markup {
  if (review.state === "COMMENTED" && review.body === "" && comments.length === 0) return markup``;
  const tone = review.state === "APPROVED" ? "good" : "";
  return markup`<section class="review"><p class="event"><span class="dot ${tone}" aria-hidden="true"></span>
${writeAuthor(stage, review.authorId)} ${REVIEW_WORDS[review.state]} ${writeTime(review.submittedAt)}</p>
${review.body === "" ? undefined : markup`<div class="box markdown">${renderMarkdown(review.body)}</div>`}
${comments.map((comment) => writeThread(stage, comment))}</section>`;
}

function writeThread(stage: Stage, comment: ReviewComment): Markup {
  const { path, line, diffHunk } = comment;
  const thread = stage.sandbox.world.reviewThreads.get(comment.threadId);
  const place = markup`<code>${path}</code>${line === undefined ? " (file)" : `, line ${line}`}`;
  return markup`<article class="box thread"><header class="box-head">${place}
${thread?.isResolved === true ? markup`<span class="pill merged">Resolved</span>` : undefined}</header>
${writeExcerpt(diffHunk)}
${writeNote(stage, comment)}</article>`;
}

/** A review comment without its place. */
export function writeNote(stage: Stage, comment: ReviewComment): Markup {
  return markup`<div class="note"><p class="note-head">${writeAuthor(stage, comment.authorId)} ${writeTime(comment.createdAt)}</p>
<div class="markdown">${renderMarkdown(comment.body)}</div></div>`;
}
