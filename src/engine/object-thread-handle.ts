import { Worker } from "node:worker_threads";
import type { BringBlobs } from "../git/index.ts";
import type { ObjectClientIntroduction, ObjectThreadCommand, WantedBlobs } from "./object-messages.ts";
import { describeTrouble, type Trouble } from "./trouble.ts";

/** The main thread's hold on the object thread. */
export interface ObjectThreadHandle {
  introduce(client: ObjectClientIntroduction): void;
  /** Ends what reads a place's objects. Questions about it are answered with a fault from now on. */
  forget(place: number): void;
  close(): Promise<void>;
}

/**
 * Starts the thread when the first worker is introduced. `onBreak` hears of its end, which nobody asked for; `bringerOf`
 * tells how blobs are fetched that a place lacks, undefined where all of them are there.
 */
export function createObjectThread(
  onBreak: (error: Error) => void,
  bringerOf: (place: number) => BringBlobs | undefined,
): ObjectThreadHandle {
  let worker: Worker | undefined;
  let isClosing = false;

  const bring = async ({ place, ids }: WantedBlobs): Promise<Trouble | undefined> => {
    try {
      await bringerOf(place)?.(ids);
      return undefined;
    } catch (error) {
      return describeTrouble(error);
    }
  };

  const start = (): Worker => {
    const started = new Worker(new URL("./object-thread.ts", import.meta.url), { execArgv: [] });
    started.on("message", (wanted: WantedBlobs) => {
      void bring(wanted).then((trouble) => tell(started, { kind: "brought", request: wanted.request, trouble }));
    });
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
