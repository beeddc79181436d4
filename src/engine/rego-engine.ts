import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import { Fault } from "../model/index.ts";
import type { PolicyContext, PolicyInput, PolicyProblem } from "../model/index.ts";
import type { LoadedRego, PolicyEngine, PolicyLimits, PolicyOutcome, RegoSource } from "../pipeline/policy-ports.ts";
import { createEngineCaller } from "./call-engine.ts";
import type { EngineAnswer, EngineCaller } from "./call-engine.ts";
import { brokenOutcomes, describeStop, readLoaded, readOutcomes } from "./rego-answers.ts";
import { runRegoTests } from "./run-rego-tests.ts";
import { takeInputs } from "./take-inputs.ts";

/** The time that policies see where nobody gives one: that of every other engine, 2025-01-01T00:00:00Z. */
const FIXED_CLOCK = 1_735_689_600_000;
/** Compiling a large set takes a second or two. */
const LOAD_SECONDS = 60;
/** Sets that stay loaded: a check has those of its base and its head. Others are compiled again when they are needed. */
const LOADED_SETS = 6;
/** Sets whose source is kept, for as many checks at once as a server makes. */
const KEPT_SETS = 64;
/** More threads do not pay: each compiles the policies for itself. */
const WORKERS = 2;
/** Steps that an evaluation may take for each second: few enough that they end it before the time does, and alike. */
const STEPS_A_SECOND = 100_000;
/** What one call is given at most, and at first; then as much as takes about this long, so that a slow policy is no loop. */
const BATCH = { bytes: 512 * 1024, inputs: 256, firstInputs: 16, milliseconds: 300 };
/** Inputs that are worth one more thread, which has to compile the policies first. */
const INPUTS_A_THREAD = 64;
/** How often the batches of one judgement may be halved: what policies take altogether is bounded too. */
const MOST_STOPS = 32;

export interface RegoEngineOptions {
  /** The compiled engine `rego`; asked for with the first call. */
  readonly module: () => Promise<WebAssembly.Module>;
  /** Threads; by default as many as there are cores, and at most two. */
  readonly workers?: number;
  /** What `time.now_ns` gives, in milliseconds since 1970; by default a fixed time. */
  readonly now?: number;
}

/** The Rego half of `PolicyEngine`. */
export type RegoEngine = Pick<PolicyEngine, "loadRego" | "evaluateRego" | "evaluateCombined" | "testRego" | "close">;

/** Judges by Rego policies as conftest does. Threads start with the first call; close it, it holds them. */
export function createRegoEngine(options: RegoEngineOptions): RegoEngine {
  const count = Math.max(1, options.workers ?? Math.min(WORKERS, availableParallelism()));
  const callers = Array.from({ length: count }, () => createEngineCaller({ module: options.module }));
  const [first] = callers;
  if (first === undefined) throw new Fault("The Rego engine needs a thread.");
  const sets = createSets(callers);
  const now = (options.now ?? FIXED_CLOCK) * 1_000_000;

  return {
    loadRego: (source) => sets.load(source, first),
    evaluateRego: async (set, inputs, context, limits) => {
      const loaded = await sets.get(set);
      const [problem] = loaded.problems;
      if (problem !== undefined) return brokenOutcomes(inputs.length, problem);
      const judge = createJudge({ loaded, context, limits, now });
      return judge(inputs, callers);
    },
    evaluateCombined: async (set, inputs, context, limits) => {
      const loaded = await sets.get(set);
      const [problem] = loaded.problems;
      if (problem !== undefined) return { kind: "broken", problem };
      if (limits.patience?.isOver(set) === true) return { kind: "broken", problem: STOPPED_TOO_OFTEN };
      const request = makeRequest("combine", { loaded, context, limits, now }, inputs);
      const answer = await callPatiently(first, set, request, limits);
      const [outcome] = answer.kind === "ok" ? readOutcomes(answer.result) : [];
      return outcome ?? { kind: "broken", problem: describeStop(answer, limits.seconds) };
    },
    testRego: (source, limits) => runRegoTests(source, limits.seconds, first),
    close: async () => {
      await Promise.all(callers.map((caller) => caller.close()));
    },
  };
}

