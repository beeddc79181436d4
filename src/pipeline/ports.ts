import type { CrdSet, Rendering, RenderRequest } from "../model/index.ts";

/** Renders and validates apps off the main thread; the engine folder implements it. */
export interface RenderEngine {
  /** Makes a CRD set known to all workers, so that requests can name it by id. Cheap when it is known already. */
  prepare(crdSet: CrdSet): void;
  /**
   * Renders one app, validates what came out, and seals secret values. Resolves also for a Failure; rejects with a
   * Fault only when the engine as a whole is broken (no WASM, no git).
   */
  render(request: RenderRequest): Promise<Rendering>;
  close(): Promise<void>;
}
