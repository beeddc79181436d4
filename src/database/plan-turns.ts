import type { Lane } from "../model/index.ts";

/** pg-boss takes the highest priority first: each lane has a band of its own, and turns count downwards in it. */
const BAND = 500_000_000;
const BAND_OF_LANE: Readonly<Record<Lane, number>> = { groups: 4 * BAND, people: 3 * BAND, bots: 2 * BAND };

/** What waits already of one repository in one lane. */
export interface WaitingTurns {
  readonly lane: Lane;
  readonly installationId: number;
  readonly repositoryId: number;
  readonly count: number;
  readonly firstTurn: number;
  readonly lastTurn: number;
  /** The one of them that is done first. */
  readonly priority: number;
}

export interface Newcomer {
  readonly lane: Lane;
  readonly installationId: number;
  readonly repositoryId: number;
}

export interface Turn {
  /** Which turn of its repository this is. */
  readonly turn: number;
  readonly priority: number;
}

export function priorityOfLane(lane: Lane): number {
  return BAND_OF_LANE[lane];
}

/**
 * Fair turns within a lane: installations take turns with each other, and within one its repositories do, so that a
 * burst of eighty for one repository stands behind the first of another. A newcomer starts where the lane is now, so
 * nobody saves up turns. Gives the turns in the order of `newcomers`; each counts as waiting for those behind it.
 */
export function planTurns(waiting: readonly WaitingTurns[], newcomers: readonly Newcomer[]): Turn[] {
  const lanes = new Map<Lane, LaneState>();
  for (const row of waiting) {
    const lane = laneOf(lanes, row.lane);
    lane.now = Math.min(lane.now ?? Infinity, BAND_OF_LANE[row.lane] - row.priority);
    repositoriesOf(lane, row.installationId).set(row.repositoryId, {
      first: row.firstTurn,
      last: row.lastTurn,
      count: row.count,
    });
  }
  return newcomers.map((newcomer) => {
    const lane = laneOf(lanes, newcomer.lane);
    lane.now ??= 0;
    const repositories = repositoriesOf(lane, newcomer.installationId);
    const turn = nextTurn(repositories, newcomer.repositoryId);
    const before = countUntil(repositories, turn);
    const own = repositories.get(newcomer.repositoryId);
    repositories.set(newcomer.repositoryId, { first: own?.first ?? turn, last: turn, count: (own?.count ?? 0) + 1 });
    return { turn, priority: BAND_OF_LANE[newcomer.lane] - Math.min(lane.now + before, BAND - 1) };
  });
}

interface RepositoryTurns {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

interface LaneState {
  now: number | undefined;
  readonly installations: Map<number, Map<number, RepositoryTurns>>;
}

function laneOf(lanes: Map<Lane, LaneState>, name: Lane): LaneState {
  const known = lanes.get(name);
  if (known !== undefined) return known;
  const lane: LaneState = { now: undefined, installations: new Map() };
  lanes.set(name, lane);
  return lane;
}

function repositoriesOf(lane: LaneState, installationId: number): Map<number, RepositoryTurns> {
  const known = lane.installations.get(installationId);
  if (known !== undefined) return known;
  const repositories = new Map<number, RepositoryTurns>();
  lane.installations.set(installationId, repositories);
  return repositories;
}

function nextTurn(repositories: ReadonlyMap<number, RepositoryTurns>, repositoryId: number): number {
  const own = repositories.get(repositoryId);
  if (own !== undefined) return own.last + 1;
  let first = Infinity;
  for (const turns of repositories.values()) first = Math.min(first, turns.first);
  return first === Infinity ? 0 : first;
}

/** How many of the installation wait at this turn or an earlier one. */
function countUntil(repositories: ReadonlyMap<number, RepositoryTurns>, turn: number): number {
  let count = 0;
  for (const { first, count: waiting } of repositories.values()) {
    count += Math.max(0, Math.min(waiting, turn - first + 1));
  }
  return count;
}
