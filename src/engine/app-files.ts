import type { Trace, TraceFact } from "../model/index.ts";
import { encodeError } from "./lookup-reply.ts";
import type { ObjectClient } from "./object-client.ts";
import type { LookupAnswer } from "./object-messages.ts";
import { createTraceRecorder } from "./trace-recorder.ts";

/** The repository as one render sees it: every look is on record, and their number is bounded. */
export interface AppFiles {
  /** Answers as the package comment of engines/abi says. */
  lookup(path: string): Uint8Array;
  /** The same for many paths at once. */
  lookupAll(paths: readonly string[]): readonly Uint8Array[];
  prefetch(directory: string): void;
  /** Puts something else that the render depended on on record. */
  record(fact: TraceFact): void;
  trace(): Trace;
}

/** `onFact` hears each fact once, as it is recorded. */
export function createAppFiles(
  objects: ObjectClient,
  tree: string,
  limit: number,
  onFact: (fact: TraceFact) => void,
): AppFiles {
  const recorder = createTraceRecorder(onFact);
  const seen = new Set<string>();

  const refuse = (path: string): Uint8Array | undefined => {
    if (path.startsWith("/") || path.split("/").includes("..")) {
      return encodeError("outside-repository", `${JSON.stringify(path)} leads out of the repository.`);
    }
    if (seen.size >= limit && !seen.has(path)) {
      return encodeError("limit", `The app reads more than ${limit} files. Raise limits.files if it has to.`);
    }
    seen.add(path);
    return undefined;
  };

  const accept = ({ reply, facts }: LookupAnswer): Uint8Array => {
    for (const fact of facts) recorder.add(fact);
    return reply;
  };

  return {
    lookup: (path) => refuse(path) ?? accept(objects.lookup(tree, path)),
    lookupAll: (paths) => {
      const refusals = paths.map(refuse);
      const answers = objects.lookupAll(
        tree,
        paths.filter((_, index) => refusals[index] === undefined),
      );
      const accepted = answers.values();
      return refusals.map((refusal) => {
        if (refusal !== undefined) return refusal;
        const { value } = accepted.next();
        return value === undefined ? encodeError("engine", "A file was not answered.") : accept(value);
      });
    },
    prefetch: (directory) => objects.prefetch(tree, directory),
    record: (fact) => recorder.add(fact),
    trace: () => recorder.trace(),
  };
}
