import { availableParallelism } from "node:os";
import type { BringBlobs } from "../git/index.ts";
import { Fault } from "../model/index.ts";
import type { AppKind, CrdSet } from "../model/index.ts";
import type { RenderEngine } from "../pipeline/ports.ts";
import { compileEngines } from "./engine-modules.ts";
import type { EngineModules, EngineName } from "./engine-modules.ts";
import { createBlobSupply, type BlobSupply } from "./blob-supply.ts";
import { createObjectThread } from "./object-thread-handle.ts";
import { createRenderPool } from "./render-pool.ts";
import { startRenderSlot } from "./render-slot.ts";

export interface EnginePoolOptions {
  /** Directory with `kustomize.wasm`, `helm.wasm`, `manifest.wasm` and `kubeconform.wasm`. */
  readonly engines: string;
  /** Directory of the bundled Kubernetes schemas. */
  readonly kubernetesSchemas: string;
  /** Key, in hexadecimal, of the macs that stand for secret values; the same key gives the same macs. */
  readonly macKey: string;
  /** Renders at once; by default as many as the machine has cores. */
  readonly jobs?: number | undefined;
}

export interface RenderEngineOptions extends EnginePoolOptions {
  /** The scratch bare git directory whose objects all trees are read from. */
  readonly objects: string;
}

/** One set of engines and threads that many repositories share. */
export interface EnginePool {
  /**
   * The engine over one scratch bare git directory: trees are read from it and from nowhere else, and nothing that was
   * read there is an answer elsewhere. `bring` fetches blobs that are not there when a render reads them; the time it
   * takes is not the app's. Closing it leaves the others as they are.
   */
  open(objects: string, bring?: BringBlobs): RenderEngine;
  /** The thread that reads objects is gone, and with it every engine of this pool: make another one. */
  isBroken(): boolean;
  close(): Promise<void>;
}

/** CRD sets kept for requests to name. A process that checks many pull requests sees a new one now and then. */
const CRD_SETS = 64;

const ENGINES_OF: Readonly<Record<AppKind, readonly EngineName[]>> = {
  plain: ["manifest", "kubeconform"],
  kustomize: ["manifest", "kubeconform", "kustomize"],
  helm: ["manifest", "kubeconform", "helm"],
};

/**
 * Renders and validates apps in worker threads. Engines begin to compile at once (Helm's, which is large, when a chart
 * comes); threads start with the first render. Close it: it holds threads and a git process.
 */
export function createEnginePool(options: EnginePoolOptions): EnginePool {
  const { macKey, kubernetesSchemas } = options;
  const modules = compileEngines(options.engines, ["manifest", "kubeconform", "kustomize"]);
  const crdSets = createCrdSets();
  let broken: Fault | undefined;
  let places = 0;
  const supplies = new Map<number, BlobSupply>();
  const onBreak = (cause: Error): void => {
    broken = new Fault("Reading objects from git broke.", { cause });
    // Workers asleep on an answer would never wake.
    void pool.close();
  };
  const objects = createObjectThread(onBreak, (place) => supplies.get(place)?.bring);
  const pool = createRenderPool(options.jobs ?? availableParallelism(), () =>
    startRenderSlot({
      worker: { macKey, kubernetesSchemas },
      introduce: (client) => objects.introduce(client),
    }),
  );

  const open: EnginePool["open"] = (directory, bring) => {
    const place = { id: ++places, directory };
    const supply = createBlobSupply(bring);
    supplies.set(place.id, supply);
    let isClosed = false;
    return {
      prepare: (crdSet) => crdSets.add(crdSet),
      render: async (request) => {
        const crdSet = crdSets.get(request.crdSet);
        const compiled = await loadModules(modules, request.app.kind);
        if (broken !== undefined) throw broken;
        if (isClosed) throw new Fault("The render engine is closed.");
        return pool.run({ request, place, crdSet, modules: compiled, waited: supply.waited });
      },
      close: async () => {
        isClosed = true;
        supplies.delete(place.id);
        pool.drop(place.id);
        objects.forget(place.id);
        await Promise.resolve();
      },
    };
  };

  return {
    open,
    isBroken: () => broken !== undefined,
    close: async () => {
      await pool.close();
      await objects.close();
    },
  };
}

/** As `createEnginePool`, for one repository. */
export function createRenderEngine(options: RenderEngineOptions): RenderEngine {
  const pool = createEnginePool(options);
  return { ...pool.open(options.objects), close: () => pool.close() };
}

async function loadModules(
  modules: EngineModules,
  kind: AppKind,
): Promise<ReadonlyMap<EngineName, WebAssembly.Module>> {
  const load = async (name: EngineName): Promise<[EngineName, WebAssembly.Module]> => [name, await modules.get(name)];
  return new Map(await Promise.all(ENGINES_OF[kind].map(load)));
}

interface CrdSets {
  add(crdSet: CrdSet): void;
  /** Fails with a Fault when the set was not prepared, or so long ago that it is forgotten. */
  get(id: string): CrdSet;
}

function createCrdSets(): CrdSets {
  const known = new Map<string, CrdSet>();
  return {
    add: (crdSet) => {
      known.delete(crdSet.id);
      known.set(crdSet.id, crdSet);
      for (const oldest of known.keys()) {
        if (known.size <= CRD_SETS) break;
        known.delete(oldest);
      }
    },
    get: (id) => {
      const crdSet = known.get(id);
      if (crdSet === undefined) throw new Fault(`The CRD set ${id} was not prepared.`);
      return crdSet;
    },
  };
}
