import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { GitHubRepository, Records } from "../../../src/jobs/ports.ts";
import type { JobServices } from "../../../src/jobs/services.ts";
import { sweepInstallation } from "../../../src/jobs/sweep.ts";
import type { Actor, Intent, PullRequest } from "../../../src/model/index.ts";
import { provide } from "../../fakes/fake-publishing.ts";

const FACTS = { installationId: 3, account: "acme", isSuspended: false, permissions: {}, events: [], createdAt: "" };
const REPOSITORY = {
  ...{ installationId: 3, repositoryId: 11, owner: "acme", name: "config" },
  ...{ defaultBranch: "main", isPrivate: true, isArchived: false },
};

function open(number: number, type: Actor["type"] | undefined): PullRequest {
  const author = type === undefined ? undefined : { id: number, login: `author-${number}`, type };
  return provide<PullRequest>({ number, headSha: `head-${number}`, author }, "pull request");
}

/** What one sweep asks for where none of these pull requests has a verdict. */
async function sweepMissed(pulls: readonly PullRequest[]): Promise<readonly Intent[]> {
  const applied: Intent[] = [];
  const done = () => Promise.resolve();
  const records = provide<Records>(
    {
      noteInstallation: done,
      listRepositories: () => Promise.resolve([]),
      readMark: () => Promise.resolve(undefined),
      writeMark: done,
      tendUnfinished: done,
      remindOfLocks: done,
      listTips: () => Promise.resolve([]),
      withoutVerdict: (_repositoryId, all) => Promise.resolve(all),
      unknownCommands: () => Promise.resolve([]),
      applyIntents: (intents) => Promise.resolve(void applied.push(...intents)),
    },
    "records",
  );
  const api = provide<GitHubRepository>({ listOpenPullRequests: () => Promise.resolve(pulls) }, "api");
  const github = provide<JobServices["github"]>(
    {
      readInstallation: () => Promise.resolve(FACTS),
      listRepositories: () => Promise.resolve([REPOSITORY]),
      repository: () => api,
    },
    "github",
  );
  await sweepInstallation(3, provide<JobServices>({ github, records, now: () => 1_800_000_000_000 }, "services"));
  return applied;
}

describe("a sweep", () => {
  it("repairs behind people's own work, and of what it found what people wait for first", async () => {
    const pulls = [open(1, "Bot"), open(2, "User"), open(3, undefined), open(4, "Bot"), open(5, "User")];
    const intents = await sweepMissed(pulls);
    assert.deepEqual(
      intents.map((intent) => intent.kind === "judge" && [intent.number, intent.lane, intent.reason]),
      [2, 5, 1, 3, 4].map((number) => [number, "bots", "swept"]),
    );
  });
});
