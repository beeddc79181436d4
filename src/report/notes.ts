import type { Report } from "../model/index.ts";
import { count } from "./phrase.ts";

/** What the check says about itself: its own notes, what it assumed to render, and what a decision would need. */
export function describeNotes(report: Report): string[] {
  return [
    ...report.notes,
    ...describeAssumptions(report),
    ...report.decision.needs.map((need) => `Not decided here: ${need}`),
  ];
}

/** The versions that the result depends on, in one line. */
export function describeVersions({ versions }: Report): string {
  return `drydock ${versions.drydock}, Kubernetes ${versions.kubernetes.join(", ") || "none"}`;
}

/** Apps whose assumptions are told; the rest are counted. */
const ASSUMPTIONS_SHOWN = 3;

/** What was assumed for the apps that this report shows something of: one line an app, the first few of them. */
function describeAssumptions({ apps }: Report): string[] {
  const assumed = apps.filter(({ assumptions, status }) => assumptions.length > 0 && status !== "unchanged");
  const lines = assumed
    .slice(0, ASSUMPTIONS_SHOWN)
    .map(({ id, assumptions }) => `Assumed for ${id}: ${assumptions.join(", ")}`);
  const others = assumed.length - lines.length;
  return others === 0
    ? lines
    : [...lines, `Assumed likewise for ${count(others, "more app")}; \`drydock apps\` lists what`];
}
