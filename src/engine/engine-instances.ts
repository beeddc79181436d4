import { instantiateReactor } from "../../packages/kubeconform-wasm/src/reactor.ts";
import type { Lookup, Reactor, Snapshot } from "../../packages/kubeconform-wasm/src/reactor.ts";
import type { Failure, FailureKind } from "../model/index.ts";
import { describeEngineDeath } from "./engine-death.ts";
import type { EngineName } from "./engine-modules.ts";

/** An instance whose memory has grown beyond this is dropped: WASM memory never shrinks. */
const INSTANCE_BYTES = 128 * 1024 * 1024;
/** These instances of one worker together, between renders: with the validators, two workers fit in 1 GiB. */
const WORKER_BYTES = 224 * 1024 * 1024;
/** Every instance starts alike; what one render is given to be random is set before it. */
const START_SEED = "drydock";

export type RenderingEngine = Exclude<EngineName, "kubeconform">;

export type EngineResponse =
  { readonly kind: "ok"; readonly result: unknown } | { readonly kind: "failed"; readonly failure: Failure };

/** The live WASM instances of one worker, at most one for each engine. */
export interface EngineInstances {
  /** From now on, `module` is used for new instances of the engine. */
  provide(name: EngineName, module: WebAssembly.Module): void;
  moduleOf(name: EngineName): WebAssembly.Module;
  /**
   * Calls an engine. What it reads goes through `lookup`; what is random follows from `seed`. An engine that breaks is
   * a Failure of what was asked, and gone; other errors thrown by `lookup` come through as they are.
   */
  call(name: RenderingEngine, request: object, lookup: Lookup, seed: string): EngineResponse;
}

/** What may be done with an instance after a call that went well. */
type Reuse = (result: unknown) => boolean;

/**
 * Helm is put back to its first moment before every render: templates see random numbers, a clock and Go's map order,
 * which must not depend on what was rendered before. kustomize keeps the schemas of an `openapi:` file for good, and
 * says so (`taint`); after an error nobody knows what it kept.
 */
const REUSE: Readonly<Record<RenderingEngine, Reuse>> = {
  manifest: () => true,
  helm: () => true,
  kustomize: (result) => !(result as { taint?: boolean }).taint,
};

interface Live {
  readonly reactor: Reactor;
  readonly start: Snapshot | undefined;
}

export function createEngineInstances(): EngineInstances {
  const modules = new Map<EngineName, WebAssembly.Module>();
  const live = new Map<RenderingEngine, Live>();
  let current: Lookup = () => new Uint8Array();

  const moduleOf = (name: EngineName): WebAssembly.Module => {
    const module = modules.get(name);
    if (module === undefined) throw new Error(`no module for ${name}`);
    return module;
  };

  const start = (name: RenderingEngine): Live => {
    const reactor = instantiateReactor(moduleOf(name), { seed: START_SEED, lookup: (path) => current(path) });
    return { reactor, start: name === "helm" ? reactor.snapshot() : undefined };
  };

  const obtain = (name: RenderingEngine, seed: string): Reactor => {
    const instance = live.get(name) ?? start(name);
    if (!live.has(name)) live.set(name, instance);
    if (instance.start !== undefined) instance.reactor.restore(instance.start, seed);
    return instance.reactor;
  };

  const retire = (): void => {
    const sizes = [...live].map(([name, { reactor }]) => ({ name, bytes: reactor.memoryBytes() }));
    let total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { name, bytes } of sizes.sort((a, b) => b.bytes - a.bytes)) {
      if (bytes <= INSTANCE_BYTES && total <= WORKER_BYTES) break;
      live.delete(name);
      total -= bytes;
    }
  };

  return {
    provide: (name, module) => modules.set(name, module),
    moduleOf,
    call: (name, request, lookup, seed) => {
      current = lookup;
      try {
        const response = readResponse(obtain(name, seed).call(request));
        if (response.kind === "failed" ? name === "kustomize" : !REUSE[name](response.result)) live.delete(name);
        return response;
      } catch (error) {
        const bytes = live.get(name)?.reactor.memoryBytes() ?? 0;
        live.delete(name);
        return { kind: "failed", failure: describeEngineDeath(name, error, bytes) };
      } finally {
        retire();
      }
    },
  };
}

function readResponse(answer: unknown): EngineResponse {
  const { ok, error } = answer as {
    ok?: unknown;
    error?: { kind: FailureKind; message: string; file?: string; line?: number };
  };
  if (error === undefined) return { kind: "ok", result: ok };
  const { kind, message, file, line } = error;
  const location = file === undefined ? undefined : { file, line, endLine: undefined, column: undefined };
  return { kind: "failed", failure: { kind, message, location } };
}
