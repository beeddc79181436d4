import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { openRepository, type Repository } from "../../../src/git/index.ts";
import type { TraceFact, Tree, TreeFile } from "../../../src/model/index.ts";
import { createRepository, type FakeFiles } from "../../fakes/git-repository.ts";

async function open(t: TestContext, directory: string): Promise<Repository> {
  const repository = await openRepository(directory);
  t.after(() => repository.close());
  return repository;
}

async function openFiles(t: TestContext, files: FakeFiles, objectFormat: "sha1" | "sha256" = "sha1"): Promise<Tree> {
  const { directory } = await createRepository(t, { branches: { main: files }, objectFormat });
  const repository = await open(t, directory);
  return repository.openTree((await repository.resolveRef("main")).tree);
}

async function readText(tree: Tree, path: string): Promise<string> {
  const found = await tree.resolve(path);
  if (found.kind !== "file") return found.kind;
  const [bytes] = await tree.readBlobs([found.id]);
  return Buffer.from(bytes ?? []).toString("utf8");
}

async function listFiles(tree: Tree, path?: string, skip?: (directory: string) => boolean): Promise<TreeFile[]> {
  const files: TreeFile[] = [];
  for await (const file of tree.walk(path, skip)) files.push(file);
  return files;
}

async function traceOf(tree: Tree, path: string): Promise<string[]> {
  const facts: TraceFact[] = [];
  await tree.resolve(path, (fact) => facts.push(fact));
  return facts.map((fact) => `${fact.kind} ${fact.path}`);
}

test("files, directories and what is absent", async (t) => {
  const tree = await openFiles(t, { "a/b/c.yaml": "c: 1\n", "d.yaml": "", "run.sh": { executable: "#!/bin/sh\n" } });
  assert.equal(await readText(tree, "a/b/c.yaml"), "c: 1\n");
  assert.equal(await readText(tree, "./a//b/../b/c.yaml"), "c: 1\n");
  assert.equal(await readText(tree, "d.yaml"), "");
  assert.equal(await readText(tree, "run.sh"), "#!/bin/sh\n");
  const root = await tree.resolve("");
  assert.deepEqual(root.kind === "directory" && root.entries.map(({ name, kind }) => `${name} ${kind}`), [
    "a directory",
    "d.yaml file",
    "run.sh file",
  ]);
  for (const path of ["x", "a/x/y", "d.yaml/x", "A/b/c.yaml", "a/b/c.yaml\0", "a/\ud800", "a".repeat(5000)]) {
    assert.equal((await tree.resolve(path)).kind, "absent", path.slice(0, 20));
  }
  for (const path of ["..", "a/../..", "/etc/passwd"])
    assert.equal((await tree.resolve(path)).kind, "broken-link", path);
});

test("T40: links are followed inside the tree only", async (t) => {
  const tree = await openFiles(t, {
    "base/app.yaml": "app: 1\n",
    "base/deep/inner.yaml": "inner: 1\n",
    "overlay/file": { symlink: "../base/app.yaml" },
    "overlay/directory": { symlink: "../base" },
    "overlay/chain": { symlink: "directory/deep" },
    "overlay/up": { symlink: "chain/../app.yaml" },
    "loop/a": { symlink: "b" },
    "loop/b": { symlink: "a" },
    "loop/self": { symlink: "self/x" },
    "out/relative": { symlink: "../../etc/passwd" },
    "out/absolute": { symlink: "/etc/passwd" },
    "out/dangling": { symlink: "nowhere" },
    "out/long": { symlink: "x/".repeat(5000) },
  });
  assert.equal(await readText(tree, "overlay/file"), "app: 1\n");
  assert.equal(await readText(tree, "overlay/directory/app.yaml"), "app: 1\n");
  assert.equal(await readText(tree, "overlay/chain/inner.yaml"), "inner: 1\n");
  assert.equal(await readText(tree, "overlay/up"), "app: 1\n", "`..` after a link is the parent of what it points to");
  assert.equal(await readText(tree, "loop/a"), "broken-link");
  assert.equal(await readText(tree, "loop/self"), "broken-link");
  assert.equal(await readText(tree, "out/dangling"), "absent");
  assert.equal(await readText(tree, "out/long"), "broken-link");
  assert.deepEqual(await tree.resolve("out/relative"), {
    kind: "broken-link",
    path: "out/relative",
    target: "../../etc/passwd",
  });
  assert.deepEqual(await tree.resolve("out/absolute/x"), {
    kind: "broken-link",
    path: "out/absolute",
    target: "/etc/passwd",
  });
  const resolved = await tree.resolve("overlay/chain");
  assert.equal(resolved.kind === "directory" && resolved.path, "base/deep");
  assert.deepEqual(await traceOf(tree, "overlay/chain/inner.yaml"), [
    "entry overlay/chain",
    "entry overlay/directory",
    "entry base/deep/inner.yaml",
  ]);
});

