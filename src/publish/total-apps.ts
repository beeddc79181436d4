import type { AppReport, Report } from "../model/index.ts";
import type { FoldItem, MarkdownFold, MeasureText } from "../report/markdown/fold.ts";
import { code } from "../report/markdown/inline.ts";
import { count, formatCount } from "../report/phrase.ts";

/** Ids in one entry, so that an entry is never too long to stand anywhere. */
const IDS_IN_ENTRY = 20;

/**
 * What comes of every app, for a report that is too long to be told: apps with equal totals stand together. Those whose
 * names have no room are counted with their totals, so that every app is accounted for.
 */
export function foldTotals({ apps }: Report, room: number, measure: MeasureText): MarkdownFold {
  const told = apps.filter(({ status }) => status !== "unchanged");
  const groups = [...Map.groupBy(told, writeTotal)];
  let left = room - groups.reduce((sum, [total, { length }]) => sum + measure(writeRest(total, length)) + 2, 0);
  const items = groups.flatMap(([total, alike]) => {
    const entries = chunk(alike, IDS_IN_ENTRY).map(
      (some) => `- ${total}: ${some.map(({ id }) => code(id, 120)).join(", ")}`,
    );
    const shown = entries.slice(0, countFitting(entries, left, measure));
    left -= shown.reduce((sum, entry) => sum + measure(entry) + 2, 0);
    const rest = alike.length - shown.length * IDS_IN_ENTRY;
    return [...shown, ...(rest > 0 ? [writeRest(total, rest)] : [])];
  });
  const summary = `<b>All apps</b> (${formatCount(told.length)})`;
  const entries = items.map((full): FoldItem => ({ full, brief: undefined }));
  return { summary, items: entries, isList: true, noun: "entry", plural: "entries", apps: 0 };
}

function writeRest(total: string, apps: number): string {
  return `- ${total}: ${count(apps, "app")} not named here`;
}

function countFitting(entries: readonly string[], room: number, measure: MeasureText): number {
  let left = room;
  const first = entries.findIndex((entry) => (left -= measure(entry) + 2) < 0);
  return first === -1 ? entries.length : first;
}

function writeTotal({ status, failure, changes }: AppReport): string {
  if (failure !== undefined) return failure.effect === "fails" ? "does not render" : "could not be looked at";
  const risks = changes.reduce((sum, change) => sum + change.risks.length, 0);
  const amounts = (["added", "removed", "changed"] as const).flatMap((action) => {
    const amount = changes.filter((change) => change.action === action).length;
    return amount > 0 ? [`${formatCount(amount)} ${action}`] : [];
  });
  const start = status === "added" || status === "removed" ? [`app ${status}`] : [];
  const parts = [...start, ...amounts, ...(risks > 0 ? [count(risks, "risk")] : [])];
  return parts.length === 0 ? "no resource differs" : parts.join(", ");
}

function chunk<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
