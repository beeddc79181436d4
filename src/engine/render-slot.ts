import { MessageChannel, Worker } from "node:worker_threads";
import { Fault } from "../model/index.ts";
import type { CrdSet, Failure, FailureKind, Rendering, RenderRequest } from "../model/index.ts";
import type { EngineName } from "./engine-modules.ts";
import { createTapeMemory, readTape, rewindTape } from "./trace-tape.ts";
import { toError } from "./trouble.ts";
import type { RenderCommand, RenderWorkerReport, RenderWorkerStart } from "./worker-messages.ts";
import type { ObjectClientIntroduction, ObjectPlace } from "./object-messages.ts";

/** Deeply nested templates and documents recurse on the thread's own stack; Node's default is 4. */
const STACK_MEGABYTES = 64;
/** The heap of JavaScript alone; WASM memories have bounds of their own. */
const HEAP_MEGABYTES = 384;
/** CRD sets a worker remembers. One check has two sides. */
const CRD_SETS = 4;

/** What every worker is started with. */
export interface RenderSlotOptions {
  readonly worker: Pick<RenderWorkerStart, "macKey" | "kubernetesSchemas">;
  /** Tells the object thread of the worker's port. */
  introduce(client: ObjectClientIntroduction): void;
}

/** One worker thread with at most one render under way. */
export interface RenderSlot {
  /**
   * Resolves also when the render had to be killed, or took the worker with it: that is a Failure of the app. Rejects
   * with a Fault when the world broke, or when the slot was closed under it.
   */
  render(job: RenderJob): Promise<Rendering>;
  /** True once the worker is gone; the slot must be replaced. */
  isBroken(): boolean;
  close(): Promise<void>;
}

export interface RenderJob {
  readonly request: RenderRequest;
  readonly place: ObjectPlace;
  readonly crdSet: CrdSet | undefined;
  readonly modules: ReadonlyMap<EngineName, WebAssembly.Module>;
  /** Milliseconds that the place has waited for blobs so far: they are not the app's. */
  readonly waited: () => number;
}

interface Run {
  readonly job: RenderJob;
  readonly settle: (result: Rendering | Error) => void;
  timer: NodeJS.Timeout | undefined;
}

export function startRenderSlot(options: RenderSlotOptions): RenderSlot {
  const tape = createTapeMemory();
  const worker = startWorker(options, tape);
  const toldModules = new Set<EngineName>();
  const toldCrdSets: string[] = [];
  let run: Run | undefined;
  let isBroken = false;

  const finish = (result: Rendering | Error): void => {
    const finished = run;
    run = undefined;
    clearTimeout(finished?.timer);
    finished?.settle(result);
  };

  const kill = (failure: Failure): void => {
    isBroken = true;
    void worker.terminate();
    finish({ kind: "failed", failure, trace: readTape(tape) });
  };

  worker.on("message", (report: RenderWorkerReport) => {
    if (run === undefined) return;
    if (report.kind === "started") startClock(run, kill);
    else finish(report.kind === "fault" ? toError(report.trouble) : report.rendering);
  });
  worker.on("error", (error: Error & { code?: string }) => {
    isBroken = true;
    if (run?.timer === undefined) finish(new Fault("An engine worker could not start.", { cause: error }));
    else kill(describeCrash(error));
  });
  worker.on("exit", () => {
    isBroken = true;
    finish(new Fault("The engine worker ended."));
  });

  const command = ({ request, place, crdSet, modules }: RenderJob): RenderCommand => {
    const newModules = new Map([...modules].filter(([name]) => !toldModules.has(name)));
    for (const name of newModules.keys()) toldModules.add(name);
    if (crdSet === undefined || toldCrdSets.includes(crdSet.id))
      return { request, place, modules: newModules, crdSet: undefined, forgetCrdSet: undefined };
    toldCrdSets.push(crdSet.id);
    const forgetCrdSet = toldCrdSets.length > CRD_SETS ? toldCrdSets.shift() : undefined;
    return { request, place, modules: newModules, crdSet, forgetCrdSet };
  };

  return {
    render: (job) =>
      new Promise((resolve, reject) => {
        if (isBroken || run !== undefined) {
          reject(new Fault("The engine worker is gone or busy."));
          return;
        }
        const settle = (result: Rendering | Error): void =>
          result instanceof Error ? reject(result) : resolve(result);
        run = { job, settle, timer: undefined };
        rewindTape(tape);
        worker.postMessage(command(job));
      }),
    isBroken: () => isBroken,
    close: async () => {
      isBroken = true;
      await worker.terminate();
    },
  };
}

/** Ends a run when its time is up. While blobs were being brought for it, the clock stood. */
function startClock(run: Run, kill: (failure: Failure) => void): void {
  const { request, waited } = run.job;
  const arm = (milliseconds: number): void => {
    const before = waited();
    run.timer = setTimeout(() => {
      const foreign = waited() - before;
      if (foreign > 0) arm(foreign);
      else kill(timeExceeded(request.limits.seconds));
    }, milliseconds);
  };
  arm(request.limits.seconds * 1000);
}

function startWorker(options: RenderSlotOptions, tape: SharedArrayBuffer): Worker {
  const { port1, port2 } = new MessageChannel();
  const bell = new SharedArrayBuffer(4);
  const workerData: RenderWorkerStart = { ...options.worker, objects: port2, bell, tape };
  options.introduce({ port: port1, bell });
  return new Worker(new URL("./render-worker.ts", import.meta.url), {
    workerData,
    transferList: [port2],
    // Neither the options nor the environment of this process are a worker's concern.
    execArgv: [],
    env: {},
    resourceLimits: { stackSizeMb: STACK_MEGABYTES, maxOldGenerationSizeMb: HEAP_MEGABYTES },
  });
}

function timeExceeded(seconds: number): Failure {
  return failure(
    "limit",
    `Rendering took longer than ${seconds} s and was stopped. Look for an endless loop in a template; if the app is only large, raise limits.seconds.`,
  );
}

function describeCrash(error: Error & { code?: string }): Failure {
  if (error.code === "ERR_WORKER_OUT_OF_MEMORY") {
    return failure(
      "limit",
      "Rendering needed more memory than an app is given. Split the app, or make its output smaller.",
    );
  }
  return failure("engine", `The engine worker broke (${error.code ?? error.name}).`);
}

function failure(kind: FailureKind, message: string): Failure {
  return { kind, message, location: undefined };
}
