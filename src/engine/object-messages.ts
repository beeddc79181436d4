import type { MessagePort } from "node:worker_threads";
import type { ObjectId, TraceFact } from "../model/index.ts";

import type { Trouble } from "./trouble.ts";

/** What stands at one path, as an engine's lookup is answered, with every fact that the answer depends on. */
export interface LookupAnswer {
  readonly path: string;
  readonly reply: Uint8Array;
  readonly facts: readonly TraceFact[];
}

/** From an engine worker to the object thread. Every question has exactly one answer, in order. */
export type ObjectQuestion =
  | { readonly kind: "lookup"; readonly tree: ObjectId; readonly paths: readonly string[] }
  /** Everything below a directory at once, as far as the bounds allow. */
  | { readonly kind: "prefetch"; readonly tree: ObjectId; readonly directory: string };

/** From the object thread to an engine worker. A fault means that git as a whole does not work. */
export type ObjectAnswer =
  | { readonly kind: "answers"; readonly answers: readonly LookupAnswer[] }
  | { readonly kind: "fault"; readonly trouble: Trouble };

/** How the object thread is started. */
export interface ObjectThreadStart {
  /** The scratch bare directory that git reads objects from. */
  readonly scratch: string;
}

/** From the main thread: another engine worker will ask on `port` and sleeps on `bell`. */
export interface ObjectClientIntroduction {
  readonly port: MessagePort;
  readonly bell: SharedArrayBuffer;
}
