import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { CheckerOptions } from "../../../src/checker.ts";
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

// One checker serves all of it: its engines take a while to compile.
describe("blobs that no check is likely to read", async () => {
  const cleanups: (() => void | Promise<void>)[] = [];
  const scope = { after: (clean: () => void | Promise<void>) => void cleanups.unshift(clean) };
  after(async () => {
    for (const clean of cleanups) await clean();
  });
  const server = await startGitServer(scope);
  const fetchTokens = new Map<number, CheckerOptions["fetchToken"]>();
  const { checker, data } = openChecker(scope, server, {
    fetchToken: (ref) => (fetchTokens.get(ref.repositoryId) ?? ((one) => server.fetchToken(one)))(ref),
  });

  it("stay where they are, in the base and in the change", async (t) => {
    const repository = await server.create("left");
    const base = await repository.push("main", {
      ...{ "a/a.yaml": configMap("a", "one"), "docs/one.png": image(), "docs/two.tgz": image(), dump: image() },
    });
    const head = await repository.push("change", { "a/a.yaml": configMap("a", "two"), "docs/one.png": image() });
    const checked = await checker.check(requestOf(repository, base, head));
    assert.equal(printJson(checked.report), await checkClone(t, server, repository));
    assert.deepEqual([...checked.commentable.keys()], ["a/a.yaml"]);
    const { bytes } = await measureFiles(join(data, "mirrors", `${repository.facts.repositoryId}.git`));
    assert.ok(bytes < MEBIBYTE / 4, `${bytes} bytes`);
  });

  it("come when an app reads them all the same, and then stay", async (t) => {
    const repository = await server.create("read");
    const base = await repository.push("main", generated());
    const head = await repository.push("change", {
      "web/first.odd": "changed",
      link: { kind: "symlink", target: "web/cm.yaml" },
    });
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

  it("come in few requests where many apps read files of one name, or one app many of a kind", async () => {
    const repository = await server.create("alike");
    const files: Record<string, string> = {};
    for (const index of Array.from({ length: 12 }).keys()) {
      files[`apps/${index}/kustomization.yaml`] = generator("run.odd");
      files[`apps/${index}/cm.yaml`] = configMap("a", "one");
      files[`apps/${index}/run.odd`] = `run ${index}`;
      files[`many/${index}.odd`] = `many ${index}`;
    }
    files["many/kustomization.yaml"] = generator(...Array.from({ length: 12 }, (_, index) => `${index}.odd`));
    files["many/cm.yaml"] = configMap("a", "one");
    const base = await repository.push("main", files);
    const head = await repository.push("change", { "many/cm.yaml": configMap("a", "two") });
    let fetches = 0;
    fetchTokens.set(repository.facts.repositoryId, (ref) => {
      fetches += 1;
      return server.fetchToken(ref);
    });
    const { report } = await checker.check(requestOf(repository, base, head));
    assert.equal(report.outcome.status, "passed");
    // Commits, likely blobs, and one for each sort of file that is met.
    assert.ok(fetches <= 5, String(fetches));
  });

  it("are no absent and no empty files when they cannot be brought: there is no verdict", async (t) => {
    const repository = await server.create("lost");
    const base = await repository.push("main", generated());
    const head = await repository.push("change", { "web/cm.yaml": configMap("a", "two") });
    let asked = 0;
    let isLost = true;
    fetchTokens.set(repository.facts.repositoryId, (ref) => {
      asked += 1;
      // The first brings the commits, the second what is likely to be read.
      if (isLost && asked > 2) return Promise.reject(new Fault("GitHub is away.", { isRetryable: true }));
      return server.fetchToken(ref);
    });
    const request = requestOf(repository, base, head);
    await assert.rejects(checker.check(request), (error) => error instanceof Fault && error.isRetryable);
    assert.ok(asked > 2);
    isLost = false;
    assert.equal(printJson((await checker.check(request)).report), await checkClone(t, server, repository));
  });

  it("are waited for at no cost to the app's time", async () => {
    const repository = await server.create("late");
    const config = { ".github/drydock.yaml": "version: 1\nlimits: { seconds: 1 }\n" };
    const base = await repository.push("main", { ...generated(), ...config });
    const head = await repository.push("change", { "web/cm.yaml": configMap("a", "two") });
    let asked = 0;
    fetchTokens.set(repository.facts.repositoryId, async (ref) => {
      asked += 1;
      if (asked === 3) await new Promise((resolve) => setTimeout(resolve, 1500));
      return await server.fetchToken(ref);
    });
    const { report } = await checker.check(requestOf(repository, base, head));
    assert.equal(report.outcome.status, "passed");
    assert.equal(report.totals.changed, 1);
  });

  it("come when a merge needs them: both sides changed one, and one was moved", async (t) => {
    const repository = await server.create("merged");
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
    const { report } = await checker.check(requestOf(repository, base, head));
    assert.equal(printJson(report), await checkClone(t, server, repository));
    assert.equal(report.totals.changed, 1);
  });
});
