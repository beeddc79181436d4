import { markup, type Markup } from "../../report/html/markup.ts";
import type { CheckRun } from "../../sandbox/world/index.ts";
import { combineChecks, stateOf } from "../gates.ts";
import { GATE, type Stage } from "../set-stage.ts";
import type { PullView } from "./read-pull.ts";
import { describeRun, pathOf, writeMark } from "./write-parts.ts";
import type { Visitor } from "./write-shell.ts";

const HEADINGS = {
  success: "All checks have passed",
  failure: "Some checks were not successful",
  waiting: "Some checks wait for people or for time",
  pending: "Some checks have not completed yet",
  none: "Waiting for checks",
} as const;

/** The checks, what is in the way of a merge, and the buttons; nothing once it is merged. */
export function writeMergeBox(stage: Stage, view: PullView, visitor: Visitor): Markup | undefined {
  const { pull, checks, blockers } = view;
  if (pull.state !== "open") return undefined;
  const state = combineChecks(checks);
  const blocked = blockers.map((blocker) => markup`<li>${blocker}</li>`);
  return markup`<section class="box merge-box ${state}" aria-label="Merge">
<h2 class="box-head">${writeMark(state)} ${HEADINGS[state]}</h2>
<ul class="checks">${checks.map((run) => writeCheck(view, run))}</ul>
${blockers.length === 0 ? undefined : markup`<div class="blockers"><p><strong>Merging is blocked</strong></p><ul>${blocked}</ul></div>`}
<div class="actions">${writeApprove(stage, view, visitor)}
<form method="post" action="${pathOf(pull)}/merge">
<button type="submit" id="merge" class="primary"${blockers.length > 0 ? " disabled" : ""}>Merge pull request</button></form></div>
</section>`;
}

function writeCheck({ pull }: PullView, run: CheckRun): Markup {
  const required = run.name === GATE ? markup`<span class="pill plain">Required</span>` : undefined;
  return markup`<li>${writeMark(stateOf(run))} <span><strong>${run.name}</strong> <span class="dim">${describeRun(run)}</span></span>
${required} <a href="${pathOf(pull, "/checks")}#run-${run.id}">Details</a></li>`;
}

/** Nobody approves what is their own. */
function writeApprove({ sandbox }: Stage, { pull, reviews }: PullView, { login }: Visitor): Markup {
  const author = sandbox.world.accounts.get(pull.authorId)?.login;
  if (author === login) return markup`<p class="dim">This is ${login}’s own: be somebody else to approve it.</p>`;
  const own = reviews.filter(({ authorId }) => sandbox.world.accounts.get(authorId)?.login === login);
  if (own.some(({ state }) => state === "APPROVED")) return markup`<p class="dim">${login} approved this.</p>`;
  return markup`<form method="post" action="${pathOf(pull)}/approve"><button type="submit" id="approve">Approve as ${login}</button></form>`;
}
