import { Worker } from "node:worker_threads";
import type { ObjectClientIntroduction, ObjectThreadCommand } from "./object-messages.ts";

/** The main thread's hold on the object thread. */
export interface ObjectThreadHandle {
  introduce(client: ObjectClientIntroduction): void;
  /** Ends what reads a place's objects. Questions about it are answered with a fault from now on. */
  forget(place: number): void;
  close(): Promise<void>;
}

/** Starts the thread when the first worker is introduced. `onBreak` hears of its end, which nobody asked for. */
export function createObjectThread(onBreak: (error: Error) => void): ObjectThreadHandle {
  let worker: Worker | undefined;
  let isClosing = false;

  const start = (): Worker => {
    const started = new Worker(new URL("./object-thread.ts", import.meta.url), { execArgv: [] });
    started.on("error", (error: Error) => onBreak(error));
    started.on("exit", (code) => {
      if (!isClosing) onBreak(new Error(`the object thread ended with code ${code}`));
    });
    return started;
  };

  const tell = (running: Worker, command: ObjectThreadCommand): void => {
    running.postMessage(command, command.kind === "serve" ? [command.port] : []);
  };

  return {
    introduce: (client) => {
      worker ??= start();
      tell(worker, { kind: "serve", ...client });
    },
    forget: (place) => {
      if (worker !== undefined) tell(worker, { kind: "forget", place });
    },
    close: async () => {
      isClosing = true;
      const running = worker;
      worker = undefined;
      if (running === undefined) return;
      const ended = new Promise<void>((resolve) => running.once("exit", () => resolve()));
      tell(running, { kind: "close" });
      await ended;
    },
  };
}
