import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { runGit } from "../../../src/git/index.ts";
import { Fault } from "../../../src/model/index.ts";
import { makeDirectory, startGitServer, type ServedRepository } from "../mirror/git-server.ts";
import { checkClone, configMap, openChecker, printJson, requestOf, ROOT } from "./open-checker.ts";

/** Two branches that were merged into each other: what they have in common is itself a merge. */
async function pushCrossed(repository: ServedRepository): Promise<{ left: string; right: string }> {
  const lines = (a: string, b: string): string => `${configMap("a", a)}${"# stays\n".repeat(9)}# ${b}\n`;
  const push: ServedRepository["push"] = (...args) => repository.push(...args);
  const place = { directory: repository.entity.directory, objectFormat: "sha1" } as const;
  const root = await push("main", { "a.yaml": lines("zero", "zero"), "gone/g.yaml": configMap("g", "one") });
  const left = await push("main", { "a.yaml": lines("left", "zero") });
  const right = await push("change", { "a.yaml": lines("zero", "right"), "gone/g.yaml": null }, root);
  const merge = async (ours: string, theirs: string, message: string): Promise<string> => {
    const both = await runGit(place, ["merge-tree", "--write-tree", ours, theirs]);
    const tree = both.stdout.toString("utf8").trim();
    const settings = ["user.name=Ada", "user.email=ada@example.com"];
    const made = await runGit(place, ["commit-tree", tree, "-p", ours, "-p", theirs, "-m", message], {
      settings,
    });
    return made.stdout.toString("utf8").trim();
  };
  const [ours, theirs] = [await merge(left, right, "left"), await merge(right, left, "right")];
  return {
    left: await push("main", { "a.yaml": lines("left again", "right") }, ours),
    right: await push("change", { "a.yaml": lines("left", "right again") }, theirs),
  };
}

