import type { PolicyInput, PolicyProblem } from "../model/index.ts";
import type { PolicyOutcome } from "../pipeline/policy-ports.ts";
import type { EngineAnswer } from "./call-engine.ts";
import { takeInputs } from "./take-inputs.ts";

/** What one call is given at most. */
const BATCH = { bytes: 512 * 1024, inputs: 128 };
/** How often the inputs of one judgement may be halved: what policies take altogether is bounded too. */
const MOST_STOPS = 40;

export interface BatchJudge<T extends PolicyInput> {
  ask(inputs: readonly T[]): Promise<EngineAnswer>;
  /** The outcomes of an answer, in order. */
  read(result: unknown): readonly PolicyOutcome[];
  /** Why there is no answer. */
  describe(answer: EngineAnswer): PolicyProblem;
  /** Whether the policies have had their time: what is left is not asked about. */
  isOver?(): boolean;
}

/**
 * Judges inputs in batches, one after another. A batch that has to be stopped is halved until the guilty input is
 * alone, so that the others are judged. One outcome for each input, in order.
 */
export async function judgeInBatches<T extends PolicyInput>(
  inputs: readonly T[],
  judging: BatchJudge<T>,
): Promise<readonly PolicyOutcome[]> {
  let stops = MOST_STOPS;

  const isOver = (): boolean => judging.isOver?.() === true;
  const judge = async (batch: readonly T[]): Promise<PolicyOutcome[]> => {
    if (isOver()) return batch.map(() => ({ kind: "broken", problem: OUT_OF_TIME }));
    const answer = await judging.ask(batch);
    if (answer.kind === "ok") {
      const outcomes = judging.read(answer.result);
      return batch.map((_, index) => outcomes[index] ?? { kind: "broken", problem: NOT_ANSWERED });
    }
    const isHopeless = answer.kind === "stopped" && answer.at === "load";
    if (batch.length === 1 || isHopeless || stops === 0 || isOver()) {
      const problem = judging.describe(answer);
      return batch.map(() => ({ kind: "broken", problem }));
    }
    stops--;
    const half = Math.ceil(batch.length / 2);
    const front = await judge(batch.slice(0, half));
    return [...front, ...(await judge(batch.slice(half)))];
  };

  const outcomes: PolicyOutcome[] = [];
  // Each input has one outcome, so what is judged by now is where the next batch begins.
  while (outcomes.length < inputs.length) outcomes.push(...(await judge(takeInputs(inputs, outcomes.length, BATCH))));
  return outcomes;
}

const NOT_ANSWERED: PolicyProblem = {
  file: undefined,
  line: undefined,
  message: "The policy engine gave no answer for this resource.",
};

const OUT_OF_TIME: PolicyProblem = {
  file: undefined,
  line: undefined,
  message: "The policies took so long over other resources that this was not judged. Mend what is told of those.",
};

const REASONS = {
  memory: "needed more memory than policies are given",
  depth: "recursed too deep",
  broke: "broke the policy engine",
} as const;

/** Why an engine gave no answer, as a problem. Its own last words can quote what it read: they are not told. */
export function describeNoAnswer(subject: string, answer: EngineAnswer, seconds: number): PolicyProblem {
  const reason = answer.kind === "stopped" ? answer.reason : "broke";
  const what = reason === "time" ? `took longer than ${seconds} s` : REASONS[reason];
  return { file: undefined, line: undefined, message: `${subject} ${what} and was stopped.` };
}
