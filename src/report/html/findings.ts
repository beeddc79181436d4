import type { JudgedFinding } from "../../model/index.ts";
import { describeLocation, describePath, describeResource } from "../describe.ts";
import type { RepeatedFinding } from "../group-findings.ts";
import type { AlikeFailures } from "../group-failures.ts";
import { groupFailures } from "../group-failures.ts";
import { groupFindings } from "../group-findings.ts";
import type { FailedApp } from "../outline.ts";
import { count, formatCount } from "../phrase.ts";
import { toVisibleLines } from "../visible-text.ts";
import type { Markup } from "./markup.ts";
import { markup, preformatted } from "./markup.ts";
import type { PageSection } from "./section.ts";

type Tone = "bad" | "warn" | "info" | "quiet";

/** Apps that could not be rendered, with all that the engine said. */
export function sectionFailures(
  id: string,
  title: string,
  failures: readonly FailedApp[],
  tone: Tone,
  isFolded = false,
): PageSection {
  const body = markup`<ul class="items">
    ${groupFailures(failures).map((group) => writeFailure(group, tone))}
  </ul>`;
  return { id, title, amount: failures.length, tone, body, isFolded };
}

function writeFailure({ first: { app, failure }, apps }: AlikeFailures, tone: Tone): Markup {
  const remarks = [
    failure.kind,
    ...(failure.isNew ? [] : ["before and after"]),
    ...(failure.isAccepted ? ["accepted by the config"] : []),
    ...(app.guessed ? ["guessed app"] : []),
  ];
  const place = failure.location && markup`<span class="place">${describeLocation(failure.location)}</span>`;
  const help = failure.help && markup`<pre class="message help">${preformatted(toVisibleLines(failure.help))}</pre>`;
  return markup`<li class="item ${tone}" data-find>
    <p class="line">
      ${apps.map((id) => markup`<code class="subject">${id}</code> `)}
      ${remarks.map((remark) => markup`<span class="tag">${remark}</span> `)}${place}
    </p>
    <pre class="message">${preformatted(toVisibleLines(failure.message))}</pre>${help}
  </li>`;
}

/** Findings in the report's order; what one rule says in many places is said once, with the places folded below it. */
export function sectionFindings(
  id: string,
  title: string,
  findings: readonly JudgedFinding[],
  tone: Tone,
  isFolded = false,
): PageSection {
  const body = markup`<ul class="items">
    ${groupFindings(findings).map((group) => writeGroup(group, tone))}
  </ul>`;
  return { id, title, amount: findings.length, tone, body, isFolded };
}

function writeGroup({ finding, all }: RepeatedFinding, tone: Tone): Markup {
  const isAlone = all.length === 1;
  const opening = isAlone ? writePlace(finding) : markup`<b>${formatCount(all.length)} times</b>`;
  const places = markup`<details class="places">
    <summary>${count(all.length, "place")}</summary>
    <ul>
      ${all.map((each) => markup`<li>${writePlace(each)} ${writeReach(each)}</li>`)}
    </ul>
  </details>`;
  const message = finding.message.split("\n").map((line, index) => (index === 0 ? line : markup`<br />${line}`));
  return markup`<li class="item ${tone}" data-find>
    <p class="line">${opening} <span class="tag">${finding.rule}</span></p>
    <p class="text">${message}</p>
    ${finding.help === undefined ? undefined : markup`<p class="help">${finding.help}</p>`}
    ${isAlone ? markup`<div class="reach">${writeReach(finding)}</div>` : places}
  </li> `;
}

function writePlace(finding: JudgedFinding): Markup {
  const place =
    finding.location === undefined ? (finding.apps[0] ?? "the repository") : describeLocation(finding.location);
  return markup`<span class="place">${place}</span>`;
}

function writeReach(finding: JudgedFinding): Markup {
  const parts: Markup[] = [
    ...(finding.resource === undefined ? [] : [markup`<code>${describeResource(finding.resource)}</code>`]),
    ...(finding.path.length === 0 ? [] : [markup`<code>${describePath(finding.path)}</code>`]),
    ...(finding.isRendered ? [markup`as rendered`] : []),
    finding.apps.length > 1
      ? markup`<details class="apps">
          <summary>in ${count(finding.apps.length, "app")}</summary>
          ${finding.apps.map((app) => markup`<code>${app}</code> `)}
        </details>`
      : markup`in <code>${finding.apps[0] ?? "the repository"}</code>`,
  ];
  return markup`${parts.map((part, index) => (index === 0 ? part : markup` <span class="dot">·</span> ${part}`))}`;
}
