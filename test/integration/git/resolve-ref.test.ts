import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { openRepository, type Repository } from "../../../src/git/index.ts";
import { createRepository } from "../../fakes/git-repository.ts";

async function open(t: TestContext, directory: string): Promise<Repository> {
  const repository = await openRepository(directory);
  t.after(() => repository.close());
  return repository;
}

const THREE = [{ a: "1" }, { a: "2" }, { a: "3" }];

test("branches, tags, ids, trees and revisions resolve, loose and packed", async (t) => {
  const fake = await createRepository(t, { branches: { main: THREE, "feature/checkout": { a: "4" } } });
  await fake.git(["tag", "-a", "-m", "one", "v1.0", "main~1"]);
  const ids = (await fake.git(["rev-list", "main"])).split("\n");
  const [newest = "", middle = ""] = ids;
  const tree = await fake.git(["rev-parse", "main^{tree}"]);
  for (const pack of [false, true]) {
    if (pack) await fake.git(["pack-refs", "--all"]);
    const repository = await open(t, fake.directory);
    for (const ref of [
      "main",
      "refs/heads/main",
      "HEAD",
      "@",
      newest,
      newest.slice(0, 12),
      "main^0",
      "HEAD^{commit}",
    ]) {
      assert.deepEqual(await repository.resolveRef(ref), { ref, commit: newest, tree }, ref);
    }
    for (const ref of ["v1.0", "v1.0^{}", "HEAD~1", "main^", `${newest}~`]) {
      assert.equal((await repository.resolveRef(ref)).commit, middle, ref);
    }
    assert.deepEqual(await repository.resolveRef(tree), { ref: tree, commit: undefined, tree });
    assert.deepEqual(await repository.resolveRef("main^{tree}"), { ref: "main^{tree}", commit: undefined, tree });
    assert.notEqual((await repository.resolveRef("feature/checkout")).commit, newest);
  }
});

test("a ref that moves while the repository is open is seen where it is now", async (t) => {
  const fake = await createRepository(t, { branches: { main: { a: "1" } } });
  const repository = await open(t, fake.directory);
  await repository.resolveRef("main");
  const moved = await fake.commit({ a: "2" });
  assert.equal((await repository.resolveRef("main")).commit, moved);
});

test("T35: a branch wins over a tag of its name; HEAD and full ids are always themselves", async (t) => {
  const fake = await createRepository(t, { branches: { main: THREE } });
  const [newest = "", middle = "", oldest = ""] = (await fake.git(["rev-list", "main"])).split("\n");
  await fake.git(["tag", "main", oldest]);
  await fake.git(["update-ref", "refs/heads/HEAD", oldest]);
  await fake.git(["update-ref", `refs/heads/${middle}`, oldest]);
  await fake.git(["update-ref", "refs/heads/origin/x", middle]);
  await fake.git(["update-ref", "refs/remotes/origin/x", oldest]);
  const repository = await open(t, fake.directory);
  const commitOf = async (ref: string): Promise<string | undefined> => (await repository.resolveRef(ref)).commit;
  assert.equal(await commitOf("main"), newest);
  assert.equal(await commitOf("main~1"), middle);
  assert.equal(await commitOf("refs/tags/main"), oldest);
  assert.equal(await commitOf("HEAD"), newest);
  assert.equal(await commitOf(middle), middle);
  assert.equal(await commitOf("origin/x"), middle);
});

test("T17: what cannot be a ref is refused before git sees it", async (t) => {
  const fake = await createRepository(t, { branches: { main: { a: "1" } } });
  const repository = await open(t, fake.directory);
  for (const ref of ["", "-x", "--output=/tmp/x", "main\nflush", "a\0b", "x".repeat(5000)]) {
    await assert.rejects(repository.resolveRef(ref), { name: "UsageError", message: /is no branch, tag or commit/u });
  }
  for (const ref of ["main..x", "main;touch x", "$(touch x)", "main x", "^main", ":0:a", "__proto__"]) {
    await assert.rejects(repository.resolveRef(ref), { name: "UsageError" }, ref);
  }
});

test("an unknown ref names a near one, and one that goes too far back says so", async (t) => {
  const fake = await createRepository(t, { branches: { main: { a: "1" }, "feature/checkout": { a: "2" } } });
  await fake.git(["update-ref", "refs/remotes/origin/develop", "main"]);
  const repository = await open(t, fake.directory);
  const rejects = async (ref: string, message: RegExp): Promise<void> =>
    await assert.rejects(repository.resolveRef(ref), { name: "UsageError", message });
  await rejects("maim", /did you mean "main"\?/u);
  await rejects("feature/chekout", /did you mean "feature\/checkout"\?/u);
  await rejects("origin/devlop", /did you mean "origin\/develop"\?/u);
  await rejects("something-else-entirely", /is called "something-else-entirely"\.$/u);
  await rejects("main~7", /further than the history of "main"/u);
  await rejects("ab".repeat(20), /is not in the repository/u);
  await rejects("main:a", /is a blob/u);
});

test("the default base is origin's default branch, else the local one, else what origin has", async (t) => {
  const fake = await createRepository(t, { branches: { work: THREE } });
  const repository = await open(t, fake.directory);
  await assert.rejects(repository.defaultBase(), { name: "UsageError", message: /--base/u });
  const expectBase = async (ref: string): Promise<void> => assert.equal((await repository.defaultBase()).ref, ref);
  await fake.git(["update-ref", "refs/remotes/origin/main", "work~2"]);
  await expectBase("origin/main");
  await fake.git(["update-ref", "refs/heads/master", "work~1"]);
  await expectBase("master");
  await fake.git(["update-ref", "refs/heads/main", "work~1"]);
  await expectBase("main");
  await fake.git(["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone"]);
  await expectBase("main");
  await fake.git(["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
  const base = await repository.defaultBase();
  assert.deepEqual([base.ref, base.commit], ["origin/HEAD", await fake.git(["rev-parse", "work~2"])]);
});

test("a checked-out branch without a commit says so", async (t) => {
  const fake = await createRepository(t, { branches: { main: THREE } });
  await fake.git(["symbolic-ref", "HEAD", "refs/heads/fresh"]);
  const repository = await open(t, fake.directory);
  const refusal = { name: "UsageError", message: /checked out has no commit yet; name another/u };
  for (const ref of ["HEAD", "@", "HEAD~1"]) await assert.rejects(repository.resolveRef(ref), refusal, ref);
});

test("the head is the branch that is checked out, or HEAD", async (t) => {
  const fake = await createRepository(t, { branches: { main: THREE, "feature/x": { a: "4" } } });
  const headOf = async (): Promise<string> => await (await open(t, fake.directory)).headRef();
  assert.equal(await headOf(), "main");
  await fake.checkout("feature/x");
  assert.equal(await headOf(), "feature/x");
  await fake.checkout("main~1");
  assert.equal(await headOf(), "HEAD");
});
