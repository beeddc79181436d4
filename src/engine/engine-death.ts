import { ReactorError } from "../../packages/kubeconform-wasm/src/reactor.ts";
import type { Failure } from "../model/index.ts";
import { isTrouble } from "./trouble.ts";

/** Memory at which an engine that died is taken to have died of it. */
const EXHAUSTED_BYTES = 256 * 1024 * 1024;
/** How Go's runtime ends a program that asks for more memory at once than there is. */
const OUT_OF_MEMORY = /^(?:fatal error: |runtime: ).*(?:out of memory|cannot allocate memory)/mu;

/** What an engine died of: it asked for more memory than it may have, recursed too deep, or broke. */
export type EngineDeath = "memory" | "depth" | "broke";

/** Errors that are not the engine's own are thrown again. */
export function causeOfDeath(error: unknown, memoryBytes: number): EngineDeath {
  if (!(error instanceof ReactorError)) throw error;
  const { cause, output } = error;
  // Not the program broke but git, in a lookup that it asked for.
  if (isTrouble(cause)) throw cause;
  // V8's answers to recursion that does not end, and to a text that is longer than a string can be.
  if (cause instanceof RangeError && cause.message.includes("call stack")) return "depth";
  const isTooLong =
    cause instanceof RangeError || (cause as { code?: unknown } | undefined)?.code === "ERR_STRING_TOO_LONG";
  return isTooLong || memoryBytes >= EXHAUSTED_BYTES || OUT_OF_MEMORY.test(output) ? "memory" : "broke";
}

/**
 * What an engine's end means for the app it worked on. The words of a Go panic can quote what was being read, so none
 * of them are repeated. Errors that are not the engine's own are thrown again.
 */
export function describeEngineDeath(engine: string, error: unknown, memoryBytes: number): Failure {
  switch (causeOfDeath(error, memoryBytes)) {
    case "depth":
      return limit(`${engine} recursed too deep. Look for a template or an object that contains itself.`);
    case "memory":
      return limit(`${engine} needed more memory than an app is given. Split the app, or make its output smaller.`);
    case "broke":
      return { kind: "engine", message: `The engine ${engine} broke and was stopped.`, location: undefined };
  }
}

function limit(message: string): Failure {
  return { kind: "limit", message, location: undefined };
}
