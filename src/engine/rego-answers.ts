import type { PolicyAnswer, PolicyProblem, RegoRule } from "../model/index.ts";
import type { LoadedRego, PolicyOutcome } from "../pipeline/policy-ports.ts";
import type { EngineAnswer } from "./call-engine.ts";

interface WireProblem {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}

interface WireRule {
  readonly id: string;
  readonly kind: RegoRule["kind"];
  readonly file: string;
  readonly line: number;
  readonly title?: string;
  readonly description?: string;
}

interface WireOutcome {
  readonly answers: readonly PolicyAnswer[];
  readonly excepted?: readonly string[];
  readonly problem?: WireProblem;
}

const USES_NOTHING: LoadedRego["uses"] = {
  before: false,
  app: false,
  environment: false,
  pullRequest: false,
  clock: false,
};

/** What the engine says of a set; an engine that was stopped at it is a problem of the set. */
export function readLoaded(id: string, answer: EngineAnswer, seconds: number): LoadedRego {
  if (answer.kind !== "ok") {
    return { id, rules: [], problems: [describeStop({ ...answer, at: "load" }, seconds)], uses: USES_NOTHING };
  }
  const { rules, problems, uses } = answer.result as {
    rules: readonly WireRule[];
    problems: readonly WireProblem[];
    uses: LoadedRego["uses"];
  };
  return {
    id,
    rules: rules.map(({ title, description, ...rule }) => ({ ...rule, title, description })),
    problems: problems.map(readProblem),
    uses,
  };
}

export function readOutcomes(result: unknown): PolicyOutcome[] {
  return (result as { outcomes: readonly WireOutcome[] }).outcomes.map(({ answers, excepted, problem }) => {
    if (problem !== undefined) return { kind: "broken", problem: readProblem(problem) };
    return excepted === undefined ? { kind: "judged", answers } : { kind: "judged", answers, excepted };
  });
}

export function readProblem({ file, line, column, message }: WireProblem): PolicyProblem {
  return { file, line, column, message };
}

export function brokenOutcomes(count: number, problem: PolicyProblem): PolicyOutcome[] {
  return Array.from({ length: count }, () => ({ kind: "broken", problem }));
}

const REASONS = {
  memory: "needed more memory than policies are given",
  depth: "recursed too deep",
  broke: "broke the policy engine",
} as const;

/** Why the engine gave no answer, as a problem of the policies. Its own last words can quote what it read: not told. */
export function describeStop(answer: EngineAnswer & { readonly at?: "load" | "call" }, seconds: number): PolicyProblem {
  const subject = answer.at === "load" ? "Loading the Rego policies" : "Judging by the Rego policies";
  const reason = answer.kind === "stopped" ? answer.reason : "broke";
  const what = reason === "time" ? `took longer than ${seconds} s` : REASONS[reason];
  const message = `${subject} ${what} and was stopped. Look for comprehensions over each other, large ranges and patterns over long texts.`;
  return { file: undefined, line: undefined, message };
}
