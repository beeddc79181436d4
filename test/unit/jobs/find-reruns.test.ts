import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findReruns } from "../../../src/jobs/find-reruns.ts";
import type { GitHubRepository, Records } from "../../../src/jobs/ports.ts";
import type { JobServices } from "../../../src/jobs/services.ts";
import { AccessLostFault, type PullRequest } from "../../../src/model/index.ts";
import { provide } from "../../fakes/fake-publishing.ts";

const REPOSITORY = { installationId: 3, repositoryId: 11, owner: "acme", name: "config" };

function open(number: number, headSha = `head-${number}`): PullRequest {
  return provide<PullRequest>({ number, headSha }, "pull request");
}

/** GitHub and records that answer by these; `asked` notes which heads were asked about. */
function serve(isRerunAsked: (headSha: string) => boolean) {
  const marks = new Map<string, string>();
  const asked: string[] = [];
  const api = provide<GitHubRepository>(
    { isRerunAsked: async (headSha) => (asked.push(headSha), await Promise.resolve(isRerunAsked(headSha))) },
    "api",
  );
  const records = provide<Records>(
    {
      readMark: (name) => Promise.resolve(marks.get(name)),
      writeMark: (name, value) => Promise.resolve(void marks.set(name, value)),
    },
    "records",
  );
  const github = provide<JobServices["github"]>({ repository: () => api }, "github");
  return { asked, services: provide<JobServices>({ github, records }, "services") };
}

describe("re-runs that came without a webhook", () => {
  it("are asked for as their button would have asked", async () => {
    const { services } = serve((headSha) => headSha === "head-2");
    assert.deepEqual(await findReruns(REPOSITORY, [open(1), open(2)], services), [
      { kind: "judge-head", repository: REPOSITORY, headSha: "head-2" },
    ]);
  });

  it("are looked for on five pull requests at a time, all in turn, each head once", async () => {
    const { asked, services } = serve(() => false);
    const pulls = [7, 3, 1, 9, 5, 8, 2].map((number) => open(number));
    await findReruns(REPOSITORY, pulls, services);
    assert.deepEqual(asked.splice(0), ["head-1", "head-2", "head-3", "head-5", "head-7"]);
    await findReruns(REPOSITORY, pulls, services);
    assert.deepEqual(asked.splice(0), ["head-8", "head-9", "head-1", "head-2", "head-3"]);
    await findReruns(REPOSITORY, [open(1, "same"), open(2, "same")], services);
    assert.deepEqual(asked, ["same"]);
  });

  it("are none where the App may not see checks, and nothing is asked where nothing is open", async () => {
    const { services } = serve(() => {
      throw new AccessLostFault("permission", "no checks");
    });
    assert.deepEqual(await findReruns(REPOSITORY, [open(1)], services), []);
    const { asked, services: idle } = serve(() => true);
    assert.deepEqual(await findReruns(REPOSITORY, [], idle), []);
    assert.deepEqual(asked, []);
  });
});
