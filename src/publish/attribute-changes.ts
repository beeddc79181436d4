import type { AppReport, CommentableLines } from "../model/index.ts";
import type { ChangeCluster, LikeChanges } from "../report/outline.ts";

/**
 * The files of the pull request with the rendered changes that each of them causes. What says the same in several apps
 * stands on the file that causes it in each. A change whose cause is not certain is with none, and so is one of plain
 * manifests: they are deployed as they stand in the pull request's own diff.
 */
export function attributeChanges(
  clusters: readonly ChangeCluster[],
  apps: ReadonlyMap<string, AppReport>,
  commentable: CommentableLines,
): ReadonlyMap<string, readonly LikeChanges[]> {
  const byFile = new Map<string, LikeChanges[]>();
  for (const { places } of clusters.flatMap((cluster) => cluster.changes)) {
    const rendered = places.filter(({ app }) => apps.get(app)?.kind !== "plain");
    for (const [file, alike] of Map.groupBy(rendered, ({ change }) => change.location?.file)) {
      const [first] = alike;
      if (file === undefined || first === undefined || !commentable.has(file)) continue;
      const list = byFile.get(file) ?? [];
      list.push({ change: first.change, places: alike });
      byFile.set(file, list);
    }
  }
  return byFile;
}
