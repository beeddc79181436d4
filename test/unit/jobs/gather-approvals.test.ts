import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gatherApprovals } from "../../../src/jobs/facts/gather-approvals.ts";
import type { RuledPlace } from "../../../src/jobs/decide-environments.ts";
import type { CheckedPullRequest, Checker, GitHub, GitHubRepository, Records } from "../../../src/jobs/ports.ts";
import type { JobServices } from "../../../src/jobs/services.ts";
import type { GivenApproval, PullRequest, RecordedWord, SubmittedReview } from "../../../src/model/index.ts";
import { change, contentOf, GRACE, makeFacts, readRules } from "../../fakes/environment-facts.ts";
import { provide } from "../../fakes/fake-publishing.ts";
import { makeApp, makeReport } from "../../fakes/reports.ts";

const RULES = readRules("environments: { prod: { paths: [prod], approvals: 1 } }");
const HEAD = "a".repeat(40);
const [NOW, EARLIER] = ["b".repeat(40), "c".repeat(40)];
const REVIEW: SubmittedReview = { id: 5, author: GRACE, state: "approved", headSha: HEAD, submittedAt: 1_000 };

const word = (parts: Partial<RecordedWord> = {}): RecordedWord => ({
  ...{ actor: GRACE, source: "review", sourceId: REVIEW.id, environment: undefined, state: "approved", givenAt: 0 },
  ...{ place: { headSha: HEAD, baseRef: "main", baseSha: NOW }, judged: undefined, ...parts },
});

/** What is gathered, and the bases that were rendered for it. */
async function gather(
  recorded: readonly RecordedWord[],
  listed: readonly SubmittedReview[],
): Promise<{ readonly approvals: readonly GivenApproval[]; readonly rendered: readonly string[] }> {
  const rendered: string[] = [];
  const api = provide<GitHubRepository>({ listReviews: () => Promise.resolve(listed) }, "api");
  const app = makeApp("prod", { status: "changed", contentDigest: "digest of then" });
  const services = provide<JobServices>(
    {
      github: provide<GitHub>({ repository: () => api }, "github"),
      records: provide<Records>(
        { listWords: () => Promise.resolve(recorded), bindWords: () => Promise.resolve() },
        "records",
      ),
      checker: provide<Checker>(
        {
          check: ({ baseSha }) => {
            rendered.push(baseSha);
            return Promise.resolve({ report: makeReport({ apps: [app] }) } as CheckedPullRequest);
          },
        },
        "checker",
      ),
      settings: { publicNeedsMaintainer: false, arePagesPublic: false, organizationRules: "off", retentionDays: 1 },
    },
    "services",
  );
  const place: RuledPlace = {
    repository: {
      ...{ installationId: 1, repositoryId: 2, owner: "acme", name: "config" },
      ...{ defaultBranch: "main", isPrivate: true, isArchived: false },
    },
    pullRequest: provide<PullRequest>(
      { repositoryId: 2, number: 7, headSha: HEAD, headRef: "change", baseRef: "main" },
      "pull",
    ),
    ...{ permissions: {}, baseSha: NOW, build: "build" },
  };
  return { approvals: await gatherApprovals([change("prod")], RULES, place, services), rendered };
}

describe("approvals from before anything was judged", () => {
  it("are of what is judged now, where that is on the base that they were given on", async () => {
    const { approvals, rendered } = await gather([word()], [REVIEW]);
    assert.deepEqual(approvals[0]?.content, contentOf(makeFacts()));
    assert.deepEqual(rendered, []);
  });

  it("T21: are of what the change was on the base of then, where that has moved", async () => {
    const place = { headSha: HEAD, baseRef: "main", baseSha: EARLIER };
    const { approvals, rendered } = await gather([word({ place })], [REVIEW]);
    assert.deepEqual(approvals[0]?.content, { prod: { "kustomize:prod": "digest of then" } });
    assert.deepEqual(rendered, [EARLIER]);
  });
});

describe("T03: approvals by command", () => {
  const commanded = word({ source: "comment", sourceId: 9, givenAt: 1_000 });
  const counts = async (...reviews: readonly SubmittedReview[]): Promise<boolean> =>
    (await gather([commanded], reviews)).approvals.some(({ sourceId }) => sourceId === commanded.sourceId);
  const said = (state: SubmittedReview["state"], submittedAt: number | undefined): SubmittedReview => {
    return { ...REVIEW, state, submittedAt };
  };

  it("are taken back by a review that asks for changes, and by a later one that was dismissed, whatever it said", async () => {
    assert.equal(await counts(), true);
    assert.equal(await counts(said("changes-requested", 2_000)), false);
    assert.equal(await counts(said("dismissed", 2_000)), false);
    assert.equal(await counts(said("dismissed", 1_000)), false, "at once, as in a review's own text");
    assert.equal(await counts(said("dismissed", undefined)), false);
  });

  it("are words of their own after a review that was dismissed, and beside one that only comments", async () => {
    assert.equal(await counts(said("dismissed", 999)), true);
    assert.equal(await counts(said("commented", 2_000)), true);
  });
});
