import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { promisify } from "node:util";
import { createChecker, type CheckerOptions, type ServerChecker } from "../../../src/checker.ts";
import { createDoors } from "../../../src/doors.ts";
import { renderReport } from "../../../src/report/index.ts";
import { makeDirectory, startGitServer, type GitServer, type ServedRepository } from "../mirror/git-server.ts";

const ROOT = join(import.meta.dirname, "../../..");

const configMap = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: ${value}\n`;

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

function openChecker(
  test: TestContext,
  server: GitServer,
  options: Partial<CheckerOptions> = {},
): { checker: ServerChecker; data: string } {
  const data = options.dataDirectory ?? makeDirectory(test);
  const checker = createChecker({
    ...{ dataDirectory: data, root: ROOT, jobs: 1, git: server.origin, fetchToken: (ref) => server.fetchToken(ref) },
    ...{ allowedHosts: [], diskBytes: 2 ** 30, log: silent, now: Date.now, observe: () => undefined },
    ...options,
  });
  test.after(() => checker.close());
  return { checker, data };
}

const printJson = (report: Parameters<typeof renderReport>[0]): string =>
  renderReport(report, "json", { text: { width: 80, color: false, showKnown: false } });

/** What `drydock check` prints for the same commits in a clone. */
async function checkClone(test: TestContext, server: GitServer, repository: ServedRepository): Promise<string> {
  const clone = join(makeDirectory(test), "clone");
  const { owner, name } = repository.facts;
  const env = { PATH: process.env["PATH"], GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
  const git = async (...args: string[]): Promise<unknown> => await promisify(execFile)("git", args, { env });
  await git("clone", "-q", "--bare", `file://${repository.entity.directory}`, clone);
  await git("-C", clone, "remote", "set-url", "origin", `${server.origin}/${owner}/${name}.git`);
  const doors = createDoors({ root: ROOT, cacheDirectory: undefined, path: process.env["PATH"] ?? "" });
  const request = { repo: clone, base: "main", head: "change", merge: true, cache: false, format: "json" } as const;
  return (await doors.check({ ...request, width: 80, color: false }, () => undefined)).text;
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
      ...{ headRef: "change", headSha: head, isMerge: true },
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
});
