import { createStopDesk } from "../../src/jobs/index.ts";
import type { GitHubRepository, KeptStop, StopDesk } from "../../src/jobs/ports.ts";
import type { Actor, RepositoryRef } from "../../src/model/index.ts";
import { READER, REPOSITORY } from "./web-server.ts";

export interface FakeStopDesk {
  readonly desk: StopDesk;
  /** What stands. */
  readonly stops: KeptStop[];
  /** Whoever administers the account's own repository now. */
  readonly admins: Actor[];
}

/** The real rights over an account `shop`, with its stops in memory. */
export function createFakeStopDesk(now: () => number = Date.now): FakeStopDesk {
  const stops: KeptStop[] = [];
  const admins: Actor[] = [READER];
  const own: RepositoryRef = { ...REPOSITORY, repositoryId: 71, name: ".github" };
  const readRole: GitHubRepository["readRole"] = ({ id }) =>
    Promise.resolve(admins.some((admin) => admin.id === id) ? "admin" : "maintain");
  const desk = createStopDesk({
    github: { repository: () => ({ readRole }) as GitHubRepository },
    findRepository: (owner, name) => Promise.resolve(owner === own.owner && name === own.name ? own : undefined),
    records: {
      listServerStops: () => Promise.resolve([...stops]),
      setStop: (stop) => {
        stops.push({ ...stop, id: stops.length + 1, environment: undefined });
        return Promise.resolve({ kind: "set" });
      },
      liftStops: ({ ids }) => {
        const lifted = stops.filter(({ id }) => ids.includes(id));
        for (const stop of lifted) stops.splice(stops.indexOf(stop), 1);
        return Promise.resolve(lifted);
      },
    },
    now,
  });
  return { desk, stops, admins };
}
