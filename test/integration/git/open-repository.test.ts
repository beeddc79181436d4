import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { Worker } from "node:worker_threads";
import { openRepository, openScratch, type Repository } from "../../../src/git/index.ts";
import { createRepository, type FakeRepository } from "../../fakes/git-repository.ts";

async function open(t: TestContext, directory: string): Promise<Repository> {
  const repository = await openRepository(directory);
  t.after(() => repository.close());
  return repository;
}

/** A clone next to nothing: git's own way of making shallow and partial ones needs a URL. */
async function clone(t: TestContext, source: FakeRepository, ...options: string[]): Promise<FakeRepository> {
  const target = await createRepository(t, { isBare: true });
  rmSync(target.directory, { recursive: true });
  await source.git(["config", "uploadpack.allowFilter", "true"]);
  await source.git(["clone", "--quiet", ...options, pathToFileURL(source.directory).href, target.directory]);
  return target;
}

async function readFile(repository: Repository, ref: string, path: string): Promise<string> {
  const tree = repository.openTree((await repository.resolveRef(ref)).tree);
  const found = await tree.resolve(path);
  const [bytes] = await tree.readBlobs(found.kind === "file" ? [found.id] : []);
  return Buffer.from(bytes ?? []).toString("utf8");
}

const MODULE = new URL("../../../src/git/index.ts", import.meta.url).href;
const HISTORY = [{ "d/a.yaml": "1" }, { "d/a.yaml": "2" }, { "d/a.yaml": "3" }];

test("a directory of the work tree, a link to it, a bare clone and a git directory all lead to the repository", async (t) => {
  const fake = await createRepository(t, { branches: { main: HISTORY } });
  await fake.checkout("main");
  const bare = await clone(t, fake, "--bare");
  const link = `${bare.directory}-link`;
  symlinkSync(fake.directory, link);
  t.after(() => rmSync(link));
  for (const directory of [
    fake.directory,
    join(fake.directory, "d"),
    join(fake.directory, ".git"),
    link,
    bare.directory,
  ]) {
    assert.equal(await readFile(await open(t, directory), "HEAD", "d/a.yaml"), "3", directory);
  }
});

test("a linked work tree has its own HEAD and files, and the repository's name", async (t) => {
  const fake = await createRepository(t, { branches: { main: HISTORY, change: { "d/a.yaml": "4" } } });
  const linked = join(fake.directory, "linked");
  await fake.git(["worktree", "add", "--quiet", linked, "change"]);
  writeFileSync(join(linked, "d/a.yaml"), "5");
  const repository = await open(t, linked);
  assert.equal(await repository.headRef(), "change");
  assert.equal(await readFile(repository, "HEAD", "d/a.yaml"), "4");
  assert.equal(await readFile(repository, "main", "d/a.yaml"), "3");
  assert.equal(repository.name, basename(fake.directory));
  const tree = await repository.worktreeTree();
  assert.equal(await readFile(repository, tree, "d/a.yaml"), "5");
});

test("a submodule's directory is a repository of its own", async (t) => {
  const inner = await createRepository(t, { branches: { main: HISTORY } });
  const outer = await createRepository(t, { branches: { main: { a: "1" } } });
  await outer.checkout("main");
  await outer.git(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.directory, "sub"]);
  const repository = await open(t, join(outer.directory, "sub"));
  assert.equal(await readFile(repository, "HEAD", "d/a.yaml"), "3");
  assert.equal(await repository.worktreeTree(), (await repository.resolveRef("HEAD")).tree);
});

test("a chain of alternates is followed, relative and absolute", async (t) => {
  const first = await createRepository(t, { isBare: true, branches: { main: [{ a: "one" }] } });
  const second = await createRepository(t, { isBare: true });
  const third = await createRepository(t, { isBare: true });
  writeFileSync(join(second.directory, "objects/info/alternates"), `../../${basename(first.directory)}/objects\n`);
  writeFileSync(join(third.directory, "objects/info/alternates"), `# comment\n${second.directory}/objects\n/gone\n`);
  writeFileSync(join(first.directory, "objects/info/alternates"), `${third.directory}/objects\n`); // a circle
  await third.git(["update-ref", "refs/heads/main", await first.git(["rev-parse", "main"])]);
  assert.equal(await readFile(await open(t, third.directory), "main", "a"), "one");
});

