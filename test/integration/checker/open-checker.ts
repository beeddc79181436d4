import { execFile } from "node:child_process";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { createChecker, type CheckerOptions, type ServerChecker } from "../../../src/checker.ts";
import { createDoors } from "../../../src/doors.ts";
import type { CheckOfPullRequest } from "../../../src/jobs/ports.ts";
import { renderReport } from "../../../src/report/index.ts";
import { makeDirectory, type GitServer, type ServedRepository } from "../mirror/git-server.ts";

interface Cleanup {
  after(clean: () => void | Promise<void>): void;
}

export const ROOT = join(import.meta.dirname, "../../..");

export const configMap = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: ${value}\n`;

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

export function openChecker(
  test: Cleanup,
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

export const printJson = (report: Parameters<typeof renderReport>[0]): string =>
  renderReport(report, "json", { text: { width: 80, color: false, showKnown: false } });

/** What `drydock check` prints for the same commits in a clone. */
export async function checkClone(test: TestContext, server: GitServer, repository: ServedRepository): Promise<string> {
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

export function requestOf({ facts }: ServedRepository, baseSha: string, headSha: string): CheckOfPullRequest {
  return {
    repository: facts,
    number: 7,
    baseRef: "main",
    baseSha,
    headRef: "change",
    headSha,
    isMerge: true,
    rulesSha: baseSha,
  };
}
