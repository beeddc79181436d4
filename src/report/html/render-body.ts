import type { AgentObject, Report, Side } from "../../model/index.ts";
import { describeCounts } from "../counts.ts";
import { describeRules } from "../describe-rule.ts";
import { describeNotes, describeVersions } from "../notes.ts";
import type { ReportOutline } from "../outline.ts";
import { outlineReport } from "../outline.ts";
import { describeQuiet } from "../quiet.ts";
import type { Anchors } from "./changes.ts";
import { anchorChanges, sectionChanges, sectionImages, sectionRisks } from "./changes.ts";
import { writeContents } from "./contents.ts";
import { sectionExceptions, sectionFailures, sectionFindings } from "./findings.ts";
import type { Markup } from "./markup.ts";
import { markup } from "./markup.ts";
import type { PageSection } from "./section.ts";
import { writeSection } from "./section.ts";

/** What stands inside `<body>`, whichever shell carries it, but for the link that skips to `#main`. Complete without a script; the script adds comfort. */
export function renderBody(report: Report): Markup {
  const outline = outlineReport(report);
  const anchors = anchorChanges(outline.clusters);
  const sections = listSections(report, outline, anchors);
  return markup`${writeHeader(report, outline)}
    <div class="layout">
      ${writeContents(sections, outline.clusters, anchors)}
      <main id="main" tabindex="-1">
        <p id="search-state" class="search-state" role="status"></p>
        ${sections.map(writeSection)}${writeFooter(report, outline)}
      </main>
    </div> `;
}

function listSections(report: Report, outline: ReportOutline, anchors: Anchors): PageSection[] {
  const apps = new Map(report.apps.map((app) => [app.id, app]));
  const describe = describeRules(report.policies);
  return [
    sectionFailures("broken", "Broken by this change", outline.broken, "bad"),
    sectionFailures("not-checked", "Could not be looked at", outline.notChecked, "warn"),
    sectionFindings({ id: "errors", title: "Errors", tone: "bad" }, outline.errors, describe),
    sectionRisks(outline.risks, anchors),
    sectionFindings({ id: "warnings", title: "Warnings", tone: "warn" }, outline.warnings, describe),
    sectionFailures("tolerated", "Could not be rendered, does not count", outline.tolerated, "quiet"),
    sectionImages(outline.images),
    sectionChanges(outline.clusters, anchors, apps),
    sectionFindings({ id: "notices", title: "Notices", tone: "info" }, outline.notices, describe),
    sectionExceptions(outline.excepted),
    sectionAgents(report.agents),
    sectionNotes(report),
    sectionFindings(
      { id: "known", title: "Known: these stand on the base as well", tone: "quiet", isFolded: true },
      outline.known,
      describe,
    ),
    sectionFailures(
      "known-failures",
      "Known: these did not render on the base either",
      outline.knownFailures,
      "quiet",
      true,
    ),
  ];
}

function writeHeader(report: Report, outline: ReportOutline): Markup {
  const counts = describeCounts(report, outline).map((phrase) => markup`<li>${phrase}</li>`);
  return markup`<header class="top ${report.outcome.status}">
    <p class="origin">
      <span class="brand">Drydock</span> <code>${report.repository}</code> ${writeSide(report.base)} →
      ${writeSide(report.head)}
    </p>
    <h1>${report.outcome.title}</h1>
    <ul class="counts">
      ${counts}
    </ul>
    <div class="controls" hidden>
      <input
        type="search"
        id="search"
        placeholder="Search apps, resources, fields ( / )"
        aria-label="Search the report"
        autocomplete="off"
        spellcheck="false"
      />
      <span class="choice" role="group" aria-label="Diff view"
        ><button type="button" data-view="line-by-line" aria-pressed="true">Unified</button
        ><button type="button" data-view="side-by-side" aria-pressed="false">Side by side</button></span
      >
      <button type="button" id="fold" aria-pressed="false">Open all</button>
      <button type="button" id="theme">Theme: system</button>
    </div>
  </header>`;
}

function writeSide(side: Side): Markup {
  return markup`<code title="${side.commit ?? side.tree}">${side.ref}</code>
    <span class="api">${(side.commit ?? side.tree).slice(0, 7)}</span>`;
}

function sectionAgents(agents: readonly AgentObject[]): PageSection {
  const items = agents.map((agent) => {
    const name = `${agent.kind} ${agent.namespace === "" ? "" : `${agent.namespace}/`}${agent.name}`;
    return markup`<li data-find>
      ${agent.agent === "flux" ? "Flux" : "Argo CD"} <code>${name}</code> <span class="place">${agent.file}</span>
    </li>`;
  });
  const body = markup`<ul class="plain">
    ${items}
  </ul>`;
  return {
    id: "agents",
    title: "Recognised, not rendered yet",
    amount: agents.length,
    tone: "quiet",
    body,
    isFolded: false,
  };
}

function sectionNotes(report: Report): PageSection {
  const notes = describeNotes(report);
  const body = markup`<ul class="plain">
    ${notes.map((note) => markup`<li>${note}</li>`)}
  </ul>`;
  return { id: "notes", title: "Notes", amount: notes.length, tone: "quiet", body, isFolded: false };
}

function writeFooter(report: Report, outline: ReportOutline): Markup {
  const quiet = describeQuiet(outline).map((sentence) => markup`${sentence}. `);
  return markup`<footer>${quiet}${describeVersions(report)}</footer>`;
}
