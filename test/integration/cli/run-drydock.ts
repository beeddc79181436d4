import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";

const COMMAND = join(import.meta.dirname, "../../../bin/drydock");

export interface ProcessResult {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Laid over an environment with nothing but PATH, HOME and a cache directory. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called once with the process, to signal it or to close its output. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Where one test keeps what Drydock keeps between runs. */
export interface Home {
  readonly home: string;
}

/** Runs the real command as a user would, in an environment of its own. */
export async function runDrydock(
  { home }: Home,
  args: readonly string[],
  options: RunOptions = {},
): Promise<ProcessResult> {
  const env = {
    PATH: process.env["PATH"],
    HOME: home,
    TMPDIR: home,
    DRYDOCK_CACHE: join(home, "cache"),
    ...options.env,
  };
  return await new Promise((resolve, reject) => {
    const child = spawn(COMMAND, args, { cwd: options.cwd ?? home, env, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", reject);
    child.once("close", (status, signal) => resolve({ status, signal, stdout, stderr }));
    options.onStart?.(child);
  });
}
