import { spawn, type ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { dirname } from "node:path";
import type { GitStart } from "./git-process.ts";
import { readLines, send, type LauncherHello, type LauncherKill } from "./launcher-messages.ts";

/**
 * The launcher, a process of its own: starts git for whoever connects to its socket (the one argument), and hands it the
 * connections as standard streams, so that nothing passes through here. Ends with the process that started it, whose
 * hold on its standard input ends then; signals are that one's business.
 */

/** What has come so far of one git that is asked for. */
interface Gathered {
  readonly streams: Map<number, Socket>;
  request: { readonly start: GitStart; readonly control: Socket } | undefined;
}

const gathered = new Map<string, Gathered>();

function receive(socket: Socket): void {
  socket.on("error", () => undefined); // who asked is gone
  readLines(socket, (line) => {
    const hello = JSON.parse(line) as LauncherHello;
    const own = gathered.get(hello.id) ?? { streams: new Map<number, Socket>(), request: undefined };
    gathered.set(hello.id, own);
    if ("stream" in hello) own.streams.set(hello.stream, socket);
    else own.request = { start: hello.start, control: socket };
    if (own.request === undefined || own.streams.size < (own.request.start.hasStderr ? 3 : 2)) return "enough";
    gathered.delete(hello.id);
    launch(own.request.start, own.request.control, own.streams);
    return "enough";
  });
}

function launch(start: GitStart, control: Socket, streams: ReadonlyMap<number, Socket>): void {
  const child = spawnGit(start, streams);
  for (const stream of streams.values()) stream.destroy();
  if (child === undefined) {
    refuse(control, undefined);
    return;
  }
  child.once("error", (error: Error & { readonly code?: string }) => refuse(control, error.code));
  child.once("spawn", () => {
    send(control, { kind: "started" });
    readLines(control, (line) => {
      child.kill((JSON.parse(line) as LauncherKill).kill);
      return "more";
    });
    control.once("close", () => void child.kill());
  });
  child.once("exit", (code) => {
    send(control, { kind: "ended", status: code ?? undefined });
    control.end();
  });
}

/** Undefined for what no program can be given, such as an argument with a null character. */
function spawnGit(start: GitStart, streams: ReadonlyMap<number, Socket>): ChildProcess | undefined {
  const { args, cwd, env } = start;
  const [stdin, stdout, stderr] = [0, 1, 2].map((number) => streams.get(number) ?? "ignore");
  try {
    return spawn("git", args, { cwd, env, stdio: [stdin, stdout, stderr] });
  } catch {
    return undefined;
  }
}

function refuse(control: Socket, code: string | undefined): void {
  send(control, { kind: "not-started", code });
  control.end();
}

const [path = ""] = process.argv.slice(2);
for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"]) process.on(signal, () => undefined);
const server = createServer(receive).listen(path, () => void process.stdout.write("ready\n"));
process.stdin.resume().once("close", () => {
  rmSync(dirname(path), { recursive: true, force: true });
  server.close();
});
