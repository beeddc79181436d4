import type { AgentObject, Report, Side } from "../../model/index.ts";
import { describeNotes, describeVersions } from "../notes.ts";
import type { ReportOutline } from "../outline.ts";
import { formatCount } from "../phrase.ts";
import { describeQuiet } from "../quiet.ts";
import type { MarkdownFold } from "./fold.ts";
import { code, prose } from "./inline.ts";

/** Argo CD and Flux objects that were recognised. */
export function foldAgents(agents: readonly AgentObject[]): MarkdownFold[] {
  if (agents.length === 0) return [];
  const items = agents.map((agent) => {
    const name = `${agent.kind} ${agent.namespace === "" ? "" : `${agent.namespace}/`}${agent.name}`;
    const full = `- ${agent.agent === "flux" ? "Flux" : "Argo CD"} ${code(name)} in ${code(agent.file)}`;
    return { full, brief: undefined };
  });
  const summary = `<b>Recognised, not rendered yet</b> (${formatCount(agents.length)})`;
  return [{ summary, items, isList: true, noun: "object", apps: 0 }];
}

/** What the check says about itself. */
export function foldNotes(report: Report): MarkdownFold[] {
  const items = describeNotes(report).map((note) => ({ full: `- ${prose(note)}`, brief: undefined }));
  if (items.length === 0) return [];
  return [{ summary: `<b>Notes</b> (${formatCount(items.length)})`, items, isList: true, noun: "note", apps: 0 }];
}

/** The last lines: what was looked at and is not told, what was compared, and by which versions. */
export function writeFooter(report: Report, outline: ReportOutline): string {
  const compared = `Compared ${writeSide(report.base)} with ${writeSide(report.head)}, ${prose(describeVersions(report), 200)}.`;
  return `${[...writeQuiet(outline), compared].join("\n")}\n`;
}

/** What was looked at and is not told, one line a kind. They name apps. */
export function writeQuiet(outline: ReportOutline): string[] {
  return describeQuiet(outline).map((sentence) => prose(`${sentence}.`));
}

function writeSide(side: Side): string {
  return `${code(side.ref, 80)} (${code((side.commit ?? side.tree).slice(0, 7))})`;
}
