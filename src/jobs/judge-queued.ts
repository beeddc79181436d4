import { listChanges } from "../environments/index.ts";
import type { EnvironmentDecision, Report } from "../model/index.ts";
import type { JudgedRules } from "./ports.ts";
import type { RuledPlace } from "./decide-environments.ts";
import { withoutRules } from "./decide-environments.ts";
import type { JobServices } from "./services.ts";

/** A merge group: the branch that it is for, and nobody's pull request. */
export interface QueuedPlace extends Pick<RuledPlace, "repository" | "permissions"> {
  readonly baseRef: string;
}

/**
 * What rules say of a merge group: everything that it changes has to be what an open pull request onto its branch
 * changes, and each of those has to be let in now. A head that is not built of known pull requests is refused (T31).
 */
export function judgeQueued(
  report: Report,
  { set, problem }: JudgedRules,
  { baseRef }: QueuedPlace,
  _services: JobServices,
): Promise<EnvironmentDecision> {
  if (problem !== undefined) return Promise.resolve(withoutRules(problem));
  const changes = listChanges(report, set, baseRef);
  if (changes.length > 0) return Promise.resolve(withoutRules("what this merge group is made of is not known"));
  return Promise.resolve({
    ...{ state: "success", title: "No environment changes", environments: [], results: [], changesAt: undefined },
  });
}
