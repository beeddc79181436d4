// The thread that owns git's objects. It is a composition root of its own, like src/main.ts: a thread starts at a file.
import { parentPort } from "node:worker_threads";
import { createTree, openObjects } from "../git/index.ts";
import { createObjectLookup } from "./object-lookup.ts";
import type {
  BroughtBlobs,
  ObjectAnswer,
  ObjectClientIntroduction,
  ObjectQuestion,
  ObjectThreadCommand,
  WantedBlobs,
} from "./object-messages.ts";
import { createPlaces } from "./object-places.ts";
import { describeTrouble, toError } from "./trouble.ts";

const waiting = new Map<number, (answer: BroughtBlobs) => void>();
let requests = 0;

/** The main thread has them fetched: it alone knows how. */
async function bringBlobs(place: number, ids: WantedBlobs["ids"]): Promise<void> {
  const request = ++requests;
  const { trouble } = await new Promise<BroughtBlobs>((resolve) => {
    waiting.set(request, resolve);
    parentPort?.postMessage({ request, place, ids } satisfies WantedBlobs);
  });
  if (trouble !== undefined) throw toError(trouble);
}

const places = createPlaces(({ id: place, directory }) => {
  const objects = openObjects(directory, (ids) => bringBlobs(place, ids));
  const lookup = createObjectLookup({
    openTree: (id) => createTree(objects, id),
    readBlobs: (ids) => objects.readBlobs(ids),
    sizeOf: async (id) => (await objects.describe(id))?.size,
  });
  return { lookup, close: () => objects.close() };
});

parentPort?.on("message", (command: ObjectThreadCommand) => {
  switch (command.kind) {
    case "serve":
      serve(command);
      break;
    case "forget":
      void places.forget(command.place);
      break;
    case "brought":
      waiting.get(command.request)?.(command);
      waiting.delete(command.request);
      break;
    case "close":
      void places.close().then(() => process.exit(0));
      break;
    default:
      command satisfies never;
  }
});

function serve({ port, bell }: ObjectClientIntroduction): void {
  const rings = new Int32Array(bell);
  port.on("message", (question: ObjectQuestion) => {
    void answer(question).then((reply) => {
      port.postMessage(reply);
      Atomics.add(rings, 0, 1);
      Atomics.notify(rings, 0);
    });
  });
}

async function answer(question: ObjectQuestion): Promise<ObjectAnswer> {
  try {
    const { lookup } = places.open(question.place);
    if (question.kind === "lookup") {
      return { kind: "answers", answers: await lookup.lookup(question.tree, question.paths) };
    }
    return { kind: "answers", answers: await lookup.prefetch(question.tree, question.directory) };
  } catch (error) {
    return { kind: "fault", trouble: describeTrouble(error) };
  }
}
