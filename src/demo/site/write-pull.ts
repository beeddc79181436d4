import { markup, type Markup } from "../../report/html/markup.ts";
import { combineChecks } from "../gates.ts";
import { renderMarkdown } from "../render-markdown.ts";
import type { Stage } from "../set-stage.ts";
import type { PullView } from "./read-pull.ts";
import { writeMergeBox } from "./write-merge-box.ts";
import { pathOf, plural, writeAuthor, writeLabels, writeMark, writeState, writeTime } from "./write-parts.ts";
import type { Page, Visitor } from "./write-shell.ts";
import { writeTimeline } from "./write-timeline.ts";

export type Tab = "" | "/checks" | "/files";

/** The conversation of a pull request, with what is in the way of its merge. */
export function writePull(stage: Stage, view: PullView, visitor: Visitor): Page {
  const { pull, labels } = view;
  const live = markup`${writeHead(stage, view, "")}
<div class="columns">
<aside><h2>Labels</h2>${labels.length === 0 ? markup`<p class="dim">None yet</p>` : writeLabels(labels)}</aside>
<div class="timeline">
<article class="box"><header class="box-head">${writeAuthor(stage, pull.authorId)} wrote ${writeTime(pull.createdAt)}</header>
<div class="markdown">${renderMarkdown(pull.body ?? "")}</div></article>
${writeTimeline(stage, view)}
${writeHint(stage, view)}
${writeFix(stage, view, visitor)}
${writeMergeBox(stage, view, visitor)}
</div>
</div>`;
  return { title: `${pull.title} #${pull.number}`, live, rest: writeCommentForm(view, visitor) };
}

/** Title, state and the ways to the other pages of a pull request. */
export function writeHead(stage: Stage, { pull, commits, files, checks }: PullView, tab: Tab): Markup {
  const link = (to: Tab, text: string | Markup): Markup =>
    to === tab
      ? markup`<a href="${pathOf(pull, to)}" aria-current="page">${text}</a>`
      : markup`<a href="${pathOf(pull, to)}">${text}</a>`;
  return markup`<h1>${pull.title} <span class="dim">#${pull.number}</span></h1>
<p class="facts">${writeState(pull)} ${writeAuthor(stage, pull.authorId)} wants ${plural(commits.length, "commit")} of
<code>${pull.headRef}</code> in <code>${pull.baseRef}</code></p>
<nav class="tabs" aria-label="Pull request">
${link("", "Conversation")}
${link("/checks", markup`Checks ${writeMark(combineChecks(checks))}`)}
${link("/files", `Files (${files.length})`)}
</nav>`;
}

function writeHint({ hints }: Stage, { pull }: PullView): Markup | undefined {
  const hint = hints.get(pull.headRef);
  if (hint === undefined || pull.state !== "open") return undefined;
  return markup`<section class="box hint" aria-label="To try here"><h2 class="box-head">To try here</h2>
<div class="markdown">${renderMarkdown(hint)}</div></section>`;
}

/** Nothing where no fix is known, or where it was pushed. */
function writeFix({ fixes }: Stage, { pull, commits }: PullView, { login }: Visitor): Markup | undefined {
  const fix = fixes.get(pull.headRef);
  if (fix === undefined || pull.state !== "open" || commits.some(({ message }) => message.trim() === fix.title)) {
    return undefined;
  }
  return markup`<form class="box comment-form" method="post" action="${pathOf(pull)}/fix">
<p>One commit mends this: <q>${fix.title}</q></p>
<p><button id="fix" type="submit">Push the fix as ${login}</button></p>
</form>`;
}

function writeCommentForm({ pull }: PullView, { login }: Visitor): Markup {
  return markup`<form class="box comment-form" method="post" action="${pathOf(pull)}/comments">
<label for="comment">Comment as ${login}</label>
<p class="dim">Drydock listens: <code>/drydock help</code>, <code>/drydock explain</code>, <code>/drydock hold</code>,
<code>/drydock freeze prod 10m</code></p>
<textarea id="comment" name="body" rows="3" required></textarea>
<p><button type="submit">Comment</button>
<a class="button" href="${pathOf(pull, "/files")}">Push a change…</a></p>
</form>`;
}
