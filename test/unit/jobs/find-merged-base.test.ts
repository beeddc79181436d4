import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findMergedBase } from "../../../src/jobs/find-merged-base.ts";
import type { PullCommit } from "../../../src/model/index.ts";

function commit(sha: string, parents: readonly string[], message = sha, email = "ada@example.com"): PullCommit {
  const person = { account: undefined, name: "ada", email };
  return { sha, parents, author: person, committer: person, message, isVerified: false };
}

/** The pull request's commits `one` and `two`, on `old`; the tip of the base was `base` when it was merged. */
const OWN = [commit("one", ["old"]), commit("two", ["one"])];

function find(landed: readonly PullCommit[], own: readonly PullCommit[] = OWN): Promise<string | undefined> {
  const all = new Map(landed.map((one) => [one.sha, one]));
  return findMergedBase(
    landed[0]?.sha ?? "",
    "two",
    () => Promise.resolve(own),
    (sha) => Promise.resolve(all.get(sha)),
  );
}

describe("what a pull request was merged onto", () => {
  it("is the first parent of a merge of its head, and unknown of another merge", async () => {
    assert.equal(await find([commit("merge", ["base", "two"])]), "base");
    assert.equal(await find([commit("merge", ["base", "another"])]), undefined);
  });

  it("is the parent of a squash, also of one commit", async () => {
    assert.equal(await find([commit("squash", ["base"], "Change (#1)")]), "base");
    assert.equal(await find([commit("squash", ["base"], "one")], OWN.slice(0, 1)), "base");
  });

  it("is what stands before the first commit of a rebase, merges of the base left out", async () => {
    const rebased = [commit("two'", ["one'"], "two"), commit("one'", ["base"], "one")];
    assert.equal(await find(rebased), "base");
    assert.equal(
      await find(
        rebased,
        [OWN[0], commit("merge", ["one", "base"]), OWN[1]].flatMap((one) => one ?? []),
      ),
      "base",
    );
  });

  it("is unknown where it looks like a rebase and is none", async () => {
    const other = commit("one'", ["base"], "something else");
    assert.equal(await find([commit("two'", ["one'"], "two"), other]), undefined);
    assert.equal(await find([commit("two'", ["one'"], "two")]), undefined, "a commit is gone");
    const many = Array.from({ length: 60 }, (_, index) => commit(`c${index}`, [`c${index - 1}`]));
    assert.equal(await find([commit("landed", ["x"], "c59")], many), undefined, "too many to follow");
  });
});
