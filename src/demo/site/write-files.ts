import { markup, preformatted, type Markup } from "../../report/html/markup.ts";
import type { ChangedFile } from "../../sandbox/git/index.ts";
import type { Stage } from "../set-stage.ts";
import type { PullView } from "./read-pull.ts";
import { writeAnnotation } from "./write-checks.ts";
import { writeDiff } from "./write-diff.ts";
import { pathOf } from "./write-parts.ts";
import { writeHead } from "./write-pull.ts";
import type { Page, Visitor } from "./write-shell.ts";
import { writeNote } from "./write-timeline.ts";

/** The changed files of a pull request, with review comments and annotations on their lines. */
export function writeFiles(stage: Stage, view: PullView, paths: Iterable<string>): Page {
  const { pull, files } = view;
  const changed = files.map((file) => writeFile(stage, view, file));
  const rest = pull.state === "open" ? writeEditList(view, [...paths]) : undefined;
  const live = markup`${writeHead(stage, view, "/files")}${changed}`;
  return { title: `Files of #${pull.number}`, live, ...(rest === undefined ? {} : { rest }) };
}

function writeFile(stage: Stage, view: PullView, file: ChangedFile): Markup {
  const { path, status, additions, deletions, patch } = file;
  const comments = view.reviewComments.filter((one) => one.path === path);
  const onFile = comments.filter(({ line }) => line === undefined).map((comment) => writeNote(stage, comment));
  const annotations = view.checks.flatMap((run) => run.annotations).filter((one) => one.path === path);
  const notesUnder = (line: number): Markup[] => [
    ...comments.filter((one) => one.line === line).map((comment) => writeNote(stage, comment)),
    ...annotations.filter(({ endLine }) => endLine === line).map(writeAnnotation),
  ];
  const edit =
    view.pull.state === "open" && status !== "removed" ? markup`<a href="${editPath(view, path)}">Edit</a>` : undefined;
  return markup`<section class="box file" aria-label="${path}">
<h2 class="box-head"><code>${path}</code> <span class="changed-lines"><span class="plus">+${additions}</span>
<span class="minus">−${deletions}</span></span> ${edit}</h2>
${onFile}
${patch === undefined ? markup`<p class="dim">Nothing of it can be shown.</p>` : writeDiff(patch, notesUnder)}</section>`;
}

function editPath({ pull }: PullView, path: string): string {
  return `${pathOf(pull)}/edit?${new URLSearchParams({ path }).toString()}`;
}

function writeEditList(view: PullView, paths: readonly string[]): Markup {
  const items = paths.map((path) => markup`<li><a href="${editPath(view, path)}">${path}</a></li>`);
  return markup`<details class="box all-files"><summary>Edit another file of <code>${view.pull.headRef}</code></summary>
<ul>${items}</ul></details>`;
}

/** A file of the pull request's branch, to be changed and pushed. */
export function writeEditor({ pull }: PullView, path: string, content: string, { login }: Visitor): Page {
  const live = markup`<h1>Edit <code>${path}</code></h1>
<p class="facts">A commit to <code>${pull.headRef}</code>, the branch of <a href="${pathOf(pull)}">#${pull.number} ${pull.title}</a></p>`;
  const rest = markup`<form class="box comment-form" method="post" action="${pathOf(pull)}/edit">
<input type="hidden" name="path" value="${path}" />
<label for="content">Content</label>
<textarea id="content" name="content" class="code" rows="24" spellcheck="false" wrap="off">
${preformatted(content.split("\n"))}</textarea>
<label for="message">Message</label>
<input id="message" name="message" type="text" value="Change ${path.split("/").at(-1)}" required />
<p><button type="submit" name="do" value="change" class="primary">Push as ${login}</button>
<button type="submit" name="do" value="remove">Remove the file</button></p>
</form>`;
  return { title: `Edit ${path}`, live, rest };
}
