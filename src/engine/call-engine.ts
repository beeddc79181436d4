import { Worker } from "node:worker_threads";
import { Fault } from "../model/index.ts";
import type { EngineDeath } from "./engine-death.ts";
import type { PolicyWorkerCommand, PolicyWorkerReport, PolicyWorkerStart } from "./policy-worker-messages.ts";

/** Evaluators recurse on the thread's own stack; Node's default is 4. */
const STACK_MEGABYTES = 64;
/** The heap of JavaScript alone: one request and one answer as text. */
const HEAP_MEGABYTES = 256;
/** WASM memory never shrinks. Two instances of this size, beside the renderers, fit in 1 GiB. */
const RETIRE_BYTES = 160 * 1024 * 1024;
const UNLOAD_SECONDS = 10;
const NO_FILES: ReadonlyMap<string, string> = new Map();

export interface EngineCall {
  readonly request: object;
  /** What the engine may look up while it works, by path: large texts need no escaping there. */
  readonly files?: ReadonlyMap<string, string>;
  /** Ids of what the call needs to have been loaded (see `keep`). */
  readonly needs: readonly string[];
  /** How long the call may take. */
  readonly seconds: number;
  /** How long each load that it needs may take; by default as long as the call. */
  readonly loadSeconds?: number;
}

/** What came of a call. */
export type EngineAnswer =
  | { readonly kind: "ok"; readonly result: unknown }
  /** The engine refused, in its own words: `error` of the ABI. */
  | { readonly kind: "refused"; readonly failure: EngineRefusal }
  /** The engine was stopped or died, `at` a load that the call needed or at the call itself. The next call begins anew. */
  | { readonly kind: "stopped"; readonly reason: "time" | EngineDeath; readonly at: "load" | "call" };

export interface EngineRefusal {
  readonly kind: string;
  readonly message: string;
  readonly file: string | undefined;
  readonly line: number | undefined;
}

/** One policy engine in a thread of its own, which is started with the first call. */
export interface EngineCaller {
  /**
   * Remembers a request that loads something under an id. It is sent before the first call that needs it, and again
   * whenever the engine had to begin anew; whoever calls does not notice. An id that is kept again stays as it was.
   */
  keep(id: string, request: object): void;
  /** Keeps a request under an id and carries it out at once. */
  load(id: string, request: object, seconds: number): Promise<EngineAnswer>;
  /** Sends `request` where the id is loaded. It stays kept, and is loaded again when a call needs it. */
  unload(id: string, request: object): void;
  /** The id has to be kept again before it is needed again. `unload` is sent where it is loaded. */
  forget(id: string, unload?: object): void;
  /** Calls are carried out in turn. Rejects with a Fault when the thread cannot start or the caller is closed. */
  call(call: EngineCall): Promise<EngineAnswer>;
  /** Calls that have not finished reject with a Fault. */
  close(): Promise<void>;
}

export interface EngineCallerOptions {
  /** The compiled engine; asked for with the first call. */
  readonly module: () => Promise<WebAssembly.Module>;
  /** An instance whose memory has grown beyond this is dropped between calls; by default 160 MiB. */
  readonly retireBytes?: number;
}

export function createEngineCaller(options: EngineCallerOptions): EngineCaller {
  const kept = new Map<string, object>();
  let thread: EngineThread | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  const obtain = async (): Promise<EngineThread> => {
    if (thread?.isGone() === true) thread = undefined;
    const module = thread === undefined ? await options.module() : undefined;
    if (isClosed) throw new Fault("The policy engine is closed.");
    if (module !== undefined) thread = startThread({ module, retireBytes: options.retireBytes ?? RETIRE_BYTES });
    if (thread === undefined) throw new Fault("The policy engine is gone.");
    return thread;
  };

  const carryOut = async (call: EngineCall): Promise<EngineAnswer> => {
    const { request, files = NO_FILES, needs, seconds, loadSeconds = seconds } = call;
    const running = await obtain();
    for (const id of needs) {
      if (running.loaded.has(id)) continue;
      const answer = await loadInto(running, kept, id, loadSeconds);
      if (answer.kind !== "ok") return answer;
    }
    return running.send({ request, files, seconds, at: "call" });
  };

  const inTurn = (work: () => Promise<EngineAnswer>): Promise<EngineAnswer> => {
    const answer = last.then(work);
    last = answer.catch(() => undefined);
    return answer;
  };

  const keep: EngineCaller["keep"] = (id, request) => {
    if (!kept.has(id)) kept.set(id, request);
  };

  const unload: EngineCaller["unload"] = (id, request) => {
    const work = async (): Promise<EngineAnswer> => {
      // Calls that were asked for before may have needed it, and loaded it again.
      if (thread === undefined || thread.isGone() || !thread.loaded.delete(id))
        return { kind: "ok", result: undefined };
      return carryOut({ request, needs: [], seconds: UNLOAD_SECONDS });
    };
    // What becomes of it does not matter: a thread that cannot unload begins anew.
    void inTurn(work).catch(() => undefined);
  };

  return {
    keep,
    load: (id, request, seconds) => {
      keep(id, request);
      return inTurn(async () => loadInto(await obtain(), kept, id, seconds));
    },
    unload,
    forget: (id, request) => {
      kept.delete(id);
      if (request !== undefined) unload(id, request);
    },
    call: (call) => inTurn(() => carryOut(call)),
    close: async () => {
      isClosed = true;
      await thread?.end();
    },
  };
}

