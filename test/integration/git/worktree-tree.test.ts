import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openRepository } from "../../../src/git/index.ts";
import { createRepository, type FakeFiles, type FakeRepository } from "../../fakes/git-repository.ts";

async function checkedOut(t: TestContext, files: FakeFiles): Promise<FakeRepository> {
  const fake = await createRepository(t, { branches: { main: files } });
  await fake.checkout("main");
  return fake;
}

/** The work tree as lines `<mode> <path>: <content>`; the content of a submodule is its id. */
async function takeWorktree(t: TestContext, directory: string): Promise<string[]> {
  const repository = await openRepository(directory);
  t.after(() => repository.close());
  const id = await repository.worktreeTree();
  const env = { PATH: process.env["PATH"], GIT_DIR: repository.scratchDirectory };
  const git = (...args: string[]): string => execFileSync("git", args, { env, encoding: "utf8" });
  return git("ls-tree", "-r", "-z", id)
    .split("\0")
    .filter((line) => line !== "")
    .map((line) => {
      const [, mode = "", type = "", blob = "", path = ""] = /^(\d+) (\w+) (\w+)\t(.*)$/su.exec(line) ?? [];
      return `${mode} ${path}: ${type === "blob" ? git("cat-file", "blob", blob) : blob}`;
    });
}

test("an untouched work tree is the commit's tree", async (t) => {
  const { directory } = await checkedOut(t, { a: "1", "d/b": "2", link: { symlink: "a" }, run: { executable: "x" } });
  const repository = await openRepository(directory);
  t.after(() => repository.close());
  assert.equal(await repository.worktreeTree(), (await repository.resolveRef("HEAD")).tree);
});

test("edits, deletions, new files, links and modes are taken; ignored files are not", async (t) => {
  const { directory } = await checkedOut(t, {
    ".gitignore": "*.log\n",
    "keep.yaml": "keep",
    "edit.yaml": "old!",
    "gone.yaml": "gone",
    "mode.sh": "run",
    "turn/inner": "was a directory",
    flat: "was a file",
    link: { symlink: "keep.yaml" },
  });
  const at = (path: string): string => join(directory, path);
  writeFileSync(at("edit.yaml"), "new!"); // as long as before, within the same second
  unlinkSync(at("gone.yaml"));
  chmodSync(at("mode.sh"), 0o755);
  rmSync(at("turn"), { recursive: true });
  writeFileSync(at("turn"), "now a file");
  unlinkSync(at("flat"));
  mkdirSync(at("flat"));
  writeFileSync(at("flat/inner"), "now a directory");
  unlinkSync(at("link"));
  symlinkSync("edit.yaml", at("link"));
  writeFileSync(at("new.yaml"), "new");
  writeFileSync(at("noise.log"), "ignored");
  assert.deepEqual(await takeWorktree(t, directory), [
    "100644 .gitignore: *.log\n",
    "100644 edit.yaml: new!",
    "100644 flat/inner: now a directory",
    "100644 keep.yaml: keep",
    "120000 link: edit.yaml",
    "100755 mode.sh: run",
    "100644 new.yaml: new",
    "100644 turn: now a file",
  ]);
});

test("staged, unstaged and intended additions count as they are on disk", async (t) => {
  const fake = await checkedOut(t, { a: "1", b: "1" });
  writeFileSync(join(fake.directory, "a"), "staged");
  await fake.git(["add", "a"]);
  writeFileSync(join(fake.directory, "a"), "on disk");
  writeFileSync(join(fake.directory, "c"), "intended");
  await fake.git(["add", "--intent-to-add", "c"]);
  await fake.git(["rm", "--quiet", "--cached", "b"]);
  assert.deepEqual(await takeWorktree(t, fake.directory), ["100644 a: on disk", "100644 b: 1", "100644 c: intended"]);
});

test("bytes are taken as they are: no line endings changed, no identity expanded", async (t) => {
  const fake = await checkedOut(t, { ".gitattributes": "* text=auto eol=crlf ident\n", a: "one\n$Id$\n" });
  await fake.git(["config", "core.autocrlf", "true"]);
  writeFileSync(join(fake.directory, "a"), "two\r\n$Id$\r\n");
  assert.deepEqual((await takeWorktree(t, fake.directory)).slice(1), ["100644 a: two\r\n$Id$\r\n"]);
});

