import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readRepositoryConfig, type RepositoryConfig } from "../../../src/config/index.ts";
import { findOwnLabels } from "../../../src/jobs/find-own-labels.ts";
import { giveUpPullRequest } from "../../../src/jobs/judge-pull-request.ts";
import type { FinishedJudgement, GitHubRepository, Records, StartedJudgement } from "../../../src/jobs/ports.ts";
import type { JobServices } from "../../../src/jobs/services.ts";
import { Fault, type PullRequest } from "../../../src/model/index.ts";
import { provide } from "../../fakes/fake-publishing.ts";

const REPOSITORY = {
  ...{ installationId: 3, repositoryId: 7, owner: "acme", name: "config" },
  ...{ defaultBranch: "main", isPrivate: true, isArchived: false },
};
const LABELS = ["Drydock/Ready", "state/ready", "preview", "deploy/prod", "deploy/other", "mine"];
const DEFAULT =
  'environments: { prod: { paths: [prod] } }\nlabels: { state: "drydock/{state}", merged: "deploy/{environment}", previews: [{ label: preview }] }';

function configOf(text: string): RepositoryConfig {
  const reading = readRepositoryConfig(`version: 1\n${text}\n`, ".github/drydock.yaml");
  assert.equal(reading.kind, "loaded", JSON.stringify(reading));
  return reading.config;
}

/** A repository by the tips of its branches, each of which is its own commit. */
function servicesOf(branches: Readonly<Record<string, string>>, records: Partial<Records> = {}, pull?: PullRequest) {
  const api = provide<GitHubRepository>(
    {
      readFacts: () => Promise.resolve(REPOSITORY),
      readBranch: (branch) => Promise.resolve(Object.hasOwn(branches, branch) ? branch : undefined),
      readPullRequest: () => Promise.resolve(pull),
    },
    "api",
  );
  return provide<JobServices>(
    {
      github: provide<JobServices["github"]>({ repository: () => api }, "github"),
      records: provide<Records>(records, "records"),
      checker: provide<JobServices["checker"]>(
        {
          readConfig: ({ commit }) => {
            const text = branches[commit];
            return text === undefined || text === "broken"
              ? Promise.reject(new Fault("git did not answer", { isRetryable: true }))
              : Promise.resolve({ config: configOf(text), problem: undefined });
          },
        },
        "checker",
      ),
      settings: { publicNeedsMaintainer: false, arePagesPublic: false, organizationRules: "off", retentionDays: 90 },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    },
    "services",
  );
}

describe("labels of Drydock's own on what was not looked at", () => {
  it("T54: are those that the base's config names, and those that agents act on by the default branch's", async () => {
    const branches = { main: DEFAULT, release: 'labels: { state: "state/{state}", previews: [{ label: mine }] }' };
    const on = (baseRef: string) => findOwnLabels(REPOSITORY, { labels: LABELS, baseRef }, servicesOf(branches));
    assert.deepEqual(await on("main"), ["Drydock/Ready", "deploy/prod", "preview"]);
    assert.deepEqual(await on("release"), ["deploy/prod", "preview", "state/ready"]);
    assert.deepEqual(await on("gone"), ["Drydock/Ready", "deploy/prod", "preview"]);
  });

  it("cost nothing where there is none, and are not guessed", async () => {
    const nobody = provide<JobServices>({}, "services");
    assert.deepEqual(await findOwnLabels(REPOSITORY, { labels: [], baseRef: "main" }, nobody), []);
    const broken = servicesOf({ main: "broken" });
    await assert.rejects(findOwnLabels(REPOSITORY, { labels: LABELS, baseRef: "main" }, broken), Fault);
  });

  it("T54: are wanted no more on what was given up, which is told even where no config can be read", async () => {
    const pull: PullRequest = {
      ...{ repositoryId: 7, number: 1, title: "More", author: undefined, isOpen: true, isMerged: false },
      ...{ isDraft: false, isFork: false, isPublic: false, isLocked: false, headRef: "more", baseRef: "main" },
      ...{ headSha: "a".repeat(40), baseSha: "b".repeat(40), labels: LABELS, createdAt: "2026-01-02T03:04:05Z" },
    };
    const started: StartedJudgement = {
      ...{ repository: REPOSITORY, generation: 1, reasons: [], isQuiet: false, releasedSha: undefined },
      ...{ needsExceptions: false, permissions: {}, last: undefined },
    };
    const giveUp = async (config: string): Promise<FinishedJudgement | undefined> => {
      let finished: FinishedJudgement | undefined;
      const records: Partial<Records> = {
        startJudgement: () => Promise.resolve(started),
        notePullRequest: () => Promise.resolve("kept"),
        finishJudgement: (_key, judged) => {
          finished = judged;
          return Promise.resolve("kept");
        },
      };
      await giveUpPullRequest({ repositoryId: 7, number: 1 }, "it broke", servicesOf({ main: config }, records, pull));
      return finished;
    };
    const standing = ["Drydock/Ready", "deploy/prod", "preview"];
    assert.deepEqual((await giveUp(DEFAULT))?.labels, { labels: [], standing });
    const untold = await giveUp("broken");
    assert.deepEqual(untold?.labels, { labels: [], standing: undefined });
    assert.equal(untold.verdict.parts[0]?.state, "failure");
  });
});
