import type { RuleSet } from "../../config/index.ts";
import { stopOfOrganization } from "../../environments/index.ts";
import type { EnvironmentChange, EnvironmentFacts, Stop } from "../../model/index.ts";
import type { RuledPlace } from "../decide-environments.ts";
import { SAME_MOMENT } from "../same-moment.ts";
import type { JobServices } from "../services.ts";

/**
 * Holds, locks and freezes that stand where this change is: those that people and the server said, the organization's
 * own, and for environments that use locks that nobody knows of any, until an admin says so. What was set after a merge
 * says nothing of it.
 */
export async function gatherStops(
  changes: readonly EnvironmentChange[],
  { environments, freeze }: RuleSet,
  { repository, pullRequest, isPast }: RuledPlace,
  services: JobServices,
): Promise<EnvironmentFacts["stops"]> {
  const known = await readStops(repository, [pullRequest.number], freeze, services);
  const told = isPast === true ? known.filter(({ since }) => since <= services.now() + SAME_MOMENT) : known;
  const using = changes.filter(({ environment }) => {
    return environments.some(({ name, usesLocks }) => usesLocks && name === environment);
  });
  const confirmed = using.length === 0 ? [] : await services.records.listConfirmed(repository.repositoryId);
  const unconfirmed = using
    .filter(({ environment }) => !confirmed.includes(environment))
    .map(({ environment }): Stop => {
      return {
        ...{ kind: "lock", from: "unconfirmed", environment, by: undefined, reason: "", since: 0, until: undefined },
      };
    });
  return [...told, ...unconfirmed];
}

/** What people, the server and the organization said: of the repository, of everything, and of these pull requests. */
export async function readStops(
  { installationId, repositoryId }: RuledPlace["repository"],
  numbers: readonly number[],
  freeze: RuleSet["freeze"],
  { records, now }: JobServices,
): Promise<readonly Stop[]> {
  const kept = await records.listStops({ installationId, repositoryId, numbers });
  const told = kept.map(({ kind, from, environment, by, reason, since, until }): Stop => {
    return { kind, from, environment, by, reason, since, until };
  });
  return [...told, ...stopOfOrganization(freeze, now())];
}
