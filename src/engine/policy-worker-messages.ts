import type { EngineDeath } from "./engine-death.ts";

/** How the thread of a policy engine is started. It is then sent commands, one at a time. */
export interface PolicyWorkerStart {
  readonly module: WebAssembly.Module;
  /** An instance whose memory has grown beyond this is dropped after the call. */
  readonly retireBytes: number;
}

export interface PolicyWorkerCommand {
  /** JSON, as the engine's ABI has it. */
  readonly request: string;
  /** What the engine may look up, by path. */
  readonly files: ReadonlyMap<string, string>;
}

export type PolicyWorkerReport =
  /** The thread is up and begins: the time limit counts from here. */
  | { readonly kind: "started" }
  /** `isRetired`: the instance was dropped, and with it everything that was loaded. */
  | { readonly kind: "answered"; readonly text: string; readonly isRetired: boolean }
  /** The instance is gone, and with it everything that was loaded. */
  | { readonly kind: "died"; readonly cause: EngineDeath };