test("an edit of the same length and time as the index is seen", async (t) => {
  const fake = await checkedOut(t, { a: "aaaa" });
  const file = join(fake.directory, "a");
  const now = Math.floor(Date.now() / 1000);
  utimesSync(file, now, now);
  await fake.git(["update-index", "--refresh"]).catch(() => "");
  utimesSync(join(fake.directory, ".git", "index"), now, now);
  writeFileSync(file, "bbbb");
  utimesSync(file, now, now);
  assert.deepEqual(await takeWorktree(t, fake.directory), ["100644 a: bbbb"]);
});

test("a conflicted file is taken as it lies on disk", async (t) => {
  const fake = await createRepository(t, { branches: { main: { a: "base\n" } } });
  await fake.branch("change");
  await fake.change({ a: "ours\n" });
  await fake.change({ a: "theirs\n" }, { branch: "change" });
  await fake.checkout("main");
  await fake.git(["merge", "--quiet", "change"]).catch(() => "");
  const [line = ""] = await takeWorktree(t, fake.directory);
  assert.match(line, /^100644 a: <<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> change\n$/u);
});

test("T40: a directory replaced by a link out of the work tree is a link, not what it leads to", async (t) => {
  const fake = await checkedOut(t, { "d/secret.yaml": "mine", z: "1" });
  const outside = await createRepository(t);
  writeFileSync(join(outside.directory, "secret.yaml"), "not mine");
  rmSync(join(fake.directory, "d"), { recursive: true });
  symlinkSync(outside.directory, join(fake.directory, "d"));
  assert.deepEqual(await takeWorktree(t, fake.directory), [`120000 d: ${outside.directory}`, "100644 z: 1"]);
});

test("a sparse checkout keeps what it does not show", async (t) => {
  const fake = await checkedOut(t, { "in/a": "1", "out/b": "2", c: "3" });
  for (const mode of ["--no-sparse-index", "--sparse-index"]) {
    await fake.git(["sparse-checkout", "set", "--cone", mode, "in"]);
    writeFileSync(join(fake.directory, "in/a"), "edited");
    assert.deepEqual(await takeWorktree(t, fake.directory), ["100644 c: 3", "100644 in/a: edited", "100644 out/b: 2"]);
  }
});

test("a split index is read without being touched", async (t) => {
  const fake = await checkedOut(t, { a: "1", b: "2" });
  await fake.git(["update-index", "--split-index"]);
  writeFileSync(join(fake.directory, "a"), "edited");
  assert.deepEqual(await takeWorktree(t, fake.directory), ["100644 a: edited", "100644 b: 2"]);
});

test("repositories inside the work tree and things that are no files are left out", async (t) => {
  const fake = await checkedOut(t, { a: "1" });
  await fake.git(["init", "--quiet", "inner"]);
  writeFileSync(join(fake.directory, "inner", "x"), "1");
  execFileSync("mkfifo", [join(fake.directory, "pipe")]);
  assert.deepEqual(await takeWorktree(t, fake.directory), ["100644 a: 1"]);
});

test("odd names are taken as they are, a file too large is refused by name", async (t) => {
  const fake = await checkedOut(t, { 'quo"te': "1" });
  writeFileSync(join(fake.directory, "line\nfeed"), "2");
  writeFileSync(Buffer.concat([Buffer.from(`${fake.directory}/`), Buffer.from([0x63, 0xff])]), "3");
  renameSync(join(fake.directory, 'quo"te'), join(fake.directory, " space "));
  const lines = await takeWorktree(t, fake.directory);
  assert.deepEqual([...lines].sort(), ["100644  space : 1", "100644 c\ufffd: 3", "100644 line\nfeed: 2"]);
  execFileSync("truncate", ["--size=101M", join(fake.directory, "dump.sql")]);
  await assert.rejects(takeWorktree(t, fake.directory), { name: "UsageError", message: /dump\.sql.*100 MiB/u });
});

test("a new repository without a commit or an index has a work tree too", async (t) => {
  const fake = await createRepository(t);
  writeFileSync(join(fake.directory, "a"), "1");
  assert.deepEqual(await takeWorktree(t, fake.directory), ["100644 a: 1"]);
});

test("the work tree can be taken twice and shows what changed between", async (t) => {
  const fake = await checkedOut(t, { a: "1" });
  const repository = await openRepository(fake.directory);
  t.after(() => repository.close());
  const first = await repository.worktreeTree();
  writeFileSync(join(fake.directory, "a"), "12");
  const second = await repository.worktreeTree();
  assert.deepEqual(await repository.diffTrees(first, second), [{ path: "a", action: "modified" }]);
});

test("a bare repository has no work tree", async (t) => {
  const fake = await createRepository(t, { isBare: true, branches: { main: { a: "1" } } });
  await assert.rejects(takeWorktree(t, fake.directory), { name: "UsageError", message: /bare/u });
});
