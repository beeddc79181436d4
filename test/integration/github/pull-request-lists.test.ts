import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createGitHub } from "../../../src/github/index.ts";
import type { GitHubRepository } from "../../../src/jobs/ports.ts";
import { PRIVATE_KEY, startScriptedGitHub, tokenReplies, type Reply } from "./scripted-github.ts";

const REF = { installationId: 7, repositoryId: 11, owner: "acme", name: "config" };
const FACTS = {
  ...{ id: 11, name: "config", owner: { login: "acme" } },
  ...{ default_branch: "main", private: true, archived: false },
};
const SHA = "a".repeat(40);
const ANN = { id: 5, login: "ann", type: "User" };

function open(origin: string): GitHubRepository {
  const addresses = { api: origin, graphql: `${origin}/graphql` };
  return createGitHub({ addresses, appId: 1, privateKey: PRIVATE_KEY, now: Date.now }).repository(REF);
}

function commit(more: object = {}): object {
  const person = { name: "Ann", email: "ann@acme.example", date: "2026-01-01T00:00:00Z" };
  return {
    ...{ sha: SHA, parents: [{ sha: "b".repeat(40) }], author: ANN, committer: ANN },
    commit: { author: person, committer: person, message: "Change", verification: { verified: true } },
    ...more,
  };
}

describe("lists of a pull request", () => {
  it("T01: hold commits by the accounts that GitHub knows, on all pages", async (test) => {
    const path = "/repos/acme/config/pulls/3/commits";
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      [`GET ${path}?per_page=100`]: {
        headers: { link: `<https://x.example${path}?page=2>; rel="next"` },
        body: [commit()],
      },
      [`GET ${path}?per_page=100&page=2`]: {
        body: [commit({ author: {}, committer: null, commit: { author: null, committer: null, message: "" } })],
      },
    });
    const [first, second, ...others] = await open(github.origin).listCommits(3);
    const ann = { account: ANN, name: "Ann", email: "ann@acme.example" };
    const signed = { sha: SHA, parents: ["b".repeat(40)], author: ann, committer: ann, message: "Change" };
    assert.deepEqual(first, { ...signed, isVerified: true });
    const nobody = { account: undefined, name: "", email: "" };
    assert.deepEqual([second?.author, second?.committer, second?.isVerified], [nobody, nobody, false]);
    assert.deepEqual(others, []);
  });

  it("T23: hold files with where they were", async (test) => {
    const files = [{ filename: "a" }, { filename: "c", previous_filename: "b" }];
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      "GET /repos/acme/config/pulls/3/files?per_page=100": { body: files },
    });
    assert.deepEqual(await open(github.origin).listFiles(3), [
      { path: "a", previousPath: undefined },
      { path: "c", previousPath: "b" },
    ]);
  });
});

describe("a file of a commit", () => {
  const read = async (test: Parameters<typeof startScriptedGitHub>[0], reply: Reply) => {
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      "GET /repos/acme/config": { body: FACTS },
      [`GET /repos/acme/config/contents/.github%2FCODEOWNERS?ref=${SHA}`]: reply,
    });
    return await open(github.origin).readFile(".github/CODEOWNERS", SHA);
  };

  it("is text, or nothing where there is none", async (test) => {
    const content = Buffer.from("* @ann\n").toString("base64");
    const file = { type: "file", encoding: "base64", content };
    assert.deepEqual(await read(test, { body: file }), { kind: "text", text: "* @ann\n" });
    assert.equal(await read(test, { status: 404, body: { message: "Not Found" } }), undefined);
  });

  it("T24: is not taken for an empty one where GitHub leaves its content out, or it is no file", async (test) => {
    const large = { type: "file", encoding: "none", content: "" };
    assert.deepEqual(await read(test, { body: large }), { kind: "unreadable" });
    assert.deepEqual(await read(test, { body: [] }), { kind: "unreadable" });
  });
});
