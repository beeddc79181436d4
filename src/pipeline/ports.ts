import type { CrdSet, FetchedInput, Rendering, RenderRequest } from "../model/index.ts";

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

/** The way to what lies outside of the repository, for one check; the egress folder implements it. */
export interface Egress {
  /** Asks an address. Never rejects: what could not be asked, or must not be, is `refused`. The answer stays the same. */
  fetch(address: string): Promise<FetchedInput>;
}

/** What a stored value is: one render of one app, one CRD's schemas, what is known of one tree, or what policies said. */
export type StoreKind = "renderings" | "crds" | "snapshots" | "policies";

/**
 * Remembers results between checks. Losing it, or any part of it, loses time only: a value that is damaged reads as
 * absent. Keys are file-name safe.
 */
export interface Store {
  read(kind: StoreKind, key: string): Buffer | undefined;
  write(kind: StoreKind, key: string, value: string | Buffer): void;
}
