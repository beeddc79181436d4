import type { AppReport, Report } from "../model/index.ts";
import type { FoldItem, MarkdownFold } from "../report/markdown/fold.ts";
import { code } from "../report/markdown/inline.ts";
import { count, formatCount } from "../report/phrase.ts";

/** Ids in one entry, so that an entry is never too long to stand anywhere. */
const IDS_IN_ENTRY = 20;

/**
 * What comes of every app, for a report that is too long to be told: one entry for the apps with equal totals. Entries
 * that have no room are counted by `fitFolds`.
 */
export function foldTotals({ apps }: Report): MarkdownFold {
  const told = apps.filter(({ status }) => status !== "unchanged");
  const groups = Map.groupBy(told, writeTotal);
  const items = [...groups].flatMap(([total, alike]) =>
    chunk(alike, IDS_IN_ENTRY).map((some): FoldItem => {
      const full = `- ${total}: ${some.map(({ id }) => code(id, 120)).join(", ")}`;
      return { full, brief: `- ${total}: ${count(some.length, "app")}` };
    }),
  );
  const summary = `<b>All apps</b> (${formatCount(told.length)})`;
  return { summary, items, isList: true, noun: "entry", plural: "entries", apps: 0 };
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
