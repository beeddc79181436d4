import type { Report } from "../model/index.ts";
import type { ReportOutline } from "./outline.ts";
import { count, formatCount } from "./phrase.ts";

/**
 * The second line of every format: what the check looked at and what it found, in a few short phrases.
 * Says also what is zero where a reader would wonder.
 */
export function describeCounts(report: Report, outline: ReportOutline): string[] {
  const failed = outline.broken.length + outline.notChecked.length + outline.tolerated.length;
  return [
    describeApps(report),
    ...(failed > 0 ? [`${count(failed, "app")} could not be rendered`] : []),
    describeResources(report),
    describeFindings(report),
    ...(outline.risks.length > 0 ? [count(outline.risks.length, "risk")] : []),
    ...(outline.known.length > 0 ? [`${formatCount(outline.known.length)} known`] : []),
  ];
}

function describeApps({ totals }: Report): string {
  if (totals.touchedApps === 0) return `none of ${count(totals.apps, "app")} touched`;
  const changed = `${formatCount(totals.changedApps)} of ${count(totals.apps, "app")} ${totals.changedApps === 1 ? "changes" : "change"}`;
  return totals.touchedApps === totals.changedApps
    ? changed
    : `${changed}, ${formatCount(totals.touchedApps)} looked at`;
}

function describeResources({ totals }: Report): string {
  const parts: [number, string][] = [
    [totals.added, "added"],
    [totals.removed, "removed"],
    [totals.changed, "changed"],
  ];
  const told = parts.filter(([amount]) => amount > 0);
  const [first, ...rest] = told;
  if (first === undefined) return "no resource differs";
  const opening = `${count(first[0], "resource")} ${first[1]}`;
  return [opening, ...rest.map(([amount, verb]) => `${formatCount(amount)} ${verb}`)].join(", ");
}

function describeFindings({ totals }: Report): string {
  const parts = [
    [totals.newErrors, "error"],
    [totals.newWarnings, "warning"],
    [totals.newNotices, "notice"],
  ] as const;
  const told = parts.filter(([amount]) => amount > 0).map(([amount, noun]) => count(amount, noun));
  return told.length === 0 ? "no new findings" : told.join(", ");
}
