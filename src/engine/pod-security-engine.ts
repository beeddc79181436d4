import type { FieldPath } from "../model/index.ts";
import type { PolicyEngine, PolicyOutcome } from "../pipeline/policy-ports.ts";
import { createEngineCaller } from "./call-engine.ts";
import { describeNoAnswer, judgeInBatches } from "./judge-in-batches.ts";

/** Nothing in the checks repeats itself: only inputs that are far too large take that long. */
const SECONDS = 60;

export interface PodSecurityEngineOptions {
  /** The compiled engine `podsecurity`; asked for with the first call. */
  readonly module: () => Promise<WebAssembly.Module>;
}

/** The part of `PolicyEngine` that judges pods. */
export type PodSecurityEngine = Pick<PolicyEngine, "judgePods" | "close">;

/**
 * Judges pods, and what makes pods, by the Pod Security Standards of a Kubernetes version with upstream's own checks.
 * Each forbidden check is one answer `pod-security-<level>`; a resource that makes no pods has none. The thread starts
 * with the first call; close it.
 */
export function createPodSecurityEngine({ module }: PodSecurityEngineOptions): PodSecurityEngine {
  const caller = createEngineCaller({ module });
  return {
    judgePods: (level, version, inputs) =>
      judgeInBatches(inputs, {
        ask: (batch) => {
          const pods = batch.map(({ object: { json } }) => ({ json }));
          return caller.call({ request: { op: "judge", level, version, inputs: pods }, needs: [], seconds: SECONDS });
        },
        read: (result) => readOutcomes(level, result),
        describe: (answer) => describeNoAnswer("Judging by the Pod Security Standards", answer, SECONDS),
      }),
    close: () => caller.close(),
  };
}

interface WireOutcome {
  readonly answers: readonly { readonly message: string; readonly path: FieldPath }[];
  readonly problem?: string;
}

function readOutcomes(level: string, result: unknown): readonly PolicyOutcome[] {
  const { outcomes } = result as { outcomes: readonly WireOutcome[] };
  return outcomes.map(({ answers, problem }): PolicyOutcome => {
    if (problem !== undefined) {
      return { kind: "broken", problem: { file: undefined, line: undefined, message: capitalize(`${problem}.`) } };
    }
    const rule = `pod-security-${level}`;
    return { kind: "judged", answers: answers.map((answer) => ({ rule, effect: "deny", ...answer })) };
  });
}

function capitalize(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
