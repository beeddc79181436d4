import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { describe, it } from "node:test";
import { runGit } from "../../../src/git/index.ts";
import { Fault } from "../../../src/model/index.ts";
import { measureFiles } from "../../../src/store/index.ts";
import { startGitServer } from "../mirror/git-server.ts";
import { checkClone, configMap, openChecker, printJson, requestOf } from "./open-checker.ts";

const MEBIBYTE = 1024 * 1024;

const generator = (...files: string[]): string =>
  `resources: [cm.yaml]\nconfigMapGenerator:\n- name: generated\n  files: [${files.join(", ")}]\n`;

const image = (): string => randomBytes(MEBIBYTE).toString("base64");

/** An app whose map is made from two files of no usual name, beside an image that nobody reads. */
const generated = (): Record<string, string> => ({
  "web/kustomization.yaml": generator("first.odd", "second.odd"),
  "web/cm.yaml": configMap("a", "one"),
  "web/first.odd": "first",
  "web/second.odd": "second",
  "web/image.png": image(),
});

describe("blobs that no check is likely to read", () => {
  it("stay where they are, in the base and in the change", async (t) => {
    const server = await startGitServer(t);
    const repository = await server.create("config");
    const base = await repository.push("main", {
      ...{ "a/a.yaml": configMap("a", "one"), "docs/one.png": image(), "docs/two.tgz": image(), dump: image() },
    });
    const head = await repository.push("change", { "a/a.yaml": configMap("a", "two"), "docs/one.png": image() });
    const { checker, data } = openChecker(t, server);
    const checked = await checker.check(requestOf(repository, base, head));
    assert.equal(printJson(checked.report), await checkClone(t, server, repository));
    assert.deepEqual([...checked.commentable.keys()], ["a/a.yaml"]);
    const { bytes } = await measureFiles(join(data, "mirrors"));
    assert.ok(bytes < MEBIBYTE / 4, `${bytes} bytes`);
  });

  it("come when an app reads them all the same, and then stay", async (t) => {
    const server = await startGitServer(t);
    const repository = await server.create("config");
    const base = await repository.push("main", generated());
    const head = await repository.push("change", {
      "web/first.odd": "changed",
      link: { kind: "symlink", target: "web/cm.yaml" },
    });
    const { checker, data } = openChecker(t, server);
    const request = requestOf(repository, base, head);
    const checked = await checker.check(request);
    assert.equal(printJson(checked.report), await checkClone(t, server, repository));
    assert.match(printJson(checked.report), /changed/u);
    const before = server.requests.length;
    assert.equal(printJson((await checker.check(request)).report), printJson(checked.report));
    assert.equal(server.requests.length, before);
    const place = {
      directory: join(data, "mirrors", `${repository.facts.repositoryId}.git`),
      objectFormat: "sha1",
    } as const;
    const missing = await runGit(place, ["rev-list", "--objects", "--missing=print", head]);
    const ofImage = await runGit({ ...place, directory: repository.entity.directory }, [
      "rev-parse",
      `${head}:web/image.png`,
    ]);
    assert.deepEqual(missing.stdout.toString().match(/^\?.*$/gmu), [`?${ofImage.stdout.toString().trim()}`]);
  });

  it("are no absent and no empty files when they cannot be brought: there is no verdict", async (t) => {
    const server = await startGitServer(t);
    const repository = await server.create("config");
    const base = await repository.push("main", generated());
    const head = await repository.push("change", { "web/cm.yaml": configMap("a", "two") });
    let asked = 0;
    let isLost = true;
    const { checker } = openChecker(t, server, {
      fetchToken: (ref) => {
        asked += 1;
        // The first brings the commits, the second what is likely to be read.
        if (isLost && asked > 2) return Promise.reject(new Fault("GitHub is away.", { isRetryable: true }));
        return server.fetchToken(ref);
      },
    });
    const request = requestOf(repository, base, head);
    await assert.rejects(checker.check(request), (error) => error instanceof Fault && error.isRetryable);
    assert.ok(asked > 2);
    isLost = false;
    assert.equal(printJson((await checker.check(request)).report), await checkClone(t, server, repository));
  });

  it("are waited for at no cost to the app's time", async (t) => {
    const server = await startGitServer(t);
    const repository = await server.create("config");
    const config = { ".github/drydock.yaml": "version: 1\nlimits: { seconds: 1 }\n" };
    const base = await repository.push("main", { ...generated(), ...config });
    const head = await repository.push("change", { "web/cm.yaml": configMap("a", "two") });
    let asked = 0;
    const { checker } = openChecker(t, server, {
      fetchToken: async (ref) => {
        asked += 1;
        if (asked === 3) await new Promise((resolve) => setTimeout(resolve, 1500));
        return await server.fetchToken(ref);
      },
    });
    const { report } = await checker.check(requestOf(repository, base, head));
    assert.equal(report.outcome.status, "passed");
    assert.equal(report.totals.changed, 1);
  });

  it("come when a merge needs them: both sides changed one, and one was moved", async (t) => {
    const server = await startGitServer(t);
    const repository = await server.create("config");
    const lines = (first: string, last: string): string => `${first}\n${"stays\n".repeat(20)}${last}\n`;
    const first = await repository.push("main", {
      ...{ ...generated(), "web/first.odd": lines("one", "one"), "web/second.odd": lines("two", "two") },
    });
    const base = await repository.push("main", {
      ...{ "web/first.odd": lines("base", "one"), "web/second.odd": null, "web/moved.odd": lines("two", "two") },
      ...{ "web/kustomization.yaml": generator("first.odd", "moved.odd") },
    });
    const head = await repository.push(
      "change",
      { "web/first.odd": lines("one", "head"), "web/second.odd": lines("two", "head") },
      first,
    );
    const { checker } = openChecker(t, server);
    const { report } = await checker.check(requestOf(repository, base, head));
    assert.equal(printJson(report), await checkClone(t, server, repository));
    assert.equal(report.totals.changed, 1);
  });
});
