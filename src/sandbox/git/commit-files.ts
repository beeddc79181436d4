import { readRef, runInRepository, type BareRepository, type Person } from "./bare-repository.ts";

/** Path → content; null removes the path (a directory with all that is in it). */
export type FileChanges = Readonly<Record<string, string | Uint8Array | SpecialFile | null>>;

export type SpecialFile =
  | { readonly kind: "executable"; readonly content: string }
  | { readonly kind: "symlink"; readonly target: string }
  | { readonly kind: "submodule"; readonly commit: string };

export interface NewCommit {
  readonly files: FileChanges;
  readonly message: string;
  readonly author: Person;
  /** ISO 8601; seconds count. */
  readonly date: string;
  /** What it stands on: undefined is the branch's head, null is nothing. */
  readonly parent?: string | null;
  /** A further parent. The tree is what `files` make of the first one's. */
  readonly merged?: string;
  /** Whether the tree starts empty instead of as the parent's. */
  readonly isWhole?: boolean;
}

/** Commits on top of a branch (made when it is absent), without a work tree. Gives the new head. */
export async function commitFiles(repository: BareRepository, branch: string, commit: NewCommit): Promise<string> {
  const ref = `refs/heads/${branch}`;
  const parent = commit.parent === undefined ? await readRef(repository, ref) : (commit.parent ?? undefined);
  const stream = [...describeCommit(ref, parent, commit), Buffer.from("get-mark :1\ndone\n")];
  const args = ["fast-import", "--quiet", "--force", "--done", "--date-format=raw"];
  const { stdout } = await runInRepository(repository, args, Buffer.concat(stream));
  return stdout.toString("latin1").trim();
}

/** Seconds since 1970 and the zone, as git stores a date. */
export function gitDate(date: string): string {
  return `${Math.floor(Date.parse(date) / 1000)} +0000`;
}

/** Name and address as a commit's header may hold them: no line ends and no angle brackets. */
export function gitPerson({ name, email }: Person): string {
  const clean = (text: string): string => text.replace(/[<>\n\0]/gu, "").trim();
  return `${clean(name)} <${clean(email)}>`;
}

function* describeCommit(ref: string, parent: string | undefined, commit: NewCommit): Generator<Buffer> {
  const stamp = `${gitPerson(commit.author)} ${gitDate(commit.date)}`;
  // A ref that exists is where fast-import would begin; a parent of its own, or none, has to be said.
  if (parent === undefined) yield Buffer.from(`reset ${ref}\n\n`);
  yield Buffer.from(`commit ${ref}\nmark :1\nauthor ${stamp}\ncommitter ${stamp}\n`);
  yield* describeData(Buffer.from(commit.message));
  if (parent !== undefined) yield Buffer.from(`from ${parent}\n`);
  if (commit.merged !== undefined) yield Buffer.from(`merge ${commit.merged}\n`);
  if (commit.isWhole === true) yield Buffer.from("deleteall\n");
  for (const [path, file] of Object.entries(commit.files)) yield* describeFile(path, file);
  yield Buffer.from("\n");
}

function* describeFile(path: string, file: FileChanges[string]): Generator<Buffer> {
  const name = quotePath(path);
  if (file === null) {
    yield Buffer.from(`D ${name}\n`);
  } else if (typeof file === "string" || file instanceof Uint8Array) {
    yield Buffer.from(`M 100644 inline ${name}\n`);
    yield* describeData(Buffer.from(file));
  } else if (file.kind === "submodule") {
    yield Buffer.from(`M 160000 ${file.commit} ${name}\n`);
  } else {
    yield Buffer.from(`M ${file.kind === "symlink" ? "120000" : "100755"} inline ${name}\n`);
    yield* describeData(Buffer.from(file.kind === "symlink" ? file.target : file.content));
  }
}

function* describeData(content: Buffer): Generator<Buffer> {
  yield Buffer.from(`data ${content.length}\n`);
  yield content;
  yield Buffer.from("\n");
}

function quotePath(path: string): string {
  return `"${path.replace(/[\\"]/gu, "\\$&").replaceAll("\n", "\\n")}"`;
}