test("a repository whose path has odd characters is opened", async (t) => {
  const fake = await createRepository(t, { branches: { main: HISTORY } });
  const odd = `${fake.directory}-"odd"\n#name \\n:x`;
  renameSync(fake.directory, odd);
  t.after(() => rmSync(odd, { recursive: true }));
  assert.equal(await readFile(await open(t, odd), "main", "d/a.yaml"), "3");
});

test("a repository of another user is opened", { skip: process.getuid?.() !== 0 }, async (t) => {
  const fake = await createRepository(t, { branches: { main: HISTORY } });
  await fake.checkout("main");
  for (const path of [".", ".git", ".git/config", "d"]) chownSync(join(fake.directory, path), 65534, 65534);
  await assert.rejects(fake.git(["status"]), /dubious ownership/u);
  const repository = await open(t, fake.directory);
  assert.equal(await readFile(repository, "main", "d/a.yaml"), "3");
  assert.equal(await repository.worktreeTree(), (await repository.resolveRef("main")).tree);
});

test("a shallow clone reads what it has and says how to get the rest", async (t) => {
  const fake = await createRepository(t, { branches: { main: HISTORY } });
  await fake.branch("change", "main~2");
  await fake.change({ "d/b.yaml": "1" }, { branch: "change" });
  const shallow = await clone(t, fake, "--bare", "--depth=1", "--no-single-branch");
  const repository = await open(t, shallow.directory);
  assert.equal(repository.isShallow, true);
  assert.equal(await readFile(repository, "main", "d/a.yaml"), "3");
  const missing = { name: "UsageError", message: /shallow clone.*git fetch --unshallow/u };
  await assert.rejects(repository.resolveRef("main~1"), missing);
  await assert.rejects(repository.resolveRef(await fake.git(["rev-parse", "main~1"])), missing);
  const [base, head] = [await repository.resolveRef("main"), await repository.resolveRef("change")];
  await assert.rejects(repository.mergeTrees(base.commit ?? "", head.commit ?? ""), missing);

  await shallow.git(["fetch", "--quiet", "--unshallow"]);
  const whole = await open(t, shallow.directory);
  assert.equal(whole.isShallow, false);
  assert.equal((await whole.mergeTrees(base.commit ?? "", head.commit ?? "")).kind, "merged");
});

test("a partial clone fetches nothing by itself and says how to get the rest", async (t) => {
  const lines = "1\n2\n3\n4\n5\n6\n7\n8\n";
  const fake = await createRepository(t, { branches: { main: { "a.yaml": lines } } });
  await fake.branch("change");
  await fake.change({ "a.yaml": `0\n${lines}` });
  await fake.change({ "a.yaml": `${lines}9\n` }, { branch: "change" });
  const partial = await clone(t, fake, "--mirror", "--filter=blob:none");
  const repository = await open(t, partial.directory);
  const before = await partial.git(["count-objects", "-v"]);
  const missing = { name: "UsageError", message: /partial clone|Objects needed to merge/u };
  await assert.rejects(readFile(repository, "main", "a.yaml"), missing);
  const [base, head] = [await repository.resolveRef("main"), await repository.resolveRef("change")];
  await assert.rejects(repository.mergeTrees(base.commit ?? "", head.commit ?? ""), missing);
  assert.deepEqual(await repository.diffTrees(base.tree, head.tree), [{ path: "a.yaml", action: "modified" }]);
  assert.equal(await partial.git(["count-objects", "-v"]), before);

  await partial.git(["fetch", "--quiet", "--refetch", "--no-filter"]);
  const whole = await open(t, partial.directory);
  assert.equal(await readFile(whole, "main", "a.yaml"), `0\n${lines}`);
  assert.equal((await whole.mergeTrees(base.commit ?? "", head.commit ?? "")).kind, "merged");
});

test("the name is that of the remote, without credentials, else of the directory", async (t) => {
  const fake = await createRepository(t, { branches: { main: HISTORY } });
  assert.equal((await open(t, fake.directory)).name, basename(fake.directory));
  await fake.git(["config", "remote.upstream.url", "git@github.com:acme/upstream.git"]);
  assert.equal((await open(t, fake.directory)).name, "acme/upstream");
  await fake.git(["config", "remote.origin.url", "https://user:secret@github.com/acme/config.git"]);
  assert.equal((await open(t, fake.directory)).name, "acme/config");
});

