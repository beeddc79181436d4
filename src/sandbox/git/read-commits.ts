import { runInRepository, type BareRepository, type Person } from "./bare-repository.ts";

/** A commit as GitHub's API tells it. */
export interface CommitFacts {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Person & { readonly date: string };
  readonly committer: Person & { readonly date: string };
  readonly message: string;
}

/** One changed file between two commits. */
export interface ChangedFile {
  readonly path: string;
  readonly previousPath: string | undefined;
  readonly status: "added" | "removed" | "modified" | "renamed" | "changed";
  /** Blob id on the head; on the base when it was removed. */
  readonly blob: string;
  readonly additions: number;
  readonly deletions: number;
  /** Hunks alone, as GitHub's `patch`; undefined for binary files. */
  readonly patch: string | undefined;
}

const FORMAT = ["%H", "%T", "%P", "%an", "%ae", "%aI", "%cn", "%ce", "%cI", "%B"].join("%x00");

export async function readCommit(repository: BareRepository, sha: string): Promise<CommitFacts> {
  const { stdout } = await runInRepository(repository, ["show", "--no-patch", `--format=${FORMAT}`, sha, "--"]);
  return parseCommit(stdout.toString("utf8").trimEnd());
}

/** The commits of head that base lacks, oldest first; base undefined: all of them. */
export async function listCommits(
  repository: BareRepository,
  base: string | undefined,
  head: string,
): Promise<readonly CommitFacts[]> {
  const range = base === undefined ? [head] : [head, `^${base}`];
  const args = ["log", "--reverse", "--topo-order", `--format=${FORMAT}%x01`, ...range, "--"];
  const { stdout } = await runInRepository(repository, args);
  return stdout
    .toString("utf8")
    .split("\x01")
    .map((text) => text.trimStart())
    .filter((text) => text !== "")
    .map(parseCommit);
}

/** Where two commits parted; undefined when they have nothing in common. */
export async function findMergeBase(
  repository: BareRepository,
  one: string,
  other: string,
): Promise<string | undefined> {
  const { status, stdout } = await runInRepository(repository, ["merge-base", one, other], undefined, [0, 1]);
  return status === 0 ? stdout.toString("latin1").trim() : undefined;
}

export async function isAncestor(repository: BareRepository, older: string, newer: string): Promise<boolean> {
  const args = ["merge-base", "--is-ancestor", older, newer];
  return (await runInRepository(repository, args, undefined, [0, 1])).status === 0;
}

/** What a commit's tree holds at a path; undefined when it holds no file there. */
export async function readFileAt(
  repository: BareRepository,
  commit: string,
  path: string,
): Promise<Buffer | undefined> {
  const args = ["cat-file", "blob", `${commit}:${path}`];
  const { status, stdout } = await runInRepository(repository, args, undefined, [0, 128]);
  return status === 0 ? stdout : undefined;
}

/** All files of a commit: path → blob id. */
export async function listFiles(repository: BareRepository, commit: string): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await runInRepository(repository, ["ls-tree", "-r", "-z", commit]);
  const entries = stdout
    .toString("utf8")
    .split("\0")
    .filter((entry) => entry !== "");
  return new Map(entries.map((entry) => [entry.slice(entry.indexOf("\t") + 1), entry.split(/[ \t]/u, 3)[2] ?? ""]));
}

/** The files that differ from one commit to another, renames found as GitHub finds them. */
export async function diffCommits(
  repository: BareRepository,
  base: string,
  head: string,
): Promise<readonly ChangedFile[]> {
  const between = ["--find-renames", base, head, "--"];
  const [raw, patch] = await Promise.all([
    runInRepository(repository, ["diff-tree", "-r", "-z", "--raw", "--numstat", ...between]),
    runInRepository(repository, ["diff-tree", "-r", "-p", "--unified=3", "--full-index", ...between]),
  ]);
  const patches = patch.stdout.toString("utf8").split(/^(?=diff --git )/mu);
  return parseRaw(raw.stdout.toString("utf8")).map((file) => {
    const text = patches.shift() ?? "";
    if (file.status === "changed") patches.shift(); // one kind of file became another: printed as removed, then added
    return { ...file, patch: hunksOf(text) };
  });
}

function parseCommit(text: string): CommitFacts {
  const [sha = "", tree = "", parents = "", name = "", email = "", date = "", by = "", mail = "", at = "", ...words] =
    text.split("\0");
  return {
    sha,
    tree,
    parents: parents.split(" ").filter((parent) => parent !== ""),
    author: { name, email, date: new Date(date).toISOString() },
    committer: { name: by, email: mail, date: new Date(at).toISOString() },
    message: words.join("\0").trimEnd(),
  };
}

const STATUS = { A: "added", D: "removed", M: "modified", R: "renamed", T: "changed" } as const;

/** `--raw --numstat -z`: all raw entries first, then all counts, both in one order. */
function parseRaw(output: string): Omit<ChangedFile, "patch">[] {
  const fields = output.split("\0");
  const files: Omit<ChangedFile, "patch" | "additions" | "deletions">[] = [];
  let at = 0;
  for (; fields[at]?.startsWith(":") === true; at += 1) {
    const [, , before = "", after = "", letter = ""] = (fields[at] ?? "").split(" ");
    const isRename = letter.startsWith("R");
    const previousPath = isRename ? fields[(at += 1)] : undefined;
    const path = fields[(at += 1)] ?? "";
    const status = STATUS[letter.charAt(0) as keyof typeof STATUS];
    files.push({ path, previousPath, status, blob: status === "removed" ? before : after });
  }
  return files.map((file) => {
    const [additions = "0", deletions = "0"] = (fields[at] ?? "").split("\t");
    at += file.previousPath === undefined ? 1 : 3;
    return { ...file, additions: Number(additions) || 0, deletions: Number(deletions) || 0 };
  });
}

function hunksOf(patch: string): string | undefined {
  const start = patch.search(/^@@ /mu);
  return start < 0 ? undefined : patch.slice(start).replace(/\n$/u, "");
}
