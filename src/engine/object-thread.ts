// The thread that owns git's objects. It is a composition root of its own, like src/main.ts: a thread starts at a file.
import { parentPort, workerData } from "node:worker_threads";
import { createTree, openObjects } from "../git/index.ts";
import { describeTrouble } from "./trouble.ts";
import { createObjectLookup } from "./object-lookup.ts";
import type { ObjectLookup } from "./object-lookup.ts";
import type { ObjectAnswer, ObjectClientIntroduction, ObjectQuestion, ObjectThreadStart } from "./object-messages.ts";

const { scratch } = workerData as ObjectThreadStart;
const objects = openObjects(scratch);
const lookup = createObjectLookup({
  openTree: (id) => createTree(objects, id),
  readBlobs: (ids) => objects.readBlobs(ids),
  sizeOf: async (id) => (await objects.describe(id))?.size,
});

parentPort?.on("message", (message: ObjectClientIntroduction | "close") => {
  if (message === "close") void close();
  else serve(message);
});

function serve({ port, bell }: ObjectClientIntroduction): void {
  const rings = new Int32Array(bell);
  port.on("message", (question: ObjectQuestion) => {
    void answer(lookup, question).then((reply) => {
      port.postMessage(reply);
      Atomics.add(rings, 0, 1);
      Atomics.notify(rings, 0);
    });
  });
}

async function answer(source: ObjectLookup, question: ObjectQuestion): Promise<ObjectAnswer> {
  try {
    if (question.kind === "lookup") {
      return { kind: "answers", answers: await source.lookup(question.tree, question.paths) };
    }
    return { kind: "answers", answers: await source.prefetch(question.tree, question.directory) };
  } catch (error) {
    return { kind: "fault", trouble: describeTrouble(error) };
  }
}

async function close(): Promise<void> {
  await objects.close();
  process.exit(0);
}
