import type { RepositoryFacts } from "../../jobs/ports.ts";
import type { CheckState } from "../../model/index.ts";
import { type Markup, Markup as TrustedMarkup, markup } from "../../report/html/markup.ts";
import type { JudgementSummary, KeptJudgement } from "../ports.ts";
import { type PageParts, writeWords } from "./write-page.ts";

/** What a report is about. */
export type ReportPlace =
  | {
      readonly kind: "pull";
      readonly repository: RepositoryFacts;
      readonly number: number;
      /** Newest first. */
      readonly history: readonly JudgementSummary[];
    }
  | { readonly kind: "group"; readonly repository: RepositoryFacts; readonly headSha: string };

/** The page of one report, or of its absence, for somebody who may read the repository. */
export function writeReportPage(
  place: ReportPlace,
  kept: KeptJudgement | undefined,
  githubUrl: string,
): Omit<PageParts, "account"> {
  const { owner, name } = place.repository;
  const subject = place.kind === "pull" ? `#${place.number}` : place.headSha.slice(0, 7);
  const trail = writeTrail(place, kept, githubUrl);
  const where = `${owner}/${name} ${subject}`;
  if (kept === undefined) {
    const words =
      "Drydock has no report on this. A check that has just begun ends in one; older ones are removed after a while.";
    return { title: where, trail, body: writeWords("No report yet", [words]) };
  }
  if (kept.body === undefined) return { title: where, trail, body: writeExpired(kept) };
  // Made by src/report when the report was, and escaped there.
  const body = markup`${writeAge(place, kept)}${new TrustedMarkup(kept.body)}`;
  return { title: `${kept.title} · ${where}`, trail, body, isReport: true, skipText: "Skip to the report" };
}

function writeExpired(kept: KeptJudgement): Markup {
  return writeWords(kept.title, [
    markup`Commit <code>${kept.headSha.slice(0, 7)}</code> was checked on ${writeTime(kept.judgedAt)}.`,
    markup`The report itself is not kept any more. A comment <code>/drydock check</code> on the pull request makes a new one.`,
  ]);
}

function pathTo(place: Extract<ReportPlace, { kind: "pull" }>): string {
  const { owner, name } = place.repository;
  return `/${encodeURIComponent(owner)}/${encodeURIComponent(name)}/pull/${place.number}`;
}

function writeAge(place: ReportPlace, kept: KeptJudgement): Markup | undefined {
  const newest = place.kind === "pull" ? place.history[0] : undefined;
  if (place.kind !== "pull" || newest === undefined || newest.id === kept.id) return undefined;
  return markup`<p class="notice" role="note">This is an older check, of ${writeTime(kept.judgedAt)}.
<a href="${pathTo(place)}">See the newest one</a></p>
`;
}

function writeTrail(place: ReportPlace, kept: KeptJudgement | undefined, githubUrl: string): Markup {
  const { owner, name } = place.repository;
  const repository = `${githubUrl}/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
  const subject =
    place.kind === "pull"
      ? markup`<a href="${repository}/pull/${place.number}">${owner}/${name} #${place.number}</a>`
      : markup`<a href="${repository}/commit/${place.headSha}">${owner}/${name}, merge group ${place.headSha.slice(0, 7)}</a>`;
  const history = place.kind === "pull" ? writeHistory(place, kept) : undefined;
  return markup`<span class="subject-link">${subject}</span>${history}`;
}

const STATES: Readonly<Record<CheckState, { readonly sign: string; readonly word: string }>> = {
  success: { sign: "✓", word: "passed" },
  failure: { sign: "✗", word: "failed" },
  in_progress: { sign: "●", word: "waiting" },
};

function writeHistory(place: Extract<ReportPlace, { kind: "pull" }>, kept: KeptJudgement | undefined): Markup {
  const { history } = place;
  if (history.length === 0) return markup``;
  const entries = history.map((entry, index) => {
    const { sign, word } = STATES[entry.state];
    const path = index === 0 ? pathTo(place) : `${pathTo(place)}/runs/${encodeURIComponent(entry.id)}`;
    const current = entry.id === kept?.id ? markup` aria-current="page"` : undefined;
    return markup`<li><span class="state ${entry.state}"><span aria-hidden="true">${sign}</span> ${word}</span>
<a href="${path}"${current}>${entry.title}</a>
<span class="dim"><code>${entry.headSha.slice(0, 7)}</code> into <code>${entry.baseRef}</code>, ${writeTime(entry.judgedAt)}</span></li>
`;
  });
  const amount = history.length === 1 ? "1 check" : `${history.length} checks`;
  return markup`<details class="history"><summary>${amount}</summary>
<ol reversed>
${entries}</ol>
</details>`;
}

/** UTC to the minute: the page has no script that could know the reader's zone. */
function writeTime(moment: string): Markup {
  const shown = `${moment.slice(0, 16).replace("T", " ")} UTC`;
  return markup`<time datetime="${moment}">${shown}</time>`;
}
