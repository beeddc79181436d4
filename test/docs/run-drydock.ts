import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./read-documents.ts";

export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line in `directory` as a user would, with a cache of the test's own. */
export async function runDrydock(args: readonly string[], directory: string, cache: string): Promise<CommandResult> {
  const env = { PATH: process.env["PATH"], HOME: directory, DRYDOCK_CACHE: cache };
  const child = spawn(process.execPath, [join(ROOT, "src", "main.ts"), ...args], { cwd: directory, env });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  return { status, stdout, stderr };
}