test("a chain of 40 links is followed, one of 41 is not", async (t) => {
  const links = Object.fromEntries(
    Array.from({ length: 41 }, (_, index) => [`l${index + 1}`, { symlink: `l${index}` }]),
  );
  const tree = await openFiles(t, { l0: "end\n", ...links });
  assert.equal(await readText(tree, "l40"), "end\n");
  assert.equal(await readText(tree, "l41"), "broken-link");
});

test("T40: a submodule is told as one, for paths below it too", async (t) => {
  const commit = "1234567890".repeat(4);
  const tree = await openFiles(t, { "vendor/lib": { submodule: commit }, link: { symlink: "vendor/lib/x" } });
  const expected = { kind: "submodule", path: "vendor/lib", id: commit };
  assert.deepEqual(await tree.resolve("vendor/lib"), expected);
  assert.deepEqual(await tree.resolve("vendor/lib/charts/web"), expected);
  assert.deepEqual(await tree.resolve("link"), expected);
});

test("T17: odd names are names", async (t) => {
  const names = [
    "__proto__",
    "constructor",
    'quo"te',
    "line\nfeed",
    "back\\slash",
    " space ",
    "-dash",
    "é",
    "e\u0301",
    "\u{1f6a2}",
  ];
  const tree = await openFiles(t, new Map(names.map((name) => [`d/${name}`, `this is ${name}`])));
  for (const name of names) assert.equal(await readText(tree, `d/${name}`), `this is ${name}`);
  assert.equal(await readText(tree, "d/toString"), "absent");
  const walked = (await listFiles(tree)).map(({ path }) => path);
  assert.deepEqual([...walked].sort(), names.map((name) => `d/${name}`).sort());
});

test("names that are not UTF-8 neither collide nor are found", async (t) => {
  const fake = await createRepository(t, { branches: { main: { "a.yaml": "a: 1\n" } } });
  const blob = await fake.git(["hash-object", "-w", "--stdin"], "odd\n");
  const lines = ["\xff", "\xfe", "\xef\xbf\xbd"].map((name) => `100644 blob ${blob}\tcaf${name}\0`).join("");
  const id = await fake.git(["mktree", "-z"], Buffer.from(lines, "latin1"));
  const repository = await open(t, fake.directory);
  const tree = repository.openTree(id);
  const files = await listFiles(tree);
  assert.equal(new Set(files.map(({ path }) => path)).size, 3);
  const kinds = await Promise.all(files.map(async ({ path }) => (await tree.resolve(path)).kind));
  assert.deepEqual(kinds.sort(), ["absent", "absent", "file"]);
  const changes = await repository.diffTrees((await repository.resolveRef("main")).tree, id);
  assert.deepEqual(
    changes.map(({ path, action }) => `${action} ${path}`).sort(),
    ["removed a.yaml", ...files.map(({ path }) => `added ${path}`)].sort(),
  );
});

test("T23: a case-only rename is one path gone and one new", async (t) => {
  const { directory } = await createRepository(t, {
    branches: { main: { "App.yaml": "a: 1\n" }, change: { "app.yaml": "a: 1\n" } },
  });
  const repository = await open(t, directory);
  const [main, change] = [await repository.resolveRef("main"), await repository.resolveRef("change")];
  assert.deepEqual(await repository.diffTrees(main.tree, change.tree), [
    { path: "App.yaml", action: "removed" },
    { path: "app.yaml", action: "added" },
  ]);
  assert.equal(await readText(repository.openTree(change.tree), "App.yaml"), "absent");
});

