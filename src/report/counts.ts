import type { Report } from "../model/index.ts";
import type { ReportOutline } from "./outline.ts";
import { count, formatCount } from "./phrase.ts";

/**
 * The second line of every format: what the check looked at and what it found, in a few short phrases.
 * Says also what is zero where a reader would wonder.
 */
export function describeCounts(report: Report, outline: ReportOutline): string[] {
  const known = outline.known.length + outline.knownFailures.length;
  if (isConflict(report)) return ["nothing was looked at"];
  const failed = outline.broken.length + outline.notChecked.length + outline.tolerated.length;
  return [
    ...describeApps(report),
    ...(failed > 0 ? [`${count(failed, "app")} could not be rendered`] : []),
    ...describeResources(report, outline, failed),
    describeFindings(report),
    ...(outline.risks.length > 0 ? [count(outline.risks.length, "risk")] : []),
    ...(known > 0 ? [`${formatCount(known)} known`] : []),
    ...(outline.excepted.length > 0 ? [count(outline.excepted.length, "exception")] : []),
  ];
}

/** Without a head there is nothing that anything could be said of. */
function isConflict({ outcome, apps, totals }: Report): boolean {
  return outcome.status === "not-checked" && apps.length === 0 && totals.touchedApps === 0;
}

/** Apps that the change removes are counted with those of the head. */
function describeApps({ totals, apps }: Report): string[] {
  const all = totals.apps + apps.filter(({ status }) => status === "removed").length;
  if (totals.touchedApps === 0) return [`none of ${count(all, "app")} touched`];
  if (totals.changedApps === 0) return [`${formatCount(totals.touchedApps)} of ${count(all, "app")} looked at`];
  const verb = totals.changedApps === 1 || all === 1 ? "changes" : "change";
  const changed = `${formatCount(totals.changedApps)} of ${count(all, "app")} ${verb}`;
  if (totals.touchedApps === totals.changedApps) return [changed];
  return [`${changed}, ${formatCount(totals.touchedApps)} looked at`];
}

/** Where an app could not be rendered, nobody knows that no resource differs. */
function describeResources({ totals }: Report, { mended }: ReportOutline, failed: number): string[] {
  const parts: [number, string][] = [
    [totals.added, "added"],
    [totals.removed, "removed"],
    [totals.changed, "changed"],
  ];
  const told = parts.filter(([amount]) => amount > 0);
  const [first, ...rest] = told;
  const again =
    mended.length === 0 ? [] : [`${count(mended.length, "app")} ${mended.length === 1 ? "renders" : "render"} again`];
  if (first === undefined) return again.length > 0 || failed > 0 ? again : ["no resource differs"];
  const opening = `${count(first[0], "resource")} ${first[1]}`;
  return [...again, [opening, ...rest.map(([amount, verb]) => `${formatCount(amount)} ${verb}`)].join(", ")];
}

function describeFindings({ totals }: Report): string {
  return nameLevels(totals) ?? "no new findings";
}

/** `2 errors, 1 warning`: what is new; undefined for nothing. */
export function nameLevels(
  totals: Pick<Report["totals"], "newErrors" | "newWarnings" | "newNotices">,
): string | undefined {
  const parts = [
    [totals.newErrors, "error"],
    [totals.newWarnings, "warning"],
    [totals.newNotices, "notice"],
  ] as const;
  const told = parts.filter(([amount]) => amount > 0).map(([amount, noun]) => count(amount, noun));
  return told.length === 0 ? undefined : told.join(", ");
}
