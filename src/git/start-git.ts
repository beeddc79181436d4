import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { Fault, UsageError } from "../model/index.ts";
import { StartError, type GitProcess, type GitStart } from "./git-process.ts";
import { findLauncher, launchGit, LauncherGone } from "./launcher.ts";

/** The oldest git that has `merge-tree --write-tree`. */
export const NEEDED_GIT = [2, 38] as const;

/**
 * Starts git, through the launcher where one was started. Rejects with a UsageError when there is no git, and with a
 * retryable Fault when it cannot be started now.
 */
export async function startGit(start: GitStart): Promise<GitProcess> {
  const launcher = findLauncher();
  try {
    return launcher === undefined ? await spawnGit(start) : await launchOrSpawn(launcher, start);
  } catch (error) {
    throw error instanceof StartError ? describeStartError(error) : error;
  }
}

async function launchOrSpawn(launcher: string, start: GitStart): Promise<GitProcess> {
  try {
    return await launchGit(launcher, start);
  } catch (error) {
    if (error instanceof LauncherGone) return await spawnGit(start);
    throw error;
  }
}

async function spawnGit({ args, cwd, env, hasStderr }: GitStart): Promise<GitProcess> {
  const child: ChildProcessByStdio<Writable, Readable, Readable | null> = hasStderr
    ? spawn("git", args, { cwd, env: { ...env }, stdio: ["pipe", "pipe", "pipe"] })
    : spawn("git", args, { cwd, env: { ...env }, stdio: ["pipe", "pipe", "ignore"] });
  const ended = new Promise<number | undefined>((resolve) => {
    child.once("close", (code) => resolve(code ?? undefined));
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error: Error & { readonly code?: string }) => reject(new StartError(error.code, error)));
  });
  const { stdin, stdout, stderr } = child;
  return { stdin, stdout, stderr: stderr ?? undefined, kill: (signal) => void child.kill(signal), ended };
}

/** Git is not installed, or the system had no room for one more process. */
function describeStartError(cause: StartError): Error {
  if (cause.code !== "ENOENT") return new Fault("git could not be started.", { cause, isRetryable: true });
  const needed = NEEDED_GIT.join(".");
  return new UsageError(`Drydock needs git ${needed} or newer, and no git was found on the PATH.`, { cause });
}
