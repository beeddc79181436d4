import { markup, type Markup } from "../../report/html/markup.ts";
import { labelsOf, listComments, type PullRequest } from "../../sandbox/world/index.ts";
import { combineChecks, listChecks, listPulls } from "../gates.ts";
import { GATE, type Stage } from "../set-stage.ts";
import { describeRun, loginOf, pathOf, plural, writeLabels, writeMark, writeState } from "./write-parts.ts";
import type { Page } from "./write-shell.ts";

/** Every pull request with how its checks stand. */
export function writeList(stage: Stage): Page {
  const pulls = listPulls(stage);
  const open = pulls.filter(({ state }) => state === "open").length;
  const live = markup`<h1>Pull requests</h1>
<p class="lead">Drydock is installed here as a GitHub App, and what merges needs its check and one approval. Open a pull
request to see what it says; then push a change, comment, approve and merge.</p>
<p class="lead">Web and api have their environments as folders of <code>main</code>, ledger as branches. Who may change
prod, and when, stands in <code>.github/drydock.yaml</code>: ada and linus are the team <code>sre</code>.</p>
<section class="box" aria-label="Pull requests">
<h2 class="box-head">${open} open, ${pulls.length - open} closed</h2>
<ul class="pulls">${pulls.map((pull) => writeRow(stage, pull))}</ul>
</section>`;
  return { title: "Pull requests", live };
}

function writeRow(stage: Stage, pull: PullRequest): Markup {
  const checks = listChecks(stage, pull);
  const gate = checks.find(({ name }) => name === GATE);
  const comments = listComments(stage.sandbox.world, stage.repository, pull.number).length;
  const author = loginOf(stage, { id: pull.authorId });
  return markup`<li>${writeMark(combineChecks(checks))}
<div><div class="row-title"><a href="${pathOf(pull)}">${pull.title}</a> ${pull.state === "open" ? undefined : writeState(pull)}
${writeLabels(labelsOf(stage.sandbox.world, pull))}</div>
<p class="verdict">${gate === undefined ? "Waiting for Drydock" : describeRun(gate)}</p>
<p class="dim">#${pull.number} by ${author} · <code>${pull.headRef}</code>${pull.baseRef === stage.repository.defaultBranch ? undefined : markup` into <code>${pull.baseRef}</code>`} · ${plural(comments, "comment")}</p></div></li>`;
}
