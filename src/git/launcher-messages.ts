import type { Socket } from "node:net";
import type { GitSignal, GitStart } from "./git-process.ts";

/**
 * The first line of a connection to the launcher, as JSON: one of a git's standard streams (0, 1 or 2), or the request
 * to start it once its streams are there. Connections of one git share an id.
 */
export type LauncherHello =
  { readonly id: string; readonly stream: number } | { readonly id: string; readonly start: GitStart };

/** What the launcher answers to the request, a line each. */
export type LauncherAnswer =
  | { readonly kind: "started" }
  | { readonly kind: "not-started"; readonly code: string | undefined }
  | { readonly kind: "ended"; readonly status: number | undefined };

/** What may be asked of a git that was started, a line each. */
export interface LauncherKill {
  readonly kill: GitSignal;
}

export type LauncherMessage = LauncherHello | LauncherAnswer | LauncherKill;

export function send(socket: Socket, message: LauncherMessage): void {
  socket.write(`${JSON.stringify(message)}\n`);
}

/**
 * Takes lines off a socket until `onLine` says that it has what it wanted. What follows is left to others, as is the
 * socket, which does not flow any more.
 */
export function readLines(socket: Socket, onLine: (line: string) => "more" | "enough"): void {
  let text = "";
  const take = (chunk: string): void => {
    text += chunk;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      if (onLine(line) === "more") continue;
      socket.off("data", take);
      socket.pause();
      return;
    }
  };
  socket.setEncoding("utf8").on("data", take).resume();
}
