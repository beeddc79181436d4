import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { openRepository, type MergeResult } from "../../../src/git/index.ts";
import { createRepository, type FakeFile, type FakeRepository } from "../../fakes/git-repository.ts";

const LINES = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";

async function merge(t: TestContext, fake: FakeRepository, base: string, head: string): Promise<MergeResult> {
  const repository = await openRepository(fake.directory);
  t.after(() => repository.close());
  return await repository.mergeTrees(base, head);
}

/** Two branches from one commit, each with its own changes. */
async function fork(
  t: TestContext,
  files: Record<string, FakeFile>,
  ours: Record<string, FakeFile | undefined>,
  theirs: Record<string, FakeFile | undefined>,
): Promise<{ fake: FakeRepository; base: string; head: string }> {
  const fake = await createRepository(t, { branches: { main: files } });
  await fake.branch("change");
  const base = await fake.change(ours);
  const head = await fake.change(theirs, { branch: "change" });
  return { fake, base, head };
}

test("changes in different places merge, as plain git merges them", async (t) => {
  const { fake, base, head } = await fork(
    t,
    { "a.yaml": LINES },
    { "a.yaml": LINES.replace("one", "ONE") },
    { "a.yaml": LINES.replace("eight", "EIGHT"), "b.yaml": "b\n" },
  );
  const plain = await fake.git(["merge-tree", "--write-tree", base, head]);
  assert.deepEqual(await merge(t, fake, base, head), { kind: "merged", tree: plain });
});

test("a renamed directory merges, or does not, as with plain git", async (t) => {
  const { fake, base, head } = await fork(
    t,
    { "old/a.yaml": `a\n${LINES}`, "old/b.yaml": `b\n${LINES}` },
    { "old/a.yaml": undefined, "old/b.yaml": undefined, "new/a.yaml": `a\n${LINES}`, "new/b.yaml": `b\n${LINES}` },
    { "old/a.yaml": `a\n${LINES}nine\n` },
  );
  const plain = await fake.git(["merge-tree", "--write-tree", base, head]);
  assert.deepEqual(await merge(t, fake, base, head), { kind: "merged", tree: plain });
  assert.equal(await fake.git(["show", `${plain}:new/a.yaml`]), `a\n${LINES}nine`);

  const added = await fake.change({ "old/c.yaml": "c\n" }, { branch: "change" });
  await assert.rejects(fake.git(["merge-tree", "--write-tree", base, added]), /status 1/u);
  assert.deepEqual(await merge(t, fake, base, added), { kind: "conflict", paths: ["new/c.yaml"] });
});

test("a conflict names its paths, however odd", async (t) => {
  const odd = 'line\nfeed "quoted"';
  const { fake, base, head } = await fork(
    t,
    { [odd]: LINES, b: LINES, c: LINES },
    { [odd]: "ours\n", b: undefined, c: `${LINES}ours\n` },
    { [odd]: "theirs\n", b: "theirs\n" },
  );
  assert.deepEqual(await merge(t, fake, base, head), { kind: "conflict", paths: ["b", odd] });
});

test("attributes of the pull request do not choose how files merge", async (t) => {
  const attributes = "*.yaml merge=union\n";
  const { fake, base, head } = await fork(
    t,
    { "a.yaml": "same\n", ".gitattributes": attributes },
    { "a.yaml": "ours\n" },
    { "a.yaml": "theirs\n" },
  );
  assert.deepEqual(await merge(t, fake, base, head), { kind: "conflict", paths: ["a.yaml"] });
});

test("the user's own merge settings do not count", async (t) => {
  const { fake, base, head } = await fork(
    t,
    { "old/a.yaml": LINES },
    { "old/a.yaml": undefined, "new/a.yaml": LINES },
    { "old/a.yaml": `${LINES}nine\n` },
  );
  await fake.git(["config", "merge.renames", "false"]);
  assert.equal((await merge(t, fake, base, head)).kind, "merged");
});

test("a head that is ahead of or behind the base merges to the newer of the two", async (t) => {
  const fake = await createRepository(t, { branches: { main: [{ a: "1" }, { a: "2" }] } });
  const [older, newer] = [await fake.git(["rev-parse", "main~1"]), await fake.git(["rev-parse", "main"])];
  const tree = await fake.git(["rev-parse", "main^{tree}"]);
  assert.deepEqual(await merge(t, fake, older, newer), { kind: "merged", tree });
  assert.deepEqual(await merge(t, fake, newer, older), { kind: "merged", tree });
  assert.deepEqual(await merge(t, fake, newer, newer), { kind: "merged", tree });
});

test("histories without a common commit are refused with a way out", async (t) => {
  const fake = await createRepository(t, { branches: { main: { a: "1" } } });
  const base = await fake.git(["rev-parse", "main"]);
  const head = await fake.commit({ b: "1" }, { branch: "orphan", parents: [] });
  await assert.rejects(merge(t, fake, base, head), { name: "UsageError", message: /no common history.*--no-merge/u });
});

test("a merge writes to the scratch directory alone", async (t) => {
  const { fake, base, head } = await fork(t, { a: LINES }, { a: `${LINES}ours\n`, b: "b" }, { a: `theirs\n${LINES}` });
  const before = await fake.git(["count-objects", "-v"]);
  const result = await merge(t, fake, base, head);
  assert.equal(result.kind, "merged");
  assert.equal(await fake.git(["count-objects", "-v"]), before);
});
