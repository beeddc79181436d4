import { receiveMessageOnPort } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { Fault } from "../model/index.ts";
import type { ObjectId } from "../model/index.ts";
import { createByteCache } from "./byte-cache.ts";
import { toError } from "./trouble.ts";
import type { LookupAnswer, ObjectAnswer, ObjectPlace, ObjectQuestion } from "./object-messages.ts";

/** Answers kept by one worker, in bytes: bases and charts that its next apps ask for as well. */
const CACHE_BYTES = 16 * 1024 * 1024;
/** What an answer costs beside its bytes. */
const ANSWER_OVERHEAD = 400;

/** A tree's files as an engine worker sees them, without waiting on the event loop. */
export interface ObjectClient {
  lookup(tree: ObjectId, path: string): LookupAnswer;
  /** The same for many paths in one go. */
  lookupAll(tree: ObjectId, paths: readonly string[]): readonly LookupAnswer[];
  /** Brings the files below a directory here in one go. Later lookups answer as they would have without. */
  prefetch(tree: ObjectId, directory: string): void;
}

/**
 * Asks the object thread on `port` and sleeps on `bell` until it has answered: an engine calls in the middle of a
 * WASM function, where nothing can be awaited. Fails with a Fault, or a UsageError, when git cannot answer. Gives the
 * client of each place; they share one bound of memory and no answer.
 */
export function createObjectClients(port: MessagePort, bell: SharedArrayBuffer): (place: ObjectPlace) => ObjectClient {
  const rings = new Int32Array(bell);
  const known = createByteCache<LookupAnswer>(CACHE_BYTES);

  const ask = (question: ObjectQuestion): readonly LookupAnswer[] => {
    const before = Atomics.load(rings, 0);
    port.postMessage(question);
    // The ring for an answer can come after the answer was taken without waiting, and would then end the next wait.
    while (Atomics.load(rings, 0) === before) Atomics.wait(rings, 0, before);
    const received = receiveMessageOnPort(port) as { readonly message: ObjectAnswer } | undefined;
    if (received === undefined) throw new Fault("The object thread rang without an answer.");
    if (received.message.kind === "fault") throw toError(received.message.trouble);
    return received.message.answers;
  };

  const keyOf = (place: ObjectPlace, tree: ObjectId, path: string): string => `${place.id} ${tree} ${path}`;
  const keep = (place: ObjectPlace, tree: ObjectId, answer: LookupAnswer): void =>
    known.set(keyOf(place, tree, answer.path), answer, answer.reply.length + ANSWER_OVERHEAD);

  return (place) => ({
    lookup: (tree, path) => {
      const kept = known.get(keyOf(place, tree, path));
      if (kept !== undefined) return kept;
      const [answer] = ask({ kind: "lookup", place, tree, paths: [path] });
      if (answer === undefined) throw new Fault("The object thread gave an empty answer.");
      keep(place, tree, answer);
      return answer;
    },
    lookupAll: (tree, paths) => ask({ kind: "lookup", place, tree, paths }),
    prefetch: (tree, directory) => {
      for (const answer of ask({ kind: "prefetch", place, tree, directory })) keep(place, tree, answer);
    },
  });
}