test("T23: changes of kind are told as such", async (t) => {
  const commit = "1234567890".repeat(4);
  const { directory } = await createRepository(t, {
    branches: {
      main: { a: "b", "d/x": "1", m: "1", same: "1" },
      change: { a: { symlink: "b" }, d: "now a file", m: { submodule: commit }, same: "1" },
    },
  });
  const repository = await open(t, directory);
  const [main, change] = [await repository.resolveRef("main"), await repository.resolveRef("change")];
  assert.deepEqual(await repository.diffTrees(main.tree, change.tree), [
    { path: "a", action: "retyped" },
    { path: "d", action: "added" },
    { path: "d/x", action: "removed" },
    { path: "m", action: "retyped" },
  ]);
  assert.deepEqual(await repository.diffTrees(main.tree, main.tree), []);
});

test("walking goes depth first in git's order and stays out of skipped directories", async (t) => {
  const tree = await openFiles(t, {
    "a.yaml": "1",
    "a/x.yaml": "1",
    "a/sub/y.yaml": "1",
    "node_modules/z.yaml": "1",
    link: { symlink: "a" },
  });
  const walk = async (path?: string): Promise<string[]> =>
    (await listFiles(tree, path, (directory) => directory === "node_modules")).map(
      (file) => `${file.kind} ${file.path}`,
    );
  assert.deepEqual(await walk(), ["file a.yaml", "file a/sub/y.yaml", "file a/x.yaml", "symlink link"]);
  assert.deepEqual(await walk("a"), ["file a/sub/y.yaml", "file a/x.yaml"]);
  assert.deepEqual(await walk("link"), []);
  assert.deepEqual(await walk("absent"), []);
});

test("a repository with SHA-256 ids reads, merges and compares alike", async (t) => {
  const fake = await createRepository(t, {
    objectFormat: "sha256",
    branches: { main: { "a.yaml": "a: 1\n", link: { symlink: "a.yaml" } } },
  });
  const base = await fake.change({ "b.yaml": "b: 1\n" });
  const head = await fake.change({ "c.yaml": "c: 1\n" }, { branch: "change", parents: ["main~1"] });
  await fake.checkout("main");
  const repository = await open(t, fake.directory);
  const merged = await repository.mergeTrees(base, head);
  const tree = repository.openTree(merged.kind === "merged" ? merged.tree : "");
  assert.equal(tree.id.length, 64);
  assert.equal(await readText(tree, "link"), "a: 1\n");
  assert.equal(await readText(tree, "c.yaml"), "c: 1\n");
  assert.equal(await repository.worktreeTree(), (await repository.resolveRef("main")).tree);
});

test("readers share one process: many requests at once, missing ones among them", async (t) => {
  const files = Object.fromEntries(
    Array.from({ length: 3000 }, (_, index) => [`d${index % 50}/f${index}`, `text ${index}`]),
  );
  const fake = await createRepository(t, { branches: { main: files } });
  const repository = await open(t, fake.directory);
  const tree = repository.openTree((await repository.resolveRef("main")).tree);
  const all = await listFiles(tree);
  const missing = assert.rejects(tree.readBlobs(["ab".repeat(20)]), { name: "Fault", message: /lacks blob abab/u });
  const blobs = await tree.readBlobs(all.map(({ id }) => id));
  await missing;
  const texts = blobs.map((bytes) => Buffer.from(bytes).toString("utf8"));
  assert.deepEqual([...texts].sort(), Object.values(files).sort());
  assert.equal(texts[0], files[all[0]?.path ?? ""]);
  await assert.rejects(tree.readBlobs(["HEAD\nflush"]), /is no object id/u);
});

test("requests under way are served when the reader closes, later ones fail", async (t) => {
  const fake = await createRepository(t, { branches: { main: { "a.yaml": "a: 1\n" } } });
  const repository = await openRepository(fake.directory);
  const { tree } = await repository.resolveRef("main");
  const pending = repository.objects.readTree(tree);
  await repository.close();
  assert.equal((await pending).entries.length, 1);
  await assert.rejects(repository.objects.readCommit("ab".repeat(20)), { name: "Fault", message: /closed/u });
});
