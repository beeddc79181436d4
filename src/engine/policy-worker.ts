// The thread of a policy engine. It is a composition root of its own, like src/main.ts: a thread starts at a file.
import { parentPort, workerData } from "node:worker_threads";
import { instantiateReactor } from "../../packages/kubeconform-wasm/src/reactor.ts";
import type { Reactor } from "../../packages/kubeconform-wasm/src/reactor.ts";
import { causeOfDeath } from "./engine-death.ts";
import type { PolicyWorkerReport, PolicyWorkerStart } from "./policy-worker-messages.ts";

/** Every instance starts alike; what policies are given to be random is set by the engine itself. */
const START_SEED = "drydock";

const { module, retireBytes } = workerData as PolicyWorkerStart;
let reactor: Reactor | undefined;

parentPort?.on("message", (request: string) => {
  report({ kind: "started" });
  report(answer(request));
});

function answer(request: string): PolicyWorkerReport {
  try {
    reactor ??= instantiateReactor(module, { seed: START_SEED });
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

function report(message: PolicyWorkerReport): void {
  parentPort?.postMessage(message);
}
