import type { MessagePort } from "node:worker_threads";
import type { CrdSet, Rendering, RenderRequest } from "../model/index.ts";
import type { ObjectPlace } from "./object-messages.ts";
import type { Trouble } from "./trouble.ts";
import type { EngineName } from "./engine-modules.ts";

/** How an engine worker is started. */
export interface RenderWorkerStart {
  /** The way to the object thread. */
  readonly objects: MessagePort;
  readonly bell: SharedArrayBuffer;
  readonly tape: SharedArrayBuffer;
  /** Key of the macs that stand for secret values. */
  readonly macKey: string;
  /** Directory of the bundled Kubernetes schemas. */
  readonly kubernetesSchemas: string;
}

/** One render, with what this worker has not been told before. */
export interface RenderCommand {
  readonly request: RenderRequest;
  /** Where the request's tree is read from. */
  readonly place: ObjectPlace;
  readonly modules: ReadonlyMap<EngineName, WebAssembly.Module>;
  readonly crdSet: CrdSet | undefined;
  /** A CRD set that will not be asked for again without being sent again. */
  readonly forgetCrdSet: string | undefined;
}

export type RenderWorkerReport =
  /** The worker is up and begins: the time limit counts from here. */
  | { readonly kind: "started" }
  | { readonly kind: "rendered"; readonly rendering: Rendering }
  /** The world broke (git, a missing module), not the app. */
  | { readonly kind: "fault"; readonly trouble: Trouble };