test("another thread reads the same objects, those of a merge included", async (t) => {
  const fake = await createRepository(t, { branches: { main: HISTORY } });
  await fake.branch("change", "main~1");
  const head = await fake.change({ "new.yaml": "new" }, { branch: "change" });
  const repository = await open(t, fake.directory);
  const { commit = "" } = await repository.resolveRef("main");
  const merged = await repository.mergeTrees(commit, head);
  const script = `const { openObjects, createTree } = await import(${JSON.stringify(MODULE)});
    const { parentPort, workerData } = await import("node:worker_threads");
    const objects = openObjects(workerData.scratch);
    const tree = createTree(objects, workerData.tree);
    parentPort.postMessage([(await tree.resolve("new.yaml")).kind, (await tree.resolve("d/a.yaml")).kind]);
    await objects.close();`;
  const workerData = { scratch: repository.scratchDirectory, tree: merged.kind === "merged" ? merged.tree : "" };
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`), { workerData });
  const exit = once(worker, "exit");
  assert.deepEqual(await once(worker, "message"), [["file", "file"]]);
  assert.deepEqual(await exit, [0], "nothing keeps the thread alive after closing");
});

test("what is no repository is refused in one sentence", async (t) => {
  const empty = mkdtempSync(join(tmpdir(), "drydock-empty-"));
  t.after(() => rmSync(empty, { recursive: true }));
  await assert.rejects(openRepository(empty), { name: "UsageError", message: /is not inside a git repository/u });
  await assert.rejects(openRepository(join(empty, "gone")), { name: "UsageError", message: /does not exist/u });
  writeFileSync(join(empty, ".git"), "gitdir: nowhere\n");
  await assert.rejects(openRepository(empty), { name: "UsageError", message: /points to "nowhere"/u });
  await assert.rejects(openRepository(join(empty, ".git")), { name: "UsageError", message: /not a directory/u });
});

test("no git, or one too old, is told in one sentence", async (t) => {
  const fake = await createRepository(t, { branches: { main: HISTORY } });
  const programs = join(fake.directory, "programs");
  mkdirSync(programs);
  const path = process.env["PATH"];
  process.env["PATH"] = programs;
  t.after(() => (process.env["PATH"] = path));
  await assert.rejects(openRepository(fake.directory), {
    name: "UsageError",
    message: /no git was found on the PATH/u,
  });
  writeFileSync(join(programs, "git"), "#!/bin/sh\necho git version 2.30.2\n", { mode: 0o755 });
  await assert.rejects(openRepository(fake.directory), {
    name: "UsageError",
    message: /2\.38 or newer; found "git version 2\.30\.2"/u,
  });
});

test("a process without git ends at once", async (t) => {
  const fake = await createRepository(t, { branches: { main: HISTORY } });
  const script = `const { openRepository } = await import(${JSON.stringify(MODULE)});
    await openRepository(${JSON.stringify(fake.directory)}).catch((error) => console.log(error.name));`;
  const options = { env: { PATH: fake.directory }, encoding: "utf8", timeout: 20_000 } as const;
  assert.equal(execFileSync(process.execPath, ["--input-type=module", "--eval", script], options), "UsageError\n");
});

test("the scratch directory is gone after closing, and after the process", async (t) => {
  const fake = await createRepository(t, { branches: { main: HISTORY } });
  const parent = mkdtempSync(join(tmpdir(), "drydock-parent-"));
  t.after(() => rmSync(parent, { recursive: true }));
  const scratch = await openScratch(fake.directory, { parent });
  assert.equal(existsSync(join(scratch.directory, "objects")), true);
  scratch.close();
  scratch.close();
  assert.deepEqual(readdirSync(parent), []);
  const script = `const { openScratch } = await import(${JSON.stringify(MODULE)});
    await openScratch(${JSON.stringify(fake.directory)}, { parent: ${JSON.stringify(parent)} });
    throw new Error("the end");`;
  assert.throws(
    () => execFileSync(process.execPath, ["--input-type=module", "--eval", script], { stdio: "pipe" }),
    /the end/u,
  );
  assert.deepEqual(readdirSync(parent), []);
  assert.equal(
    await fake.git(["rev-parse", "--verify", "main"]),
    await fake.git(["rev-parse", "HEAD"]),
    "refs are still there",
  );
});
