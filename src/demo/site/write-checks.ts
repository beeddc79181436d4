import { markup, preformatted, type Markup } from "../../report/html/markup.ts";
import type { Annotation, CheckRun } from "../../sandbox/world/index.ts";
import { stateOf } from "../gates.ts";
import { renderMarkdown } from "../render-markdown.ts";
import type { Stage } from "../set-stage.ts";
import type { PullView } from "./read-pull.ts";
import { describeRun, pathOf, plural, writeMark, writeTime } from "./write-parts.ts";
import { writeHead } from "./write-pull.ts";
import type { Page } from "./write-shell.ts";

/** The checks of a pull request's head, each with everything that it says. */
export function writeChecks(stage: Stage, view: PullView): Page {
  const { pull, checks } = view;
  const runs = checks.map((run) => writeRun(view, run));
  const live = markup`${writeHead(stage, view, "/checks")}
${runs.length === 0 ? markup`<p class="lead">No check has been reported yet.</p>` : runs}`;
  return { title: `Checks of #${pull.number}`, live };
}

function writeRun({ pull }: PullView, run: CheckRun): Markup {
  const { id, name, detailsUrl, completedAt, summary, text, annotations, actions } = run;
  const state = stateOf(run);
  const press = (path: string, label: string, hint: string): Markup =>
    markup`<form method="post" action="${pathOf(pull)}/checks/${id}/${path}"><button type="submit" title="${hint}">${label}</button></form>`;
  return markup`<section class="box run" id="run-${id}">
<h2 class="box-head">${writeMark(state)} ${name}</h2>
<div class="run-body"><p class="run-title">${describeRun(run)}</p>
<p class="dim">${completedAt === undefined ? (state === "waiting" ? "Waiting" : "Running") : markup`Completed ${writeTime(completedAt)}`}</p>
<div class="actions">${detailsUrl === undefined ? undefined : writeDetails(detailsUrl)}
${press("rerun", "Re-run this check", "Ask the App for a new run")}
${actions.map(({ identifier, label, description }) => press(`actions/${identifier}`, label, description))}</div>
${summary === undefined ? undefined : markup`<div class="markdown">${renderMarkdown(summary)}</div>`}
${text === undefined ? undefined : markup`<div class="markdown">${renderMarkdown(text)}</div>`}
${annotations.length === 0 ? undefined : markup`<h3>${plural(annotations.length, "annotation")}</h3>`}
${annotations.map(writeAnnotation)}</div>
</section>`;
}

/** The report lies on the App's own server, another port of this machine. */
function writeDetails(detailsUrl: string): Markup | undefined {
  if (!/^https?:\/\//u.test(detailsUrl)) return undefined;
  return markup`<a class="button" href="${detailsUrl}" rel="noreferrer">View more details on Drydock</a>`;
}

const TONES = { failure: "bad", warning: "warn", notice: "info" } as const;

/** What a check says of one line, or of a few. */
export function writeAnnotation({ path, startLine, endLine, level, title, message }: Annotation): Markup {
  const lines = startLine === endLine ? `${startLine}` : `${startLine}-${endLine}`;
  return markup`<div class="annotation ${TONES[level]}"><p><strong>${title ?? level}</strong> <code>${path}:${lines}</code></p>
<p class="words">${preformatted(message.split("\n"))}</p></div>`;
}
