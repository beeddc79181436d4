import type { JudgedFinding } from "../../model/index.ts";
import { describeLocation, describePath, describeResource } from "../describe.ts";
import type { DescribeRule } from "../describe-rule.ts";
import { describeException, describeExceptionPlace, describeTerms, groupExceptions } from "../exceptions.ts";
import type { RepeatedFinding } from "../group-findings.ts";
import type { AlikeFailures } from "../group-failures.ts";
import { groupFailures } from "../group-failures.ts";
import { groupFindings, helpOf } from "../group-findings.ts";
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
  { id, title, tone, isFolded = false }: Pick<PageSection, "id" | "title" | "tone"> & { readonly isFolded?: boolean },
  findings: readonly JudgedFinding[],
  describe: DescribeRule,
): PageSection {
  const body = markup`<ul class="items">
    ${groupFindings(findings, describe).map((group) => writeGroup(group, tone))}
  </ul>`;
  return { id, title, amount: findings.length, tone, body, isFolded };
}

function writeGroup(group: RepeatedFinding, tone: Tone): Markup {
  const { finding, all, rule, isTitled, isVaried } = group;
  const isAlone = all.length === 1;
  const opening = isAlone ? writePlace(finding) : markup`<b>${formatCount(all.length)} times</b>`;
  const help = helpOf(group);
  const policy = rule.place === undefined ? undefined : markup` <span class="place">${rule.place}</span>`;
  return markup`<li class="item ${tone}" data-find>
    <p class="line">
      ${opening}${isTitled ? markup` <b>${rule.title}</b>` : undefined} <span class="tag">${finding.rule}</span>${policy}
    </p>
    ${isVaried ? undefined : writeMessage(finding)}
    ${help === undefined ? undefined : markup`<p class="help">${help}</p>`}
    ${isAlone ? markup`<div class="reach">${writeReach(finding)}</div>${writeException(finding)}` : writePlaces(group)}
  </li> `;
}

function writePlaces({ all, isVaried }: Pick<RepeatedFinding, "all" | "isVaried">): Markup {
  const places = all.map((each) => {
    const said = isVaried ? writeMessage(each) : undefined;
    return markup`<li>${writePlace(each)} ${writeReach(each)}${said}${writeException(each)}</li>`;
  });
  return markup`<details class="places">
    <summary>${count(all.length, "place")}</summary>
    <ul>
      ${places}
    </ul>
  </details>`;
}

function writeMessage({ message }: JudgedFinding): Markup {
  const lines = message.split("\n").map((line, index) => (index === 0 ? line : markup`<br />${line}`));
  return markup`<p class="text">${lines}</p>`;
}

/** That an exception has expired or waits. */
function writeException(finding: JudgedFinding): Markup | undefined {
  const said = describeException(finding);
  return said === undefined ? undefined : markup`<p class="help">${said}</p>`;
}

/** Every use of an exception: its reason, until when, where it is said, and what it takes. */
export function sectionExceptions(excepted: readonly JudgedFinding[]): PageSection {
  const items = groupExceptions(excepted).map(({ rule, exception, findings }) => {
    const terms = describeTerms(exception);
    return markup`<li class="item quiet" data-find>
      <p class="line">
        <span class="place">${describeExceptionPlace(exception)}</span> <span class="tag">${rule}</span>${terms === "" ? undefined : markup` <span class="tag">${terms}</span>`}
      </p>
      <p class="text">${exception.reason === "" ? "(no reason given)" : exception.reason}</p>
      ${writePlaces({ all: findings, isVaried: false })}
    </li> `;
  });
  const body = markup`<ul class="items">
    ${items}
  </ul>`;
  return { id: "exceptions", title: "Exceptions", amount: excepted.length, tone: "quiet", body, isFolded: false };
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
