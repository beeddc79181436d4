import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getEnvironmentData, setEnvironmentData } from "node:worker_threads";
import { Fault } from "../model/index.ts";
import { StartError, type GitProcess, type GitStart } from "./git-process.ts";
import { readLines, send, type LauncherAnswer } from "./launcher-messages.ts";

/** Names the launcher's socket, for this thread and those that it starts. */
const KEY = "drydock git launcher";
const PROGRAM = join(import.meta.dirname, "launcher-process.ts");

/** The launcher cannot be reached: git was not started. */
export class LauncherGone extends Error {}

/**
 * Starts the one launcher of this process, if it has none. Forking copies the page tables of a process: where engines
 * take a gigabyte, that takes tens of milliseconds for each git, in which nothing else goes on; from a small process it
 * takes one or two. Without a launcher git is started from here, as it is when the launcher dies. Rejects when it
 * cannot be started.
 */
export async function startLauncher(): Promise<void> {
  if (findLauncher() !== undefined) return;
  starting ??= start().finally(() => (starting = undefined));
  await starting;
}

let starting: Promise<void> | undefined;

async function start(): Promise<void> {
  const path = join(mkdtempSync(join(tmpdir(), "drydock-launcher-")), "socket");
  // It hands on what it is told for each git, and gets nothing of this process's own environment.
  const child = spawn(process.execPath, [PROGRAM, path], { env: {}, stdio: ["pipe", "pipe", "ignore"] });
  const failed = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", () => reject(new Fault("the process that starts git ended")));
  });
  await Promise.race([once(child.stdout, "data"), failed]);
  failed.catch(() => undefined);
  setEnvironmentData(KEY, path);
  child.once("exit", () => setEnvironmentData(KEY, undefined));
  letGo(child);
}

/** It ends with this process, and keeps it from ending as little. */
function letGo(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdin, child.stdout]) (stream as Socket | null)?.unref();
}

/** The path of the launcher's socket. */
export function findLauncher(): string | undefined {
  const path = getEnvironmentData(KEY);
  return typeof path === "string" ? path : undefined;
}

/**
 * Has the launcher start git with sockets of this thread as its standard streams. Rejects with LauncherGone where it
 * cannot be reached, with a StartError where git cannot be started.
 */
export async function launchGit(launcher: string, start: GitStart): Promise<GitProcess> {
  const id = randomUUID();
  const reach = (): Socket => connect({ path: launcher });
  const [stdin, stdout, stderr, control] = [reach(), reach(), start.hasStderr ? reach() : undefined, reach()];
  const outputs = [stdout, stderr].filter((output) => output !== undefined);
  const sockets = [stdin, ...outputs, control];
  try {
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
  } catch (error) {
    for (const socket of sockets) socket.on("error", () => undefined).destroy();
    throw new LauncherGone("the launcher cannot be reached", { cause: error });
  }
  for (const [stream, socket] of [stdin, ...outputs].entries()) send(socket, { id, stream });
  const isRead = outputs.map((output) => whenClosed(output));
  const answers = listen(control);
  send(control, { id, start });
  await answers.started;
  return {
    stdin,
    stdout,
    stderr,
    kill: (signal) => {
      if (control.writable) send(control, { kill: signal });
    },
    ended: Promise.all([answers.ended, ...isRead]).then(([status]) => {
      stdin.destroy();
      return status;
    }),
  };
}

interface Answers {
  readonly started: Promise<void>;
  /** Undefined also where the launcher died: nobody knows how git ended. */
  readonly ended: Promise<number | undefined>;
}

function listen(control: Socket): Answers {
  const started = Promise.withResolvers<undefined>();
  const ended = Promise.withResolvers<number | undefined>();
  readLines(control, (line) => {
    const answer = JSON.parse(line) as LauncherAnswer;
    if (answer.kind === "started") started.resolve(undefined);
    else if (answer.kind === "not-started") started.reject(new StartError(answer.code));
    else ended.resolve(answer.status);
    return "more";
  });
  control.on("error", () => undefined);
  control.once("close", () => {
    started.reject(new StartError(undefined));
    ended.resolve(undefined);
  });
  return { started: started.promise, ended: ended.promise };
}

async function whenClosed(stream: Socket): Promise<void> {
  await new Promise<void>((resolve) => {
    stream.on("error", () => undefined);
    stream.once("close", () => resolve());
  });
}
