import { readLines, runInRepository, type BareRepository, type Person } from "./bare-repository.ts";
import { gitDate, gitPerson } from "./commit-files.ts";

export interface CommitWords {
  readonly message: string;
  readonly author: Person;
  /** ISO 8601; seconds count. */
  readonly date: string;
}

/** A new commit, or `conflict` when the two do not merge by themselves. */
export type Merged = { readonly kind: "merged"; readonly sha: string } | { readonly kind: "conflict" };

/** A merge commit with the parents base and head. Nothing points at it yet. */
export async function mergeCommits(
  repository: BareRepository,
  base: string,
  head: string,
  words: CommitWords,
): Promise<Merged> {
  const tree = await mergeTrees(repository, base, head);
  if (tree === undefined) return { kind: "conflict" };
  return { kind: "merged", sha: await writeCommit(repository, tree, [base, head], words) };
}

/** All of head's changes as one commit on base. */
export async function squashCommits(
  repository: BareRepository,
  base: string,
  head: string,
  words: CommitWords,
): Promise<Merged> {
  const tree = await mergeTrees(repository, base, head);
  if (tree === undefined) return { kind: "conflict" };
  return { kind: "merged", sha: await writeCommit(repository, tree, [base], words) };
}

/** Each commit of head that base lacks, merges left out, made again on top of base. */
export async function rebaseCommits(
  repository: BareRepository,
  base: string,
  head: string,
  words: Omit<CommitWords, "message">,
): Promise<Merged> {
  const range = ["rev-list", "--reverse", "--no-merges", "--topo-order", head, `^${base}`];
  let sha = base;
  for (const commit of await readLines(repository, range)) {
    // merge-tree of git 2.39 takes no merge base: a commit with the tip's tree on the picked one's parent gives it one.
    const [parent = ""] = await readLines(repository, ["rev-parse", `${commit}^`]);
    const tip = await writeCommit(repository, `${sha}^{tree}`, [parent], { ...words, message: "tip" });
    const tree = await mergeTrees(repository, tip, commit);
    if (tree === undefined) return { kind: "conflict" };
    const { stdout } = await runInRepository(repository, ["show", "--no-patch", "--format=%B", commit]);
    sha = await writeCommit(repository, tree, [sha], { ...words, message: stdout.toString("utf8").trimEnd() });
  }
  return { kind: "merged", sha };
}

async function mergeTrees(repository: BareRepository, base: string, head: string): Promise<string | undefined> {
  const args = ["merge-tree", "--write-tree", "--no-messages", "--allow-unrelated-histories", base, head];
  const { status, stdout } = await runInRepository(repository, args, undefined, [0, 1]);
  return status === 0 ? stdout.toString("latin1").slice(0, 40) : undefined;
}

async function writeCommit(
  repository: BareRepository,
  tree: string,
  parents: readonly string[],
  words: CommitWords,
): Promise<string> {
  const [treeId = ""] = await readLines(repository, ["rev-parse", tree]);
  const stamp = `${gitPerson(words.author)} ${gitDate(words.date)}`;
  const lines = [
    `tree ${treeId}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author ${stamp}`,
    `committer ${stamp}`,
    "",
    words.message,
    "",
  ];
  const { stdout } = await runInRepository(
    repository,
    ["hash-object", "-t", "commit", "-w", "--stdin"],
    lines.join("\n"),
  );
  return stdout.toString("latin1").trim();
}
