import { Fault, UsageError } from "../model/index.ts";
import { NEEDED_GIT, startGit } from "./start-git.ts";

const DEFAULT_MAX_BYTES = 256 * 1024 * 1024;
const DEFAULT_SECONDS = 120;
const STDERR_BYTES = 4096;
/** Seconds between asking git to end and ending it: it removes what it was writing, and ends its children. */
const GRACE_SECONDS = 2;

/** The trees without entries. Git knows them without their being stored anywhere. */
const EMPTY_TREE = {
  sha1: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
  sha256: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
} as const;

export type ObjectFormat = keyof typeof EMPTY_TREE;

/** What git needs to know to run in a scratch directory, and nothing of the repository's own configuration. */
export interface GitPlace {
  /** The scratch bare repository: `GIT_DIR`. */
  readonly directory: string;
  readonly objectFormat: ObjectFormat;
}

export interface GitOptions {
  readonly input?: string | Uint8Array;
  /** The most bytes of standard output that are taken (default 256 MiB). */
  readonly maxBytes?: number;
  /** After this time git is killed (default 120). */
  readonly seconds?: number;
  /** Exit statuses that are an answer rather than a failure (default `[0]`). */
  readonly statuses?: readonly number[];
  /** For the few commands that compare the scratch's index with the user's files. */
  readonly workTree?: string;
  /** Settings for this command alone, `name=value`. */
  readonly settings?: readonly string[];
  /** Laid over the environment that git sees: what must not be read by others in the list of processes. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface GitResult {
  readonly status: number;
  readonly stdout: Buffer;
}

/** Git said more than was asked for. */
export class TooMuchOutput extends Fault {
  constructor(command: string, maxBytes: number) {
    super(`git ${command} printed more than ${maxBytes} bytes.`);
    this.name = "TooMuchOutput";
  }
}

/** Git ended with a status that is no answer. `detail` is its own message, for people only. */
export class GitFault extends Fault {
  readonly status: number | undefined;
  readonly detail: string;
  constructor(command: string, status: number | undefined, detail: string) {
    const ending = status === undefined ? "was killed" : `ended with status ${status}`;
    super(`git ${command} ${ending}${detail === "" ? "." : `: ${detail}`}`);
    this.name = "GitFault";
    this.status = status;
    this.detail = detail;
  }
}

/**
 * The whole environment that git sees. It starts from nothing, so no `GIT_*` variable of the caller reaches it, no
 * configuration but the scratch's is read, nothing is fetched and nobody is asked. `GIT_ATTR_SOURCE` (git ≥ 2.41)
 * names the empty tree because git 2.43 to 2.45 read the attributes of a bare repository from its HEAD; older ones
 * read none there.
 */
export function gitEnvironment(place: GitPlace): Record<string, string> {
  return {
    ...bareEnvironment(),
    HOME: place.directory,
    GIT_DIR: place.directory,
    GIT_ATTR_SOURCE: EMPTY_TREE[place.objectFormat],
  };
}

function bareEnvironment(): Record<string, string> {
  return {
    // The one place where this folder looks at the environment: not a setting, but where programs are found.
    PATH: process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_NO_LAZY_FETCH: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
  };
}

/**
 * Runs one git command in the scratch directory, without a shell. Rejects with a GitFault when git ends with a status
 * not in `statuses`, and with a Fault when it says more than `maxBytes` or takes longer than `seconds`.
 */
export async function runGit(place: GitPlace, args: readonly string[], options: GitOptions = {}): Promise<GitResult> {
  const env = { ...gitEnvironment(place), ...options.environment };
  if (options.workTree !== undefined) env["GIT_WORK_TREE"] = options.workTree;
  const settings = (options.settings ?? []).flatMap((setting) => ["-c", setting]);
  return await run([...settings, ...args], args[0] ?? "", options.workTree ?? place.directory, env, options);
}

/**
 * The settings of a configuration file as `[name, value]`, in order. Includes are not followed and no repository is
 * opened, so neither `safe.directory` nor anything that the file says has an effect.
 */
export async function readGitConfig(file: string, directory: string): Promise<readonly (readonly [string, string])[]> {
  const args = ["config", "--file", file, "--no-includes", "--null", "--list"];
  const { stdout } = await run(args, "config", directory, bareEnvironment(), {});
  return stdout
    .toString("utf8")
    .split("\0")
    .filter((setting) => setting !== "")
    .map((setting) => {
      const end = setting.indexOf("\n");
      return end < 0 ? [setting, "true"] : [setting.slice(0, end), setting.slice(end + 1)];
    });
}

/** Fails with a UsageError of one sentence when git is not there or too old. */
export async function requireGit(directory: string): Promise<void> {
  const { stdout } = await run(["version"], "version", directory, bareEnvironment(), {});
  requireVersion(stdout.toString("utf8").trim());
}

/** Fails with a UsageError when `git version` printed something older than what merging without a work tree needs. */
export function requireVersion(printed: string): void {
  const [, major, minor] = /(\d+)\.(\d+)/u.exec(printed) ?? [];
  const isOld =
    Number(major) < NEEDED_GIT[0] ||
    (Number(major) === NEEDED_GIT[0] && Number(minor) < NEEDED_GIT[1]) ||
    major === undefined;
  if (isOld) throw new UsageError(`Drydock needs git ${NEEDED_GIT.join(".")} or newer; found "${printed}".`);
}

async function run(
  args: readonly string[],
  command: string,
  cwd: string,
  env: Record<string, string>,
  options: GitOptions,
): Promise<GitResult> {
  const { maxBytes = DEFAULT_MAX_BYTES, seconds = DEFAULT_SECONDS, statuses = [0] } = options;
  const git = await startGit({ args, cwd, env, hasStderr: true });
  // Not spawn's own `timeout`: its timer is left running, and the process with it, when git cannot be started.
  let timer = setTimeout(() => {
    git.kill("SIGTERM");
    timer = setTimeout(() => git.kill("SIGKILL"), GRACE_SECONDS * 1000);
  }, seconds * 1000);
  const output: Buffer[] = [];
  let size = 0;
  let detail = "";
  git.stdout.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= maxBytes) output.push(chunk);
    else git.kill("SIGKILL");
  });
  git.stderr?.setEncoding("utf8").on("data", (text: string) => (detail = (detail + text).slice(0, STDERR_BYTES)));
  git.stdin.on("error", () => undefined); // git may end before it has read everything; its status tells why
  git.stdin.end(options.input);
  const status = await git.ended;
  clearTimeout(timer);
  if (size > maxBytes) throw new TooMuchOutput(command, maxBytes);
  if (status === undefined || !statuses.includes(status)) throw new GitFault(command, status, detail.trim());
  return { status, stdout: Buffer.concat(output) };
}
