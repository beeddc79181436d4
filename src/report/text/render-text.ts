import type { Report, Side } from "../../model/index.ts";
import { describeCounts } from "../counts.ts";
import { describeRules } from "../describe-rule.ts";
import type { ReportOutline } from "../outline.ts";
import { outlineReport } from "../outline.ts";
import { writeChanges, writeImages, writeRisks } from "./changes.ts";
import { writeExceptions, writeFailures, writeFindings } from "./findings.ts";
import type { Paragraph, Style, TextOptions } from "./layout.ts";
import { layOut, solid, span } from "./layout.ts";
import { writeAgents, writeNotes, writeQuiet } from "./quiet.ts";

export interface TextReportOptions extends Partial<TextOptions> {
  /** Lists the findings that stand on the base as well, instead of their number alone. */
  readonly showKnown?: boolean;
}

/**
 * The report for a terminal: failures, errors and risks first, then what changes, then the quiet rest. The first line
 * is the outcome. Nothing from the repository can act on the terminal. Colour only when asked; 80 columns unless said.
 */
export function renderText(report: Report, options: TextReportOptions = {}): string {
  const outline = outlineReport(report);
  const describe = describeRules(report.policies);
  const sections: readonly (readonly Paragraph[])[] = [
    writeHeader(report, outline),
    writeFailures("Broken by this change", outline.broken, "red"),
    writeFailures("Could not be looked at", outline.notChecked, "yellow"),
    writeFindings("Errors", outline.errors, "red", describe),
    writeRisks(outline.risks),
    writeFindings("Warnings", outline.warnings, "yellow", describe),
    writeFailures("Could not be rendered, does not count", outline.tolerated, "yellow"),
    writeImages(outline.images),
    writeChanges(report, outline.clusters),
    writeFindings("Notices", outline.notices, "cyan", describe),
    writeExceptions(outline.excepted),
    ...(options.showKnown === true
      ? [
          writeFindings("Known: these stand on the base as well", outline.known, "dim", describe),
          writeFailures("Known: these did not render on the base either", outline.knownFailures, "dim"),
        ]
      : []),
    writeAgents(report.agents),
    writeQuiet(outline, options.showKnown === true),
    writeNotes(report),
  ];
  const gap: Paragraph = { spans: [], indent: 0 };
  const paragraphs = sections
    .filter((section) => section.length > 0)
    .flatMap((section, index) => (index === 0 ? section : [gap, ...section]));
  return layOut(paragraphs, { color: options.color ?? false, width: Math.max(options.width ?? 80, 24) });
}

function writeHeader(report: Report, outline: ReportOutline): Paragraph[] {
  const styles: Record<Report["outcome"]["status"], Style> = {
    passed: "green",
    failed: "red",
    "not-checked": "yellow",
  };
  const sides = [solid(describeSide(report.base), "dim"), span("→", "dim"), solid(describeSide(report.head), "dim")];
  return [
    { spans: [span(report.outcome.title, styles[report.outcome.status])], indent: 0 },
    { spans: [span(describeCounts(report, outline).join(" · "))], indent: 0, hang: 0 },
    { spans: [solid(report.repository, "dim"), ...sides], indent: 0, hang: 0 },
  ];
}

/** `main (1a2b3c4)`: the commit where there is one, else the tree. */
function describeSide(side: Side): string {
  return `${side.ref} (${(side.commit ?? side.tree).slice(0, 7)})`;
}