async function loadInto(
  running: EngineThread,
  kept: ReadonlyMap<string, object>,
  id: string,
  seconds: number,
): Promise<EngineAnswer> {
  const request = kept.get(id);
  if (request === undefined) throw new Fault(`The policy engine was not given ${id}.`);
  const answer = await running.send({ request, files: NO_FILES, seconds, at: "load" });
  if (answer.kind !== "ok") return answer;
  // Loading alone has grown the instance beyond its bound: nothing can be done with it.
  if (running.isRetired()) return { kind: "stopped", reason: "memory", at: "load" };
  running.loaded.add(id);
  return answer;
}

interface EngineThread {
  /** What the live instance has loaded. */
  readonly loaded: Set<string>;
  send(shot: Shot): Promise<EngineAnswer>;
  /** Whether the last call's instance was dropped after it. */
  isRetired(): boolean;
  isGone(): boolean;
  end(): Promise<void>;
}

interface Shot {
  readonly request: object;
  readonly files: ReadonlyMap<string, string>;
  readonly seconds: number;
  readonly at: "load" | "call";
}

interface Run {
  readonly shot: Shot;
  readonly resolve: (answer: EngineAnswer) => void;
  readonly reject: (fault: Fault) => void;
  timer: NodeJS.Timeout | undefined;
}

function startThread(start: PolicyWorkerStart): EngineThread {
  const worker = startWorker(start);
  const loaded = new Set<string>();
  let run: Run | undefined;
  let isGone = false;
  let isRetired = false;

  const finish = (settle: (run: Run) => void): void => {
    const finished = run;
    run = undefined;
    if (finished === undefined) return;
    clearTimeout(finished.timer);
    settle(finished);
  };
  const stop = (reason: "time" | EngineDeath): void => {
    loaded.clear();
    finish(({ shot, resolve }) => resolve({ kind: "stopped", reason, at: shot.at }));
  };
  const kill = (reason: "time" | EngineDeath): void => {
    isGone = true;
    void worker.terminate();
    stop(reason);
  };

  worker.on("message", (report: PolicyWorkerReport) => {
    if (run === undefined) return;
    if (report.kind === "started") run.timer = setTimeout(() => kill("time"), run.shot.seconds * 1000);
    else if (report.kind === "died") stop(report.cause);
    else {
      isRetired = report.isRetired;
      if (isRetired) loaded.clear();
      finish(({ resolve }) => resolve(readAnswer(report.text)));
    }
  });
  worker.on("error", (error: Error & { code?: string }) => {
    isGone = true;
    if (run?.timer !== undefined) kill(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? "memory" : "broke");
    else finish(({ reject }) => reject(new Fault("A policy engine could not start.", { cause: error })));
  });
  worker.on("exit", () => {
    isGone = true;
    finish(({ reject }) => reject(new Fault("The policy engine ended.")));
  });

  return {
    loaded,
    send: (shot) =>
      new Promise((resolve, reject) => {
        if (isGone) {
          reject(new Fault("The policy engine ended."));
          return;
        }
        run = { shot, resolve, reject, timer: undefined };
        const command: PolicyWorkerCommand = { request: JSON.stringify(shot.request), files: shot.files };
        worker.postMessage(command);
      }),
    isRetired: () => isRetired,
    isGone: () => isGone,
    end: async () => {
      isGone = true;
      await worker.terminate();
    },
  };
}

function startWorker(workerData: PolicyWorkerStart): Worker {
  return new Worker(new URL("./policy-worker.ts", import.meta.url), {
    workerData,
    // Neither the options nor the environment of this process are a worker's concern.
    execArgv: [],
    env: {},
    resourceLimits: { stackSizeMb: STACK_MEGABYTES, maxOldGenerationSizeMb: HEAP_MEGABYTES },
  });
}

function readAnswer(text: string): EngineAnswer {
  const { ok, error } = JSON.parse(text) as { ok?: unknown; error?: Partial<EngineRefusal> };
  if (error === undefined) return { kind: "ok", result: ok };
  const { kind = "engine", message = "", file, line } = error;
  return { kind: "refused", failure: { kind, message, file, line } };
}
