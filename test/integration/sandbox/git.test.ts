import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  commitFiles,
  createRepository,
  diffCommits,
  findMergeBase,
  forkRepository,
  isAncestor,
  listCommits,
  listFiles,
  listRefs,
  mergeCommits,
  readCommit,
  readFileAt,
  readRef,
  rebaseCommits,
  squashCommits,
  writeRef,
  type FileChanges,
  type RepositoryStore,
} from "../../../src/sandbox/git/index.ts";

const AUTHOR = { name: "Ada", email: "ada@example.com" };
const DATE = "2026-01-02T03:04:05Z";

describe("repositories of the stand-in", () => {
  let store: RepositoryStore;
  let nextId = 1;
  before(async () => {
    store = { root: await mkdtemp(join(tmpdir(), "sandbox-git-")) };
  });
  after(async () => {
    await rm(store.root, { recursive: true, force: true });
  });
  const create = async () => await createRepository(store, (nextId += 1));
  const words = (message: string) => ({ message, author: AUTHOR, date: DATE });
  const commit = (files: FileChanges, message = "change") => ({ files, ...words(message) });

  it("makes the same commits from the same files and dates", async () => {
    const [one, other] = [await create(), await create()];
    const files = { "a.yaml": "a: 1\n", 'dir/ü "b".yaml': "b: 2\n" };
    const sha = await commitFiles(one, "main", commit(files));
    assert.equal(sha, await commitFiles(other, "main", commit(files)));
    assert.equal(await readRef(one, "refs/heads/main"), sha);
    assert.deepEqual([...(await listFiles(one, sha)).keys()], ["a.yaml", 'dir/ü "b".yaml']);
    assert.deepEqual(await readCommit(one, sha), {
      sha,
      tree: "9d703bed2b151e5fcc5df689019597d8896b58c0",
      parents: [],
      author: { ...AUTHOR, date: "2026-01-02T03:04:05.000Z" },
      committer: { ...AUTHOR, date: "2026-01-02T03:04:05.000Z" },
      message: "change",
    });
  });

  it("adds, removes and keeps files on top of a branch, and starts over without a parent", async () => {
    const repository = await create();
    const first = await commitFiles(
      repository,
      "main",
      commit({ "a.yaml": "a\n", "b/c.yaml": "c\n", "d.yaml": "d\n" }),
    );
    const second = await commitFiles(repository, "main", commit({ b: null, "a.yaml": "aa\n" }));
    assert.deepEqual((await readCommit(repository, second)).parents, [first]);
    assert.deepEqual([...(await listFiles(repository, second)).keys()], ["a.yaml", "d.yaml"]);
    assert.equal((await readFileAt(repository, second, "a.yaml"))?.toString(), "aa\n");
    assert.equal(await readFileAt(repository, second, "b/c.yaml"), undefined);
    const forced = await commitFiles(repository, "main", { ...commit({ "x.yaml": "x\n" }), parent: null });
    assert.deepEqual((await readCommit(repository, forced)).parents, []);
    assert.deepEqual([...(await listFiles(repository, forced)).keys()], ["x.yaml"]);
  });

  it("writes links, executables and submodules", async () => {
    const repository = await create();
    const sha = await commitFiles(
      repository,
      "main",
      commit({
        link: { kind: "symlink", target: "../../etc/passwd" },
        run: { kind: "executable", content: "#!/bin/sh\n" },
        module: { kind: "submodule", commit: "1".repeat(40) },
      }),
    );
    assert.equal((await readFileAt(repository, sha, "link"))?.toString(), "../../etc/passwd");
    assert.equal((await listFiles(repository, sha)).get("module"), "1".repeat(40));
  });

  it("merges in three ways, and tells a conflict", async () => {
    const repository = await create();
    const root = await commitFiles(repository, "main", commit({ "a.yaml": "1\n2\n3\n", "b.yaml": "b\n" }));
    await commitFiles(repository, "topic", { ...commit({ "a.yaml": "1\n2\n3\n4\n" }, "add four"), parent: root });
    const topic = await commitFiles(repository, "topic", commit({ "c.yaml": "c\n" }, "add c"));
    const main = await commitFiles(repository, "main", commit({ "a.yaml": "0\n1\n2\n3\n" }, "add zero"));
    assert.equal(await findMergeBase(repository, main, topic), root);

    const merged = await mergeCommits(repository, main, topic, words("Merge topic"));
    assert.ok(merged.kind === "merged");
    assert.deepEqual((await readCommit(repository, merged.sha)).parents, [main, topic]);
    const squashed = await squashCommits(repository, main, topic, words("All of topic"));
    assert.ok(squashed.kind === "merged");
    assert.deepEqual((await readCommit(repository, squashed.sha)).parents, [main]);
    const rebased = await rebaseCommits(repository, main, topic, { author: AUTHOR, date: DATE });
    assert.ok(rebased.kind === "merged");
    const messages = (await listCommits(repository, main, rebased.sha)).map(({ message }) => message);
    assert.deepEqual(messages, ["add four", "add c"]);
    for (const { sha } of [merged, squashed, rebased]) {
      assert.equal((await readFileAt(repository, sha, "a.yaml"))?.toString(), "0\n1\n2\n3\n4\n");
      assert.equal(await isAncestor(repository, main, sha), true);
    }
    const clash = await commitFiles(repository, "clash", { ...commit({ "a.yaml": "other\n" }), parent: root });
    assert.deepEqual(await mergeCommits(repository, main, clash, words("Merge")), { kind: "conflict" });
    assert.deepEqual(await rebaseCommits(repository, main, clash, words("")), { kind: "conflict" });
  });

  it("tells what changed between commits", async () => {
    const repository = await create();
    const base = await commitFiles(
      repository,
      "main",
      commit({
        "gone.yaml": "gone\n",
        "old name.yaml": "1\n2\n3\n4\n5\n",
        "same.yaml": "s\n",
        "y.yaml": "y\n",
        "z.yaml": "z: 1\n",
      }),
    );
    const head = await commitFiles(
      repository,
      "main",
      commit({
        "gone.yaml": null,
        "old name.yaml": null,
        "new.bin": new Uint8Array([0, 1, 2]),
        "new name.yaml": "1\n2\n3\n4\n5\n6\n",
        "y.yaml": { kind: "symlink", target: "z.yaml" },
        "z.yaml": "z: 2\n",
      }),
    );
    const files = await diffCommits(repository, base, head);
    assert.deepEqual(
      files.map(({ path, previousPath, status, additions, deletions, patch }) => [
        path,
        previousPath,
        status,
        additions,
        deletions,
        patch,
      ]),
      [
        ["gone.yaml", undefined, "removed", 0, 1, "@@ -1 +0,0 @@\n-gone"],
        ["new name.yaml", "old name.yaml", "renamed", 1, 0, "@@ -3,3 +3,4 @@\n 3\n 4\n 5\n+6"],
        ["new.bin", undefined, "added", 0, 0, undefined],
        ["y.yaml", undefined, "changed", 1, 1, "@@ -1 +0,0 @@\n-y"],
        ["z.yaml", undefined, "modified", 1, 1, "@@ -1 +1 @@\n-z: 1\n+z: 2"],
      ],
    );
  });

  it("shares objects with a fork, and no branches", async () => {
    const base = await create();
    const root = await commitFiles(base, "main", commit({ "a.yaml": "a\n" }));
    const fork = await forkRepository(store, nextId, (nextId += 1));
    assert.equal(await readRef(fork, "refs/heads/main"), root);
    const head = await commitFiles(fork, "patch", { ...commit({ "b.yaml": "b\n" }), parent: root });
    assert.equal((await readFileAt(base, head, "b.yaml"))?.toString(), "b\n");
    assert.deepEqual([...(await listRefs(base)).keys()], ["refs/heads/main"]);
    await writeRef(base, "refs/pull/1/head", head);
    assert.equal(await readRef(base, "refs/pull/1/head"), head);
    await writeRef(base, "refs/pull/1/head", undefined);
    assert.equal(await readRef(base, "refs/pull/1/head"), undefined);
  });
});
