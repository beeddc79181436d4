import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGit, startLauncher } from "../../src/git/index.ts";

/** One path of a commit: a file's text or bytes, or something rarer. */
export type FakeFile =
  | string
  | Uint8Array
  | { readonly executable: string }
  | { readonly symlink: string }
  /** The commit id that the submodule stands at. */
  | { readonly submodule: string };

/** Path → content, the whole tree. A `Map` where a key is one that object literals treat apart (`__proto__`). */
export type FakeFiles = Readonly<Record<string, FakeFile>> | ReadonlyMap<string, FakeFile>;

export interface CommitOptions {
  /** The branch that moves; made when it is new. Default `main`. */
  readonly branch?: string;
  /** Refs or ids; default is the tip of the branch, or of `main` for a new branch. */
  readonly parents?: readonly string[];
  readonly message?: string;
}

export interface FakeRepository {
  readonly directory: string;
  /** Commits `files` as the whole tree and returns the commit's id. */
  commit(files: FakeFiles, options?: CommitOptions): Promise<string>;
  /** Lays `changes` over the branch's last tree; `undefined` deletes a path. */
  change(changes: Readonly<Record<string, FakeFile | undefined>>, options?: CommitOptions): Promise<string>;
  /** Makes a branch at a ref, by default at `main`. */
  branch(name: string, at?: string): Promise<void>;
  /** Makes the work tree that of `ref`. Only for a repository that is not bare. */
  checkout(ref: string): Promise<void>;
  /** Runs git in the repository with no configuration but its own; resolves to what it printed, without a last line feed. */
  git(args: readonly string[], input?: string | Uint8Array): Promise<string>;
}

export interface FakeRepositoryOptions {
  /** Branch → its commits, each the whole tree, oldest first. The first branch is the root of the others. */
  readonly branches?: Readonly<Record<string, FakeFiles | readonly FakeFiles[]>>;
  readonly isBare?: boolean;
  readonly objectFormat?: "sha1" | "sha256";
}

/** 2026-01-01T00:00:00Z; every commit of a repository is a minute after the one before. */
const FIRST_COMMIT_TIME = 1_767_225_600;
const PERSON = "Ada Tester <ada@example.com>";

/**
 * Makes a real git repository in a temporary directory that is removed after the test. Same literals, same ids:
 *
 *     const repository = await createRepository(t, { branches: { main: { "a.yaml": "a: 1\n" }, fix: { "a.yaml": "a: 2\n" } } });
 */
export async function createRepository(
  test: { after(clean: () => Promise<void>): void },
  options: FakeRepositoryOptions = {},
): Promise<FakeRepository> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), "drydock-fake-")));
  test.after(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }));
  const repository = openFakeRepository(directory);
  const kind = options.isBare === true ? ["--bare"] : [];
  await repository.git([
    ...["init", "--quiet", "--template=", "--initial-branch=main", `--object-format=${options.objectFormat ?? "sha1"}`],
    ...kind,
  ]);
  for (const [branch, commits] of Object.entries(options.branches ?? {})) {
    for (const files of Array.isArray(commits) ? (commits as FakeFiles[]) : [commits as FakeFiles]) {
      await repository.commit(files, { branch });
    }
  }
  return repository;
}

function openFakeRepository(directory: string): FakeRepository {
  const trees = new Map<string, ReadonlyMap<string, FakeFile>>();
  let time = FIRST_COMMIT_TIME;
  let root: string | undefined;
  const git = async (args: readonly string[], input?: string | Uint8Array): Promise<string> =>
    await runFakeGit(directory, args, input);

  const commit = async (files: FakeFiles, { branch = "main", parents, message }: CommitOptions = {}) => {
    const tree: ReadonlyMap<string, FakeFile> = files instanceof Map ? files : new Map(Object.entries(files));
    const from = trees.has(branch) ? branch : root;
    const tips = parents ?? (from === undefined ? [] : [from]);
    const stream = writeCommit({ branch, parents: tips, message: message ?? `Change ${branch}`, time }, tree);
    await git(["fast-import", "--quiet", "--force"], stream);
    time += 60;
    root ??= branch;
    trees.set(branch, tree);
    return await git(["rev-parse", `refs/heads/${branch}`]);
  };

  return {
    directory,
    git,
    commit,
    change: async (changes, options = {}) => {
      const tree = new Map(trees.get(options.branch ?? "main") ?? trees.get(root ?? "main"));
      for (const [path, file] of Object.entries(changes)) {
        if (file === undefined) tree.delete(path);
        else tree.set(path, file);
      }
      return await commit(tree, options);
    },
    branch: async (name, at = "main") => {
      await git(["branch", "--quiet", name, at]);
      const tree = trees.get(at);
      if (tree !== undefined) trees.set(name, tree);
    },
    checkout: async (ref) => {
      await git(["checkout", "--quiet", "--force", ref]);
    },
  };
}

interface CommitHeader {
  readonly branch: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly time: number;
}

/** One commit in the language of git-fast-import(1). */
function writeCommit({ branch, parents, message, time }: CommitHeader, files: ReadonlyMap<string, FakeFile>): Buffer {
  const person = `${PERSON} ${time} +0000`;
  const parts: (string | Uint8Array)[] = [
    `commit refs/heads/${branch}\nauthor ${person}\ncommitter ${person}\n`,
    writeBytes(message),
    ...parents.map((parent, index) => `${index === 0 ? "from" : "merge"} ${parent}^0\n`),
    "deleteall\n",
  ];
  for (const [path, file] of files) parts.push(...writeFile(quotePath(path), file));
  return Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "utf8") : part)));
}

function writeFile(path: string, file: FakeFile): (string | Uint8Array)[] {
  if (typeof file === "string" || file instanceof Uint8Array) return [`M 100644 inline ${path}\n`, writeBytes(file)];
  if ("executable" in file) return [`M 100755 inline ${path}\n`, writeBytes(file.executable)];
  if ("symlink" in file) return [`M 120000 inline ${path}\n`, writeBytes(file.symlink)];
  return [`M 160000 ${file.submodule} ${path}\n`];
}

function writeBytes(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from("\n")]);
}

function quotePath(path: string): string {
  return `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

/** Runs git as a stranger to the machine: no configuration of the user's or the system's, fixed person and dates. */
export async function runFakeGit(
  directory: string,
  args: readonly string[],
  input: string | Uint8Array = "",
): Promise<string> {
  const person = { NAME: "Ada Tester", EMAIL: "ada@example.com", DATE: `${FIRST_COMMIT_TIME} +0000` };
  const identity = Object.fromEntries(
    ["AUTHOR", "COMMITTER"].flatMap((role) =>
      Object.entries(person).map(([key, value]) => [`GIT_${role}_${key}`, value]),
    ),
  ) as Record<string, string>;
  const env = {
    PATH: process.env["PATH"] ?? "",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    ...identity,
  };
  // Test processes hold engines: what starts git for them is small.
  await startLauncher();
  const child = await startGit({ args, cwd: directory, env, hasStderr: true });
  const output: Buffer[] = [];
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (errors += text));
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const status = await child.ended;
  if (status !== 0) throw new Error(`git ${args.join(" ")} ended with status ${status ?? "?"}: ${errors}`);
  return Buffer.concat(output).toString("utf8").replace(/\n$/u, "");
}
