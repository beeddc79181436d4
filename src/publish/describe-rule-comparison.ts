import { count, listPhrase } from "../report/phrase.ts";

/** What rules that a change brings would make of other open pull requests, by number; `more` were not looked at. */
export interface ComparedRules {
  readonly refused: readonly number[];
  readonly waiting: readonly number[];
  readonly letIn: readonly number[];
  readonly unknown: readonly number[];
  readonly looked: number;
  readonly more: number;
}

/** Pull requests named; the rest are counted. */
const NAMED = 10;

/** What the rules would change for others, in a sentence or two. Nothing where there are no others. */
export function describeRuleComparison({
  refused,
  waiting,
  letIn,
  unknown,
  looked,
  more,
}: ComparedRules): readonly string[] {
  if (looked + more === 0) return [];
  const moves = [
    ...tell(refused, "would newly be refused"),
    ...tell(waiting, "would newly wait"),
    ...tell(letIn, "would newly be let through"),
  ];
  const known = looked - unknown.length;
  const of = `Of ${count(looked, "other open pull request")}, by what was known when each was judged last`;
  const open = [
    ...tell(unknown, "can be told only when judged by these rules"),
    ...(more === 0 ? [] : [`${count(more, "more open pull request")} ${more === 1 ? "was" : "were"} not looked at`]),
  ];
  const first =
    moves.length > 0
      ? `${of}: ${moves.join("; ")}.`
      : known > 0
        ? `${of}, none would change verdict${unknown.length > 0 ? " for certain" : ""}.`
        : "";
  return [...(first === "" ? [] : [first]), ...(open.length === 0 ? [] : [`Not known: ${open.join("; ")}.`])];
}

function tell(numbers: readonly number[], what: string): readonly string[] {
  if (numbers.length === 0) return [];
  const sorted = numbers.toSorted((a, b) => a - b).map((number) => `#${number}`);
  return [`${listPhrase(sorted, NAMED)} ${what}`];
}