interface RegoSets {
  load(source: RegoSource, by: EngineCaller): Promise<LoadedRego>;
  /** Fails with a Fault when the set was not loaded, or so long ago that it is forgotten. */
  get(id: string): Promise<LoadedRego>;
}

/** The loaded sets by their ids; the one that was used longest ago goes first. */
function createSets(callers: readonly EngineCaller[]): RegoSets {
  const known = new Map<string, Promise<LoadedRego>>();
  /** Sets whose load was stopped: on another day the machine may have time for it. */
  const stopped = new Set<string>();

  const touch = (id: string, loaded: Promise<LoadedRego>): void => {
    known.delete(id);
    known.set(id, loaded);
    const [oldest] = known.keys();
    if (known.size > KEPT_SETS && oldest !== undefined) {
      known.delete(oldest);
      stopped.delete(oldest);
      for (const caller of callers) caller.forget(oldest);
    }
    const idle = [...known.keys()].at(-1 - LOADED_SETS);
    if (idle !== undefined) for (const caller of callers) caller.unload(idle, { op: "unload", id: idle });
  };

  const carryOut = async (id: string, source: RegoSource, by: EngineCaller): Promise<LoadedRego> => {
    const request = { op: "load", id, ...source };
    for (const caller of callers) caller.keep(id, request);
    const answer = await by.load(id, request, LOAD_SECONDS);
    if (answer.kind === "stopped") stopped.add(id);
    return readLoaded(id, answer, LOAD_SECONDS);
  };

  return {
    load: (source, by) => {
      const id = createHash("sha256").update(JSON.stringify(source)).digest("hex");
      const loaded = (stopped.delete(id) ? undefined : known.get(id)) ?? carryOut(id, source, by);
      touch(id, loaded);
      // A world that broke may be whole again when it is asked for once more.
      loaded.catch(() => known.delete(id));
      return loaded;
    },
    get: async (id) => {
      const loaded = known.get(id);
      if (loaded === undefined) throw new Fault(`The policies ${id} were not loaded.`);
      touch(id, loaded);
      return loaded;
    },
  };
}

/** What all calls of one judgement have in common. */
interface Judgement {
  readonly loaded: LoadedRego;
  readonly context: PolicyContext;
  readonly limits: PolicyLimits;
  readonly now: number;
}

type Judge = (inputs: readonly PolicyInput[], callers: readonly EngineCaller[]) => Promise<readonly PolicyOutcome[]>;

/**
 * Judges inputs in batches that all callers take from, equal ones once. A batch that has to be stopped is halved until
 * the guilty input is alone, so that the others are judged.
 */
