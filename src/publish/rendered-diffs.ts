import type { RepositoryConfig } from "../config/index.ts";
import type { AppReport, CommentableLines, Report, ReviewThread } from "../model/index.ts";
import { foldCluster } from "../report/markdown/changes.ts";
import type { MarkdownFold } from "../report/markdown/fold.ts";
import { fitFolds } from "../report/markdown/fold.ts";
import { htmlCode } from "../report/markdown/inline.ts";
import type { LikeChanges } from "../report/outline.ts";
import { outlineReport } from "../report/outline.ts";
import { count, listPhrase } from "../report/phrase.ts";
import { attributeChanges } from "./attribute-changes.ts";
import { makeKey } from "./make-key.ts";

/** Code points: a review comment may be as long as another, but it stands between lines that people read. */
const BODY_LIMIT = 30_000;
const ENVIRONMENTS_NAMED = 5;

/**
 * A comment on each changed file that shows what it changes where: folded, and what is the same in several environments
 * told once. `risky` leaves out files that bring no risk. Files with a high risk come first.
 */
export function threadRenderedDiffs(
  report: Report,
  wanted: RepositoryConfig["review"]["renderedDiffs"],
  commentable: CommentableLines,
): readonly ReviewThread[] {
  if (wanted === "off") return [];
  const apps = new Map(report.apps.map((app) => [app.id, app]));
  const byFile = [...attributeChanges(outlineReport(report).clusters, apps, commentable)];
  const files = byFile.filter(([, changes]) => wanted === "all" || rankRisks(changes) > 0);
  return files
    .toSorted(([left, some], [right, others]) => rankRisks(others) - rankRisks(some) || (left < right ? -1 : 1))
    .map(([path, changes]) => ({
      // With what it says: a comment that is no longer true gives way to one that is.
      key: makeKey("rendered", [path, changes.map(nameChange)]),
      path,
      line: undefined,
      level: "notice",
      body: writeBody(changes, apps),
    }));
}

function nameChange({ change, places }: LikeChanges): readonly unknown[] {
  return [change.likeness, places.map(({ app, resource }) => ({ app, resource }))];
}

function rankRisks(changes: readonly LikeChanges[]): number {
  const risks = changes.flatMap(({ change }) => change.risks);
  if (risks.some(({ level }) => level === "high")) return 2;
  return risks.length > 0 ? 1 : 0;
}

function writeBody(changes: readonly LikeChanges[], apps: ReadonlyMap<string, AppReport>): string {
  const reached = new Set(changes.flatMap(({ places }) => places.map(({ app }) => app)));
  const risks = changes.reduce((sum, { change }) => sum + change.risks.length, 0);
  const amounts = [count(changes.length, "change"), ...(risks > 0 ? [count(risks, "risk")] : [])].join(", ");
  const head = `**What this file changes once it is rendered**: ${amounts} in ${count(reached.size, "app")}.`;
  const fitted = fitFolds(foldByEnvironment(changes, apps), BODY_LIMIT);
  const { details, items } = fitted.leftOut;
  const note = details + items > 0 ? ["Shortened to fit; the report on this pull request has the rest."] : [];
  return [head, ...note, fitted.text.trimEnd()].join("\n\n");
}

function foldByEnvironment(
  changes: readonly LikeChanges[],
  apps: ReadonlyMap<string, AppReport>,
): readonly MarkdownFold[] {
  const groups = Map.groupBy(changes, ({ places }) => JSON.stringify(listEnvironments(places, apps)));
  return [...groups.values()].map((alike) => {
    const places = alike.flatMap((each) => each.places);
    const ids = [...new Set(places.map(({ app }) => app))];
    const fold = foldCluster({ apps: ids, changes: alike }, apps);
    const risks = alike.reduce((sum, { change }) => sum + change.risks.length, 0);
    const amounts = [count(alike.length, "change"), ...(risks > 0 ? [count(risks, "risk")] : [])].join(", ");
    const names = listEnvironments(places, apps).map((name) => `<b>${htmlCode(name, 60)}</b>`);
    const where = names.length === 0 ? "Without an environment" : listPhrase(names, ENVIRONMENTS_NAMED);
    return { ...fold, summary: `${where} (${count(ids.length, "app")}): ${amounts}` };
  });
}

function listEnvironments(places: LikeChanges["places"], apps: ReadonlyMap<string, AppReport>): readonly string[] {
  return [...new Set(places.flatMap(({ app }) => apps.get(app)?.environment ?? []))].toSorted();
}
