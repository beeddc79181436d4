// The thread of a policy engine. It is a composition root of its own, like src/main.ts: a thread starts at a file.
import { parentPort, workerData } from "node:worker_threads";
import { instantiateReactor } from "../../packages/kubeconform-wasm/src/reactor.ts";
import type { Reactor } from "../../packages/kubeconform-wasm/src/reactor.ts";
import { causeOfDeath } from "./engine-death.ts";
import type { PolicyWorkerCommand, PolicyWorkerReport, PolicyWorkerStart } from "./policy-worker-messages.ts";

/** Every instance starts alike; what policies are given to be random is set by the engine itself. */
const START_SEED = "drydock";

const { module, retireBytes } = workerData as PolicyWorkerStart;
const ABSENT = Buffer.from("a");
let reactor: Reactor | undefined;
let files: PolicyWorkerCommand["files"] = new Map();

parentPort?.on("message", (command: PolicyWorkerCommand) => {
  report({ kind: "started" });
  files = command.files;
  report(answer(command.request));
});

function answer(request: string): PolicyWorkerReport {
  try {
    reactor ??= instantiateReactor(module, { seed: START_SEED, lookup });
    const text = reactor.callText(request);
    const isRetired = reactor.memoryBytes() > retireBytes;
    if (isRetired) reactor = undefined;
    return { kind: "answered", text, isRetired };
  } catch (error) {
    const cause = causeOfDeath(error, reactor?.memoryBytes() ?? 0);
    reactor = undefined;
    return { kind: "died", cause };
  }
}

function lookup(path: string): Uint8Array {
  const content = files.get(path);
  return content === undefined ? ABSENT : Buffer.from(`f${content}`);
}

function report(message: PolicyWorkerReport): void {
  parentPort?.postMessage(message);
}
