import type { AppReport, SinceApproval } from "../model/index.ts";
import { foldCluster } from "../report/markdown/changes.ts";
import { fitFolds } from "../report/markdown/fold.ts";
import { code } from "../report/markdown/inline.ts";
import { outlineReport } from "../report/outline.ts";
import { count, listPhrase } from "../report/phrase.ts";

/** Code points that the diffs of one earlier state may take of a comment: the report itself comes after them. */
const STATE_LIMIT = 12_000;
const PEOPLE_NAMED = 5;
const NAMED = 10;
const FILE = "file:";

/**
 * What changed since somebody's approval died of it: for each earlier state a line that names them, and the rendered
 * differences from it in folds, app by app. Nothing that comes from a repository is active in it.
 */
export function writeSinceApprovals(states: readonly SinceApproval[]): readonly string[] {
  return states.length === 0 ? [] : [...states.flatMap(writeState), "**All that this pull request changes:**"];
}

function writeState({ by, headSha, changed, report }: SinceApproval): readonly string[] {
  const people = listPhrase(by.slice(0, PEOPLE_NAMED).map((login) => code(login, 60)));
  const more = by.length > PEOPLE_NAMED ? ` and ${count(by.length - PEOPLE_NAMED, "other")}` : "";
  const title = `**Changed since the approval of ${people}${more}** at ${code(headSha.slice(0, 7))}`;
  const files = changed.filter((key) => key.startsWith(FILE)).map((key) => key.slice(FILE.length));
  const apps = changed.filter((key) => !key.startsWith(FILE));
  const named = [...nameAll("Files that no app reads", files)];
  if (report === undefined) {
    return [`${title}: it cannot be compared any more.`, ...nameAll("Apps", apps), ...named];
  }
  const own = report.apps.filter(({ id }) => apps.includes(id));
  const { clusters } = outlineReport({ ...report, apps: own, findings: [] });
  const folds = clusters.map((cluster) => foldCluster(cluster, new Map(own.map((app) => [app.id, app]))));
  const { text, leftOut } = fitFolds(folds, STATE_LIMIT);
  const amount = clusters.reduce((sum, { changes }) => sum + changes.length, 0);
  const reached = new Set(clusters.flatMap((cluster) => cluster.apps));
  const isShort = leftOut.details + leftOut.items > 0;
  return [
    `${title}: ${amount === 0 ? "nothing that is shown" : `${count(amount, "change")} in ${count(reached.size, "app")}`}.`,
    ...(isShort ? ["Shortened to fit."] : []),
    ...nameAll(
      "Could not be rendered, then or now",
      own.filter(isFailed).map(({ id }) => id),
    ),
    ...nameAll("Renders as it did, but changes something else, because its base moved", listEqual(apps, own, reached)),
    ...named,
    ...(text === "" ? [] : [text.trimEnd()]),
  ];
}

function isFailed({ failure }: AppReport): boolean {
  return failure !== undefined;
}

/** Apps of which the same would land as then. */
function listEqual(
  apps: readonly string[],
  own: readonly AppReport[],
  reached: ReadonlySet<string>,
): readonly string[] {
  const failed = new Set(own.filter(isFailed).map(({ id }) => id));
  return apps.filter((id) => !reached.has(id) && !failed.has(id));
}

function nameAll(what: string, names: readonly string[]): readonly string[] {
  return names.length === 0
    ? []
    : [
        `${what}: ${listPhrase(
          names.map((name) => code(name)),
          NAMED,
        )}.`,
      ];
}
