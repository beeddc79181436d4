import { createHash } from "node:crypto";
import { Fault } from "../model/index.ts";
import type { FieldPath, PolicyAnswer } from "../model/index.ts";
import type {
  AdmissionInput,
  AdmissionSource,
  LoadedAdmission,
  PolicyEngine,
  PolicyOutcome,
} from "../pipeline/policy-ports.ts";
import { createEngineCaller } from "./call-engine.ts";
import type { EngineAnswer } from "./call-engine.ts";
import { describeNoAnswer, judgeInBatches } from "./judge-in-batches.ts";

/** Compiling hundreds of policies, and estimating what the rules of many CRDs cost, takes seconds. */
const LOAD_SECONDS = 60;
/** Sets that stay loaded: a check has those of its base and its head. */
const SETS = 4;
/** An instance begins with 90 MB of code's own data; sets and what is judged come on top. */
const RETIRE_BYTES = 256 * 1024 * 1024;

export interface AdmissionEngineOptions {
  /** The compiled engine `admission`; asked for with the first call. */
  readonly module: () => Promise<WebAssembly.Module>;
}

/** The part of `PolicyEngine` that is the API server's. */
export type AdmissionEngine = Pick<PolicyEngine, "loadAdmission" | "evaluateAdmission" | "close">;

/**
 * Judges by ValidatingAdmissionPolicies, Kyverno's ValidatingPolicies and CRD validation rules as the API server would,
 * with its own CEL libraries. Answers are `vap/<policy>`, `kyverno/<policy>` and `crd-rule`; a violation that a binding only audits has the effect of what is not
 * decided, a notice. The thread starts with the first call; close it.
 */
export function createAdmissionEngine({ module }: AdmissionEngineOptions): AdmissionEngine {
  const caller = createEngineCaller({ module, retireBytes: RETIRE_BYTES });
  const known = new Map<string, Promise<LoadedAdmission>>();

  const touch = (id: string, loaded: Promise<LoadedAdmission>): void => {
    known.delete(id);
    known.set(id, loaded);
    for (const oldest of known.keys()) {
      if (known.size <= SETS) break;
      known.delete(oldest);
      caller.forget(oldest, { op: "unload", id: oldest });
    }
  };

  return {
    loadAdmission: (source) => {
      const id = nameSet(source);
      const loaded =
        known.get(id) ??
        caller.load(id, { op: "load", id, ...source }, LOAD_SECONDS).then((answer) => readLoaded(id, answer));
      touch(id, loaded);
      // A world that broke may be whole again when it is asked for once more.
      loaded.catch(() => known.delete(id));
      return loaded;
    },
    evaluateAdmission: async (set, inputs, limits) => {
      const loaded = known.get(set);
      if (loaded === undefined) throw new Fault(`The admission policies ${set} were not loaded.`);
      touch(set, loaded);
      await loaded;
      const { seconds, patience } = limits;
      return await judgeInBatches(inputs, {
        ask: async (batch) => {
          const began = performance.now();
          const answer = await caller.call({ request: ask(set, batch), needs: [set], seconds });
          if (answer.kind !== "ok") patience?.spend(set, performance.now() - began);
          return answer;
        },
        isOver: () => patience?.isOver(set) === true,
        read: (result) => readOutcomes(result, limits.answers),
        describe: (answer) => describeNoAnswer("Judging by admission policies", answer, seconds),
      });
    },
    close: () => caller.close(),
  };
}

function nameSet(source: AdmissionSource): string {
  return createHash("sha256").update(JSON.stringify(source)).digest("hex");
}

/** Without a limit of answers: the engine's is one for all rules, so that one with very much to say would hide others. */
function ask(set: string, inputs: readonly AdmissionInput[]): object {
  return { op: "evaluate", set, inputs, answers: 0 };
}

interface WireLoaded {
  readonly problems: readonly { readonly subject: string; readonly path: string; readonly message: string }[];
  readonly kinds: readonly string[] | null;
}

/** An engine that was stopped at a set is a problem of the set. */
function readLoaded(id: string, answer: EngineAnswer): LoadedAdmission {
  if (answer.kind !== "ok") {
    const problem = describeNoAnswer("Loading admission policies", answer, LOAD_SECONDS);
    const { message } = problem;
    return { id, problems: [{ subject: "ValidatingAdmissionPolicy", path: "", message }], kinds: undefined };
  }
  const { problems, kinds } = answer.result as WireLoaded;
  return {
    id,
    problems: problems.map(({ subject, path, message }) => ({
      subject,
      path,
      message: path === "" ? message : `${path}: ${message}`,
    })),
    kinds: kinds ?? undefined,
  };
}

interface WireAnswer {
  readonly rule: string;
  readonly effect: PolicyAnswer["effect"] | "audit";
  readonly message: string;
  readonly path: FieldPath;
}

function readOutcomes(result: unknown, most: number): readonly PolicyOutcome[] {
  const { outcomes } = result as { outcomes: readonly { readonly answers: readonly WireAnswer[] }[] };
  return outcomes.map(({ answers }) => ({ kind: "judged", answers: limitAnswers(answers.map(readAnswer), most) }));
}

/** What a rule says beyond the limit is one more answer of it, as bad as the worst that is left out. */
function limitAnswers(answers: readonly PolicyAnswer[], most: number): readonly PolicyAnswer[] {
  return [...Map.groupBy(answers, ({ rule }) => rule)].flatMap(([rule, said]) => {
    const left = said.slice(most);
    if (left.length === 0) return said;
    const effect = EFFECTS.find((one) => left.some((answer) => answer.effect === one)) ?? "deny";
    const message = `There are ${left.length} more results of this rule for this resource.`;
    return [...said.slice(0, most), { rule, effect, message, path: [], rest: left.length }];
  });
}

/** The worst first. */
const EFFECTS = ["deny", "warn", "unknown"] as const;

/** The API server lets pass what it only audits, and nobody who applies it hears of it. */
function readAnswer({ effect, message, ...answer }: WireAnswer): PolicyAnswer {
  if (effect !== "audit") return { ...answer, effect, message };
  return { ...answer, effect: "unknown", message: `This would be audited: ${message}` };
}
