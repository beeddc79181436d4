import {
  diffCommits,
  findMergeBase,
  listCommits,
  type ChangedFile,
  type CommitFacts,
} from "../../sandbox/git/index.ts";
import * as world from "../../sandbox/world/index.ts";
import { listChecks } from "../gates.ts";
import type { Stage } from "../set-stage.ts";

/** Everything that the pages of one pull request show, as it is now. */
export interface PullView {
  readonly pull: world.PullRequest;
  readonly commits: readonly CommitFacts[];
  readonly files: readonly ChangedFile[];
  readonly checks: readonly world.CheckRun[];
  readonly comments: readonly world.Comment[];
  readonly reviews: readonly world.Review[];
  readonly reviewComments: readonly world.ReviewComment[];
  readonly labels: readonly world.Label[];
  /** Why it cannot be merged now; empty when it can, and once it is merged. */
  readonly blockers: readonly string[];
}

/** Reads one pull request; undefined when there is none of this number. */
export async function readPull(stage: Stage, number: number): Promise<PullView | undefined> {
  const { sandbox, repository } = stage;
  const pull = world.findPullRequest(sandbox.world, repository, number);
  if (pull === undefined) return undefined;
  const { commits, files } = await readChanges(stage, pull);
  return {
    pull,
    commits,
    files,
    checks: listChecks(stage, pull),
    comments: world.listComments(sandbox.world, repository, number),
    reviews: world.select(sandbox.world, "reviews", ({ pullRequestId }) => pullRequestId === pull.id),
    reviewComments: world.listReviewComments(sandbox.world, pull),
    labels: world.labelsOf(sandbox.world, pull),
    blockers: pull.state === "open" ? await world.listMergeBlockers(sandbox.world, pull) : [],
  };
}

type Changes = Pick<PullView, "commits" | "files">;

/** Of the pages that refresh themselves each asks again and again: commits do not change. */
const remembered = new WeakMap<Stage, Map<string, Promise<Changes>>>();

function readChanges(stage: Stage, { baseSha, headSha }: world.PullRequest): Promise<Changes> {
  const known = remembered.get(stage) ?? new Map<string, Promise<Changes>>();
  remembered.set(stage, known);
  const key = `${baseSha} ${headSha}`;
  const changes = known.get(key) ?? compare(stage, baseSha, headSha);
  known.set(key, changes);
  return changes;
}

async function compare({ repository }: Stage, baseSha: string, headSha: string): Promise<Changes> {
  const from = (await findMergeBase(repository, baseSha, headSha)) ?? baseSha;
  const [commits, files] = await Promise.all([
    listCommits(repository, baseSha, headSha),
    diffCommits(repository, from, headSha),
  ]);
  return { commits, files };
}