function createJudge(judgement: Judgement): Judge {
  const { loaded, limits } = judgement;

  const judge = async (
    inputs: readonly PolicyInput[],
    caller: EngineCaller,
    stops: Stops,
  ): Promise<PolicyOutcome[]> => {
    const isOver = (): boolean => stops.left === 0 || limits.patience?.isOver(loaded.id) === true;
    if (isOver()) return brokenOutcomes(inputs.length, STOPPED_TOO_OFTEN);
    const answer = await callPatiently(caller, loaded.id, makeRequest("evaluate", judgement, inputs), limits);
    if (answer.kind === "ok") return readOutcomes(answer.result);
    const isHopeless = answer.kind === "stopped" && answer.at === "load";
    stops.left--;
    if (inputs.length === 1 || isHopeless || isOver())
      return brokenOutcomes(inputs.length, describeStop(answer, limits.seconds));
    const half = Math.ceil(inputs.length / 2);
    const front = await judge(inputs.slice(0, half), caller, stops);
    return [...front, ...(await judge(inputs.slice(half), caller, stops))];
  };

  return async (inputs, callers) => {
    const { distinct, places } = findDistinct(inputs, loaded.uses.before);
    const outcomes: PolicyOutcome[] = [];
    const stops = { left: MOST_STOPS };
    let next = 0;
    const work = async (caller: EngineCaller): Promise<void> => {
      for (let size = BATCH.firstInputs; ;) {
        const start = next;
        const batch = takeInputs(distinct, start, { bytes: BATCH.bytes, inputs: size });
        if (batch.length === 0) return;
        next += batch.length;
        const began = performance.now();
        const judged = await judge(batch, caller, stops);
        judged.forEach((outcome, index) => (outcomes[start + index] = outcome));
        const fitting = (batch.length * BATCH.milliseconds) / Math.max(1, performance.now() - began);
        size = Math.min(BATCH.inputs, Math.max(1, Math.floor(fitting)));
      }
    };
    await Promise.all(callers.slice(0, Math.ceil(distinct.length / INPUTS_A_THREAD)).map(work));
    return places.map((place) => outcomes[place] ?? { kind: "broken", problem: NOT_ANSWERED });
  };
}

/** Asks about inputs; the time of an answer that leaves some of them unjudged is taken from what the set has left. */
async function callPatiently(
  caller: EngineCaller,
  set: string,
  request: RegoRequest,
  { seconds, patience }: PolicyLimits,
): Promise<EngineAnswer> {
  const began = performance.now();
  const answer = await caller.call({ ...request, needs: [set], seconds, loadSeconds: LOAD_SECONDS });
  const isBroken = answer.kind !== "ok" || readOutcomes(answer.result).some(({ kind }) => kind === "broken");
  if (isBroken) patience?.spend(set, performance.now() - began);
  return answer;
}

interface Stops {
  left: number;
}

const NOT_ANSWERED: PolicyProblem = {
  file: undefined,
  line: undefined,
  message: "The policy engine gave no answer for this resource.",
};

const STOPPED_TOO_OFTEN: PolicyProblem = {
  file: undefined,
  line: undefined,
  message:
    "The Rego policies took so long over other resources, or were stopped at so many, that this was not judged. Mend what is told of those.",
};

/** Inputs that differ, and for each input the place of the one that it equals. */
function findDistinct(
  inputs: readonly PolicyInput[],
  usesBefore: boolean,
): { readonly distinct: readonly PolicyInput[]; readonly places: readonly number[] } {
  const distinct: PolicyInput[] = [];
  const known = new Map<string, number>();
  const places = inputs.map((input) => {
    const key = JSON.stringify(usesBefore ? input : input.object);
    const place = known.get(key) ?? distinct.push(input) - 1;
    known.set(key, place);
    return place;
  });
  return { distinct, places };
}

interface RegoRequest {
  readonly request: object;
  readonly files: ReadonlyMap<string, string>;
}

function makeRequest(
  op: "evaluate" | "combine",
  { loaded, context, limits, now }: Judgement,
  inputs: readonly PolicyInput[],
): RegoRequest {
  const files = new Map<string, string>();
  const told = inputs.map(({ object, before }, index) => {
    files.set(`object/${index}`, object.json);
    if (before === undefined || !loaded.uses.before) return { sealed: object.sealed };
    if (before.json === object.json && before.sealed.join() === object.sealed.join())
      return { sealed: object.sealed, before: "same" };
    files.set(`before/${index}`, before.json);
    return { sealed: object.sealed, before: "own", beforeSealed: { sealed: before.sealed } };
  });
  const { app, environment, pullRequest } = context;
  const steps = Math.ceil(limits.seconds * STEPS_A_SECOND);
  const request = {
    op,
    set: loaded.id,
    inputs: told,
    context: { app, environment, pullRequest },
    now,
    steps,
    answers: limits.answers,
  };
  return { request, files };
}
