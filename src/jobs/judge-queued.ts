import {
  digestContent,
  digestReport,
  findMembers,
  judgeStops,
  listChanges,
  type ChangedContent,
} from "../environments/index.ts";
import type { RuleSet } from "../config/index.ts";
import type { EnvironmentDecision, Report, RuleResult } from "../model/index.ts";
import { checkPullRequest } from "./check-pull-request.ts";
import { withoutRules, type RuledPlace } from "./decide-environments.ts";
import { readStops } from "./facts/gather-stops.ts";
import type { JudgedRules } from "./ports.ts";
import type { JobServices } from "./services.ts";

/** A merge group: the branch that it is for, and nobody's pull request. */
export interface QueuedPlace extends Pick<RuledPlace, "repository" | "permissions"> {
  readonly baseRef: string;
  readonly headRef: string;
}

/** Pull requests that one group may be made of; GitHub's own bound is lower. */
const MOST_MEMBERS = 100;

/**
 * What rules say of a merge group: everything that it changes has to be what an open pull request onto its branch
 * changes, and each of those has to be let in now, by facts that are read anew. A head that is not built of known pull
 * requests is refused (T31). The pull request that it was made for is asked about also where it changes no environment:
 * rules of branches ask of that one too. Limits are about one pull request: GitHub puts those of different people into
 * one group, and none of them could split that.
 */
export async function judgeQueued(
  report: Report,
  { set, problem }: JudgedRules,
  place: QueuedPlace,
  services: JobServices,
): Promise<EnvironmentDecision> {
  if (problem !== undefined) return withoutRules(problem);
  const digests = digestContent(listChanges(report, set, place.baseRef));
  const environments = Object.keys(digests);
  const named = nameMember(place);
  const isOfBranch = set.branches.some(({ base }) => base.some((glob) => glob.matches(place.baseRef)));
  const known = await services.records.listContents(place.repository.repositoryId, place.baseRef);
  const found = findMembers(digests, known).members.slice(0, MOST_MEMBERS);
  const asked = isOfBranch && named !== undefined ? [...new Set([...found, named])] : found;
  const judged = await judgeMembers(asked, place, services);
  const { members, uncovered } = findMembers(digests, judged);
  const counting = judged.filter(({ number }) => members.includes(number) || (isOfBranch && number === named));
  const results = counting.flatMap((one) => one.decision.results.map((result) => ofMember(one.number, result)));
  const isNamed = counting.some(({ number }) => number === named);
  const stops = isNamed ? [] : await findStops(report, set, place, services);
  const unnamed = isOfBranch && !isNamed ? [refuseUnnamed(place.baseRef)] : [];
  return decide(environments, [...uncovered.map(refuseUnknown), ...unnamed, ...results, ...stops]);
}

/** What keeps out a change that no environment is known by: stops of everything, and the hold of whom the group is for. */
async function findStops(
  report: Report,
  { freeze }: RuleSet,
  place: QueuedPlace,
  services: JobServices,
): Promise<readonly RuleResult[]> {
  const named = nameMember(place);
  const stops = await readStops(place.repository, named === undefined ? [] : [named], freeze, services);
  return judgeStops({ stops, changes: [], reported: digestReport(report), now: services.now() });
}

/** GitHub names the branch of a group by the pull request that it was made for. Taken as a reason to refuse, never to pass. */
function nameMember({ headRef }: QueuedPlace): number | undefined {
  const [, number] = /\/pr-(\d{1,9})-[^/]+$/u.exec(headRef) ?? [];
  return number === undefined ? undefined : Number(number);
}

interface JudgedMember extends ChangedContent {
  readonly decision: EnvironmentDecision;
}

/** One that is not open any more is left out, and what it changes is nobody's then. */
async function judgeMembers(
  numbers: readonly number[],
  { repository, permissions, baseRef }: QueuedPlace,
  services: JobServices,
): Promise<readonly JudgedMember[]> {
  const api = services.github.repository(repository);
  const baseSha = await api.readBranch(baseRef);
  const judged: JudgedMember[] = [];
  if (baseSha === undefined) return judged;
  for (const number of numbers) {
    const pullRequest = await api.readPullRequest(number);
    if (pullRequest?.isOpen !== true || pullRequest.baseRef !== baseRef) continue;
    const { decided } = await checkPullRequest({ repository, permissions, pullRequest, baseSha }, services);
    judged.push({ number, digests: digestContent(decided.facts.changes), decision: decided.decision });
  }
  return judged;
}

function ofMember(number: number, result: RuleResult): RuleResult {
  return { ...result, says: `#${number}: ${result.says}`, title: `#${number}: ${result.title}` };
}

function refuseUnknown(what: string): RuleResult {
  return {
    ...{ rule: "branches", environment: undefined, state: "refused", notes: [], changesAt: undefined },
    says: `${what} is not what an open pull request onto this branch changes`,
    title: "Not every change here is a known pull request's",
    steps: ["Pull requests that change one app together are queued one after the other."],
  };
}

function refuseUnnamed(baseRef: string): RuleResult {
  return {
    ...{ rule: "branches", environment: undefined, state: "refused", notes: [], changesAt: undefined },
    says: `Which open pull request onto ${baseRef} this was made for is not known, and its rules ask who may merge what`,
    title: "Not known which pull request this is",
    steps: ["Queue the pull request again."],
  };
}

const STATES = ["refused", "unknown", "waiting", "overridden", "passed"] as const;

/** A queue cannot wait: whatever would has to be let in before it is queued. */
function decide(environments: readonly string[], results: readonly RuleResult[]): EnvironmentDecision {
  const sorted = results.toSorted((left, right) => STATES.indexOf(left.state) - STATES.indexOf(right.state));
  const [worst] = sorted;
  const isIn = worst === undefined || worst.state === "passed" || worst.state === "overridden";
  const passed = environments.length === 0 ? "No environment changes" : "Every rule of its pull requests holds";
  return {
    ...{ state: isIn ? "success" : "failure", title: isIn ? passed : worst.title },
    ...{ environments, results: sorted, changesAt: undefined },
  };
}
