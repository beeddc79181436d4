import { printSection, type EnvironmentRules, type RuleSet } from "../config/index.ts";
import type { EnvironmentDecision, EnvironmentFacts } from "../model/index.ts";
import { decideByKnown, type FactName } from "./decide-by-known.ts";

/** What other rules would make of pull requests, by number. */
export interface RuleComparison {
  readonly refused: readonly number[];
  readonly waiting: readonly number[];
  readonly letIn: readonly number[];
  /** Their facts were gathered for the rules before, and do not tell. */
  readonly unknown: readonly number[];
}

type Outcome = "success" | "waiting" | "refused" | "unknown";

/**
 * Which pull requests would change verdict by other rules, by the facts that each was judged over last. Both rules are
 * asked at the same moment. Facts that the rules before did not ask for are not known.
 */
export function compareRules(
  all: readonly EnvironmentFacts[],
  before: RuleSet,
  after: RuleSet,
  now: number,
): RuleComparison {
  const found = all.map((facts) => {
    const known = { facts: { ...facts, now }, unknown: new Set<FactName>() };
    const then = toOutcome(decideByKnown(known, before));
    return { number: facts.pullRequest.number ?? 0, then, next: tryRules({ ...facts, now }, before, after) };
  });
  const list = (next: Outcome): readonly number[] =>
    found.filter((one) => one.next === next && one.then !== next).map(({ number }) => number);
  return { refused: list("refused"), waiting: list("waiting"), letIn: list("success"), unknown: list("unknown") };
}

function tryRules(facts: EnvironmentFacts, before: RuleSet, after: RuleSet): Outcome {
  if (after.environments.some((rules) => isElsewhere(rules, find(before, rules.name)))) return "unknown";
  const changes = facts.changes.filter(({ environment }) => find(after, environment) !== undefined);
  const unknown = new Set<FactName>();
  for (const { environment } of changes) {
    const [then, next] = [find(before, environment), find(after, environment)];
    if (then === undefined || next === undefined) continue;
    if (!asksForApprovals(then) && asksForApprovals(next)) unknown.add("approvals").add("contributors").add("people");
    if (!then.usesLocks && next.usesLocks) unknown.add("stops");
  }
  const stops = facts.stops.filter(
    ({ from, environment }) => from !== "unconfirmed" || find(after, environment ?? "")?.usesLocks === true,
  );
  const promotions = facts.promotions.filter(({ environment }) => isSameTracking(environment, before, after));
  return toOutcome(decideByKnown({ facts: { ...facts, changes, stops, promotions }, unknown }, after));
}

function find({ environments }: RuleSet, name: string): EnvironmentRules | undefined {
  return environments.find((rules) => rules.name === name);
}

/** What belongs to it was found out by where it was. */
function isElsewhere(rules: EnvironmentRules, then: EnvironmentRules | undefined): boolean {
  const place = ({ paths, branch, ignore }: EnvironmentRules): string => printSection([paths, branch, ignore]);
  return then === undefined || place(rules) !== place(then);
}

function asksForApprovals({ approvals: { count, codeOwners, destructive } }: EnvironmentRules): boolean {
  return count > 0 || codeOwners || (destructive?.count ?? 0) > 0;
}

/** Whether what is promoted is what was looked for. */
function isSameTracking(environment: string, before: RuleSet, after: RuleSet): boolean {
  const print = (rules: RuleSet): string => {
    const promotion = find(rules, environment)?.promotion;
    return printSection([rules.changes.pairing, promotion?.track, promotion?.fields]);
  };
  return print(before) === print(after);
}

/** What waits for somebody keeps it out, whatever is not known beside that. */
function toOutcome({ results }: EnvironmentDecision): Outcome {
  const states = new Set(results.map(({ state }) => state));
  if (states.has("refused")) return "refused";
  if (states.has("waiting")) return "waiting";
  return states.has("unknown") ? "unknown" : "success";
}
