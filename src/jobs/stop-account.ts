import { authorize, findReasonProblem, type Requirement } from "../commands/index.ts";
import {
  AccessLostFault,
  ORGANIZATION_REPOSITORY,
  type Actor,
  type InstallationId,
  type RepositoryRef,
} from "../model/index.ts";
import type { GitHub, KeptStop, Records, StopDesk } from "./ports.ts";
import { readAsker } from "./read-asker.ts";
import { liftWhole, stopEverything } from "./stop-everything.ts";

export interface StopDeskParts {
  readonly github: Pick<GitHub, "repository">;
  readonly records: Pick<Records, "setStop" | "liftStops" | "listServerStops">;
  /** By the newest note of the name. */
  readonly findRepository: (owner: string, name: string) => Promise<RepositoryRef | undefined>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** As the config of that repository can say the same, whoever administers it may. */
const REQUIREMENT: Requirement = { right: "write", role: "admin", teams: [], keepers: [] };

export function createStopDesk(parts: StopDeskParts): StopDesk {
  const { records, now } = parts;
  const isOfAccount =
    (installationId: InstallationId) =>
    ({ place }: KeptStop): boolean =>
      place.installationId === installationId;
  return {
    look: async (owner, actor) => {
      const place = await findPlace(owner, actor, parts);
      if (place === undefined) return undefined;
      const all = await records.listServerStops();
      const isOurs = isOfAccount(place.installationId);
      return {
        account: place.owner,
        stops: all.filter((stop) => stop.place.installationId === undefined || isOurs(stop)),
      };
    },
    stop: async (owner, actor, { reason, duration }) => {
      const place = await findPlace(owner, actor, parts);
      if (place === undefined) return undefined;
      const problem = findReasonProblem(reason === "" ? [] : [reason]);
      if (problem !== undefined) return { problem };
      const { installationId } = place;
      const since = now();
      const until = duration === undefined ? undefined : since + duration;
      await stopEverything({ installationId, by: actor, reason, since, until }, records);
      return { problem: undefined };
    },
    lift: async (owner, actor, id) => {
      const place = await findPlace(owner, actor, parts);
      return place && (await liftWhole([id], actor, isOfAccount(place.installationId), records));
    },
  };
}

/** The account's own repository, where the visitor may administer it: asked of GitHub each time, never remembered (T05). */
async function findPlace(
  owner: string,
  actor: Actor,
  { github, findRepository }: StopDeskParts,
): Promise<RepositoryRef | undefined> {
  const repository = await findRepository(owner, ORGANIZATION_REPOSITORY);
  if (repository === undefined) return undefined;
  const place = { repository, pullRequest: { author: undefined }, permissions: {} };
  try {
    const asker = await readAsker(actor, [], place, github.repository(repository));
    return authorize(REQUIREMENT, asker).isAllowed ? repository : undefined;
  } catch (fault) {
    if (fault instanceof AccessLostFault) return undefined;
    throw fault;
  }
}
