import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { exposeGlobals } from "../../packages/kubeconform-wasm/src/module-binary.ts";
import { Fault } from "../model/index.ts";

export const ENGINE_NAMES = ["manifest", "kubeconform", "kustomize", "helm"] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];
/** Engines that judge what others have rendered; they are loaded when there is a policy to judge by. */
export const POLICY_ENGINE_NAMES = ["rego", "admission", "podsecurity"] as const;
export type PolicyEngineName = (typeof POLICY_ENGINE_NAMES)[number];

/** The compiled engines; each is compiled once in a process and shared by all workers. */
export interface EngineModules {
  /** Fails with a Fault when the engine is not built or is no WASM module. */
  get(name: EngineName | PolicyEngineName): Promise<WebAssembly.Module>;
}

/** Starts to compile `eager` engines at once, off the main thread, and the others when first asked for. */
export function compileEngines(directory: string, eager: readonly (EngineName | PolicyEngineName)[]): EngineModules {
  const modules = new Map<EngineName | PolicyEngineName, Promise<WebAssembly.Module>>();
  const get = (name: EngineName | PolicyEngineName): Promise<WebAssembly.Module> => {
    const started = modules.get(name);
    if (started !== undefined) return started;
    const compiled = compile(directory, name);
    // Whoever asks for the module hears of the failure; nobody may ask.
    compiled.catch(() => undefined);
    modules.set(name, compiled);
    return compiled;
  };
  for (const name of eager) void get(name).catch(() => undefined);
  return { get };
}

async function compile(directory: string, name: EngineName | PolicyEngineName): Promise<WebAssembly.Module> {
  const path = join(directory, `${name}.wasm`);
  try {
    return await WebAssembly.compile(exposeGlobals(await readFile(path)));
  } catch (error) {
    throw new Fault(`The engine ${name} cannot be loaded from ${path}. Build the engines with "npm run setup".`, {
      cause: error,
    });
  }
}