describe("the checker", () => {
  it("gives the report that the command gives for the same commits, and the lines that can be commented", async (t) => {
    const server = await startGitServer(t);
    const repository = await server.create("config");
    const lines = Array.from({ length: 30 }, (_, index) => `  k${index}: v\n`).join("");
    const long = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: long\ndata:\n${lines}`;
    const first = await repository.push("main", {
      "apps/web/a.yaml": configMap("a", "one"),
      "apps/web/long.yaml": long,
      "apps/api/b.yaml": configMap("b", "one"),
    });
    const base = await repository.push("main", { "apps/api/b.yaml": configMap("b", "two") });
    const head = await repository.push(
      "change",
      { "apps/web/a.yaml": configMap("a", "[5]"), "apps/web/long.yaml": long.replace("k20: v", "k20: w") },
      first,
    );
    const { checker, data } = openChecker(t, server);
    const request = {
      ...{ repository: repository.facts, number: 7, baseRef: "main", baseSha: base },
      ...{ headRef: "change", headSha: head, isMerge: true, rulesSha: base },
    };
    const checked = await checker.check(request);
    const json = printJson(checked.report);
    assert.equal(json, await checkClone(t, server, repository));
    assert.equal(checked.report.repository, "acme/config");
    assert.equal(checked.report.outcome.status, "failed");
    assert.deepEqual(
      [...checked.commentable],
      [
        ["apps/web/a.yaml", [[3, 6]]],
        ["apps/web/long.yaml", [[23, 29]]],
      ],
    );
    assert.ok(existsSync(join(data, "mirrors", `${repository.facts.repositoryId}.git`)));

    const before = server.requests.length;
    const again = await checker.check(request);
    assert.equal(printJson(again.report), json);
    assert.equal(again.work.rendered, 0);
    assert.equal(server.requests.length, before);
  });

  it("judges by the merge, renames on the base and branches that were merged crosswise included", async (t) => {
    const server = await startGitServer(t);
    const repository = await server.create("config");
    const text = (value: string): string => configMap("a", value) + "# a line that stays\n".repeat(20);
    const first = await repository.push("main", { "old/a.yaml": text("one"), "keep/k.yaml": configMap("k", "one") });
    const base = await repository.push("main", { "old/a.yaml": null, "new/a.yaml": text("one") });
    const head = await repository.push("change", { "old/a.yaml": text("two") }, first);
    const { checker } = openChecker(t, server);
    const request = requestOf(repository, base, head);
    const { report } = await checker.check(request);
    assert.equal(printJson(report), await checkClone(t, server, repository));
    assert.deepEqual(
      report.apps.map(({ path, status }) => `${path} ${status}`),
      ["new changed"],
    );

    const crossed = await server.create("crossed");
    const { left, right } = await pushCrossed(crossed);
    const checked = await checker.check(requestOf(crossed, left, right));
    assert.equal(printJson(checked.report), await checkClone(t, server, crossed));
  });

  it("says that a change conflicts, and judges a merge group by its own head", async (t) => {
    const server = await startGitServer(t);
    const repository = await server.create("config");
    const first = await repository.push("main", { "a.yaml": configMap("a", "one") });
    const base = await repository.push("main", { "a.yaml": configMap("a", "two") });
    const head = await repository.push("change", { "a.yaml": configMap("a", "three") }, first);
    const { checker } = openChecker(t, server);
    const { report } = await checker.check(requestOf(repository, base, head));
    assert.equal(report.outcome.title, "Merge conflict in 1 file: merge main first");
    assert.equal(printJson(report), await checkClone(t, server, repository));
    const group = { ...requestOf(repository, base, head), number: undefined, isMerge: false };
    const queued = await checker.check(group);
    assert.equal(queued.report.outcome.status, "passed");
    assert.equal(queued.report.totals.changed, 1);
    assert.equal(queued.commentable.size, 0);
  });

  it("goes by the last valid config when the base's is not, although the mirror lacks old contents", async (t) => {
    const server = await startGitServer(t);
    const repository = await server.create("config");
    const config = ".github/drydock.yaml";
    await repository.push("main", { [config]: "version: 1\nexclude: [b]\n", "a/a.yaml": configMap("a", "one") });
    await repository.push("main", { [config]: "version: 1\nexclude: 5\n" });
    const base = await repository.push("main", { [config]: "version: 1\nexclude: 6\n", "b/b.yaml": "kind: [\n" });
    const head = await repository.push("change", { "a/a.yaml": configMap("a", "two") });
    const { checker } = openChecker(t, server);
    const checked = await checker.check(requestOf(repository, base, head));
    assert.match(checked.report.notes.join("\n"), /the one of commit [0-9a-f]{10} is used/u);
    assert.deepEqual(
      checked.config.exclude.map(({ pattern }) => pattern),
      ["b"],
    );
    assert.equal(printJson(checked.report), await checkClone(t, server, repository));
  });

  it("T40: keeps repositories apart, and forgets one without the other", async (t) => {
    const server = await startGitServer(t);
    const { checker, data } = openChecker(t, server);
    const requests = [];
    for (const name of ["one", "two"]) {
      const repository = await server.create(name);
      const base = await repository.push("main", { "a.yaml": configMap("a", name) });
      requests.push(requestOf(repository, base, await repository.push("change", { "a.yaml": configMap("a", "new") })));
    }
    const reports = await Promise.all(requests.map((request) => checker.check(request)));
    for (const [index, name] of ["one", "two"].entries()) {
      assert.match(JSON.stringify(reports[index]?.report.apps), new RegExp(`\\b${name}\\b`, "u"));
    }
    const [one, two] = requests.map(({ repository }) => repository.repositoryId);
    assert.ok(one !== undefined && two !== undefined);
    await checker.forget([one, 999]);
    assert.deepEqual(readdirSync(join(data, "cache")), [String(two)]);
    assert.deepEqual(readdirSync(join(data, "mirrors")).toSorted(), [`${two}.git`, "locks"]);
  });

  it("T43: stops an endless template, and checks another repository meanwhile", async (t) => {
    const server = await startGitServer(t);
    const { checker } = openChecker(t, server, { jobs: 2 });
    const endless =
      "{{ range $i := until 100000 }}{{ range $j := until 100000 }}{{ $k := add $i $j }}{{ end }}{{ end }}";
    const hostile = await server.create("hostile");
    const base = await hostile.push("main", {
      ".github/drydock.yaml": "version: 1\nlimits: { seconds: 2 }\n",
      "web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
      "web/templates/a.yaml": configMap("a", "one"),
    });
    const head = await hostile.push("change", { "web/templates/a.yaml": configMap("a", endless) });
    const other = await server.create("other");
    const otherBase = await other.push("main", { "a.yaml": configMap("a", "one") });
    const otherHead = await other.push("change", { "a.yaml": configMap("a", "two") });
    const [stopped, checked] = await Promise.all([
      checker.check(requestOf(hostile, base, head)),
      checker.check(requestOf(other, otherBase, otherHead)),
    ]);
    assert.equal(checked.report.outcome.status, "passed");
    assert.notEqual(stopped.report.outcome.status, "passed");
    assert.equal(stopped.report.apps[0]?.failure?.kind, "limit");
  });

  it("fetches a mirror anew when an object in it turns out to be damaged during a check", async (t) => {
    const server = await startGitServer(t);
    const repository = await server.create("config");
    const base = await repository.push("main", { "a.yaml": configMap("a", "one") });
    const head = await repository.push("change", { "a.yaml": configMap("a", "two") });
    const { checker, data } = openChecker(t, server);
    const request = requestOf(repository, base, head);
    const first = await checker.check(request);
    // Every object is there by its name, and none of the blobs can be read.
    const packs = join(data, "mirrors", `${repository.facts.repositoryId}.git`, "objects", "pack");
    for (const name of readdirSync(packs).filter((file) => file.endsWith(".pack"))) {
      const bytes = readFileSync(join(packs, name));
      rmSync(join(packs, name));
      writeFileSync(join(packs, name), bytes.fill(0x58, 14, bytes.length - 20));
    }
    rmSync(join(data, "cache"), { recursive: true });
    const again = await checker.check(request);
    assert.equal(printJson(again.report), printJson(first.report));
    await assert.rejects(checker.check({ ...request, headSha: "1".repeat(40) }), Fault);
  });

  it("T51: may share its directory with another process that fetches and checks at the same time", async (t) => {
    const server = await startGitServer(t);
    const repository = await server.create("config");
    const base = await repository.push("main", { "a.yaml": configMap("a", "one"), "b.yaml": configMap("b", "one") });
    const requests = [];
    for (let number = 1; number <= 3; number++) {
      const head = await repository.push(`change-${number}`, { "a.yaml": configMap("a", `value-${number}`) }, base);
      requests.push({ ...requestOf(repository, base, head), number, headRef: `change-${number}` });
    }
    const assignment = {
      ...{ root: ROOT, dataDirectory: makeDirectory(t), git: server.origin, requests },
      token: await server.fetchToken(repository.facts),
    };
    const script = join(import.meta.dirname, "check-in-process.ts");
    const run = async (): Promise<string[]> => {
      const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(assignment)]);
      return JSON.parse(stdout) as string[];
    };
    const [left, right] = await Promise.all([run(), run()]);
    assert.deepEqual(left, right);
    assert.deepEqual(
      left.map((json) => /"outcome": \{\s*"status": "(\w+)"/u.exec(json)?.[1]),
      ["passed", "passed", "passed"],
    );
    assert.match(left[2] ?? "", /value-3/u);
  });

  it("seals under the key that it is given, so that two tell a change of a Secret by the same digest", async (t) => {
    const server = await startGitServer(t);
    const repository = await server.create("config");
    const secret = (value: string): string =>
      `apiVersion: v1\nkind: Secret\nmetadata: { name: s }\nstringData: { key: ${value} }\n`;
    const base = await repository.push("main", { "a.yaml": secret("one") });
    const head = await repository.push("change", { "a.yaml": secret("two") }, base);
    const digestBy = async (sealKey: string | undefined): Promise<string | undefined> => {
      const { checker } = openChecker(t, server, { sealKey });
      return (await checker.check(requestOf(repository, base, head))).report.apps[0]?.contentDigest;
    };
    const key = "ab".repeat(32);
    const [first, second] = [await digestBy(key), await digestBy(key)];
    assert.ok(first);
    assert.equal(first, second);
    assert.notEqual(await digestBy(undefined), first);
  });
});
