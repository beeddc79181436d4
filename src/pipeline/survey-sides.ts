import type { ObjectId, Tree, TreeChange } from "../model/index.ts";
import { emptySnapshot, type Snapshot } from "./snapshot.ts";
import { surveyTree, toSnapshot, type Survey, type SurveyServices } from "./survey.ts";

/** A snapshot is made anew when the base differs from the kept one by more apps than this. */
const SNAPSHOT_DRIFT = 16;

export interface SurveyedTrees {
  readonly baseTree: Tree;
  readonly headTree: Tree;
  /** What is known of a near tree, judged by the same config and the same engines. */
  readonly snapshot: Snapshot | undefined;
}

export interface SurveySidesServices extends SurveyServices {
  readonly changesBetween: (base: ObjectId, head: ObjectId) => Promise<readonly TreeChange[]>;
}

/** Both sides of a comparison, and a snapshot worth keeping instead of the one that was handed in. */
export interface Surveys {
  readonly base: Survey;
  readonly head: Survey;
  readonly keep: Snapshot | undefined;
}

/**
 * Both sides are told as differences from one snapshot. A base that has drifted from the kept one (or the first check
 * ever) becomes the new snapshot before the head is looked at.
 */
export async function surveySides(request: SurveyedTrees, services: SurveySidesServices): Promise<Surveys> {
  const { baseTree, headTree } = request;
  const survey = async (tree: Tree, from: Snapshot, against?: Survey): Promise<Survey> =>
    await surveyTree(tree, from, await services.changesBetween(from.tree, tree.id), services, against);
  const first = request.snapshot;
  const base =
    first === undefined
      ? await surveyTree(baseTree, emptySnapshot(baseTree.id), "everything", services)
      : await survey(baseTree, first);
  if (first !== undefined && countMoved(base) <= SNAPSHOT_DRIFT) {
    return { base, head: await survey(headTree, first, base), keep: undefined };
  }
  const keep = toSnapshot(base);
  const none = new Map<string, never>();
  const nothing = { changed: none, facts: none, linkTraces: none, traces: none, partners: none };
  const settled = { ...base, ...nothing, snapshot: keep };
  return { base: settled, head: await survey(headTree, keep, settled), keep };
}

/** Apps that are not as the snapshot has them; one that was only looked at again does not count. */
function countMoved({ changed, snapshot }: Survey): number {
  return [...changed].filter(([id, record]) => record?.result !== snapshot.record(id)?.result).length;
}
