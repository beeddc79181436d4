import type { AgentObject, Report } from "../../model/index.ts";
import type { ReportOutline } from "../outline.ts";
import { describeNotes, describeVersions } from "../notes.ts";
import { describeQuiet } from "../quiet.ts";
import { count, formatCount } from "../phrase.ts";
import { toVisibleLines } from "../visible-text.ts";
import { writeHeading } from "./findings.ts";
import type { Paragraph } from "./layout.ts";
import { solid, span } from "./layout.ts";

/** What is not written out, in one line a kind, so that nothing is missing without a word. */
export function writeQuiet(outline: ReportOutline, isKnownShown: boolean): Paragraph[] {
  const known = outline.known.length;
  const broken = outline.knownFailures.length;
  const lines = describeQuiet(outline);
  if (broken > 0 && !isKnownShown) {
    lines.unshift(`${count(broken, "untouched app")} could not be rendered, before and after; --all shows them`);
  }
  if (known > 0 && !isKnownShown) lines.unshift(`${count(known, "known finding")}, not shown; --all shows them`);
  return lines.map((line) => ({ spans: [span(line, "dim")], indent: 0 }));
}

/** Recognised objects that are written out: they are the same in every report of a repository. */
const AGENTS_SHOWN = 5;

/** Argo CD and Flux objects that were recognised. */
export function writeAgents(agents: readonly AgentObject[]): Paragraph[] {
  if (agents.length === 0) return [];
  const more = agents.length - AGENTS_SHOWN;
  const rest: Paragraph[] =
    more > 0 ? [{ spans: [span(`and ${formatCount(more)} more; \`drydock apps\` lists them`, "dim")], indent: 2 }] : [];
  const rows = agents.slice(0, AGENTS_SHOWN).map((agent): Paragraph => {
    const name = `${agent.kind} ${agent.namespace === "" ? "" : `${agent.namespace}/`}${agent.name}`;
    return {
      spans: [span(agent.agent === "flux" ? "Flux" : "Argo CD"), solid(name), solid(agent.file, "dim")],
      indent: 2,
      hang: 4,
    };
  });
  return [writeHeading("Recognised, not rendered yet", agents.length), ...rows, ...rest];
}

/** What the check says about itself, then the versions. */
export function writeNotes(report: Report): Paragraph[] {
  const lines = describeNotes(report).flatMap(toVisibleLines);
  const notes = lines.map((line): Paragraph => ({ spans: [solid("·", "dim"), span(line)], indent: 2, hang: 4 }));
  const footer: Paragraph = { spans: [span(describeVersions(report), "dim")], indent: 0 };
  return notes.length === 0 ? [footer] : [{ spans: [span("Notes", "bold")], indent: 0 }, ...notes, footer];
}
