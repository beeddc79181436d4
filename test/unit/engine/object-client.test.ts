import assert from "node:assert/strict";
import { MessageChannel, Worker } from "node:worker_threads";
import { test } from "node:test";
import { createObjectClients } from "../../../src/engine/object-client.ts";

/** Rings once too often before each answer, as the ring of an answer that was taken without waiting does. */
const LATE_RINGER = `
  const { parentPort } = require("node:worker_threads");
  parentPort.once("message", ({ port, bell }) => {
    const rings = new Int32Array(bell);
    const pause = new Int32Array(new SharedArrayBuffer(4));
    port.on("message", ({ paths }) => {
      Atomics.wait(pause, 0, 0, 20);
      Atomics.notify(rings, 0);
      Atomics.wait(pause, 0, 0, 20);
      const answers = paths.map((path) => ({ path, reply: new Uint8Array([path.length]), facts: [] }));
      port.postMessage({ kind: "answers", answers });
      Atomics.add(rings, 0, 1);
      Atomics.notify(rings, 0);
    });
  });
`;

test("a ring that comes late does not end the wait for the next answer", async (t) => {
  const worker = new Worker(LATE_RINGER, { eval: true });
  t.after(() => worker.terminate());
  const { port1, port2 } = new MessageChannel();
  const bell = new SharedArrayBuffer(4);
  worker.postMessage({ port: port2, bell }, [port2]);
  const client = createObjectClients(port1, bell)({ id: 1, directory: "unused" });
  for (const path of ["a", "bb", "ccc"]) {
    assert.deepEqual([...client.lookup("tree", path).reply], [path.length]);
  }
  port1.close();
  await worker.terminate();
});
