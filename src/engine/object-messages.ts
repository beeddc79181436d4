import type { MessagePort } from "node:worker_threads";
import type { ObjectId, TraceFact } from "../model/index.ts";

import type { Trouble } from "./trouble.ts";

/** What stands at one path, as an engine's lookup is answered, with every fact that the answer depends on. */
export interface LookupAnswer {
  readonly path: string;
  readonly reply: Uint8Array;
  readonly facts: readonly TraceFact[];
}

/**
 * A scratch bare directory that git reads objects from. `id` is never given twice in a process: what is known of one
 * place is never an answer in another, whatever ids of objects a hostile tree there may name.
 */
export interface ObjectPlace {
  readonly id: number;
  readonly directory: string;
}

/** From an engine worker to the object thread. Every question has exactly one answer, in order. */
export type ObjectQuestion = { readonly place: ObjectPlace; readonly tree: ObjectId } & (
  | { readonly kind: "lookup"; readonly paths: readonly string[] }
  /** Everything below a directory at once, as far as the bounds allow. */
  | { readonly kind: "prefetch"; readonly directory: string }
);

/** From the object thread to an engine worker. A fault means that git as a whole does not work. */
export type ObjectAnswer =
  | { readonly kind: "answers"; readonly answers: readonly LookupAnswer[] }
  | { readonly kind: "fault"; readonly trouble: Trouble };

/** From the main thread to the object thread. */
export type ObjectThreadCommand =
  | ({ readonly kind: "serve" } & ObjectClientIntroduction)
  /** Nothing more will be asked of this place. */
  | { readonly kind: "forget"; readonly place: number }
  | BroughtBlobs
  | { readonly kind: "close" };

/** Another engine worker will ask on `port` and sleeps on `bell`. */
export interface ObjectClientIntroduction {
  readonly port: MessagePort;
  readonly bell: SharedArrayBuffer;
}

/** From the object thread to the main thread: blobs of this place were read and are not there. */
export interface WantedBlobs {
  /** Names the request; never given twice. */
  readonly request: number;
  readonly place: number;
  readonly ids: readonly ObjectId[];
}

/** Its answer. Without trouble all that can be brought is there. */
export interface BroughtBlobs {
  readonly kind: "brought";
  readonly request: number;
  readonly trouble: Trouble | undefined;
}
