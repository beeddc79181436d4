import type { Readable, Writable } from "node:stream";

export interface GitStart {
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment that git sees. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether what git says on standard error is wanted. */
  readonly hasStderr: boolean;
}

export type GitSignal = "SIGTERM" | "SIGKILL";

/** A git that runs. */
export interface GitProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Undefined where it was not asked for. */
  readonly stderr: Readable | undefined;
  /** Does nothing once it has ended. */
  kill(signal: GitSignal): void;
  /** Its exit status, undefined when it was killed. Resolves when it has ended and what it printed was read. */
  readonly ended: Promise<number | undefined>;
}

/** Git was not started. `code` is the operating system's word for why, `ENOENT` where there is none. */
export class StartError extends Error {
  readonly code: string | undefined;
  constructor(code: string | undefined, cause?: unknown) {
    super(`git was not started: ${code ?? "for a reason that is not known"}`, { cause });
    this.name = "StartError";
    this.code = code;
  }
}
