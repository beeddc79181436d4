import { Worker } from "node:worker_threads";
import type { ObjectClientIntroduction, ObjectThreadStart } from "./object-messages.ts";

/** The main thread's hold on the object thread. */
export interface ObjectThreadHandle {
  introduce(client: ObjectClientIntroduction): void;
  close(): Promise<void>;
}

/** Starts the thread when the first worker is introduced. `onBreak` hears of its end, which nobody asked for. */
export function createObjectThread(scratch: string, onBreak: (error: Error) => void): ObjectThreadHandle {
  let worker: Worker | undefined;
  let isClosing = false;

  const start = (): Worker => {
    const workerData: ObjectThreadStart = { scratch };
    const started = new Worker(new URL("./object-thread.ts", import.meta.url), { workerData, execArgv: [] });
    started.on("error", (error: Error) => onBreak(error));
    started.on("exit", (code) => {
      if (!isClosing) onBreak(new Error(`the object thread ended with code ${code}`));
    });
    return started;
  };

  return {
    introduce: (client) => {
      worker ??= start();
      worker.postMessage(client, [client.port]);
    },
    close: async () => {
      isClosing = true;
      const running = worker;
      worker = undefined;
      if (running === undefined) return;
      const ended = new Promise<void>((resolve) => running.once("exit", () => resolve()));
      running.postMessage("close");
      await ended;
    },
  };
}
