import assert from "node:assert/strict";
import { it } from "node:test";
import type { ExceptionApproval, ExceptionUse, RepositoryRef } from "../../../src/model/index.ts";
import type { FinishedJudgement, Records } from "../../../src/jobs/ports.ts";
import { combine, judge, newRepository, pullRequest, verdict } from "./build-events.ts";
import { onBothBackends } from "./on-both-backends.ts";

const HEAD = "a".repeat(40);
const ADA = { id: 5, login: "ada", type: "User" } as const;
const ASKED = { rule: "image-tag", resource: "Deployment/shop/web", text: '["image-tag","*"]', team: "security" };
const USE: ExceptionUse = {
  ...{ rule: "image-tag", resource: "Deployment/shop/web", reason: "r", expires: undefined },
  ...{ place: ".github/drydock.yaml:7", approval: "review 3 of ada" },
};

async function finish(
  records: Records,
  repository: RepositoryRef,
  exceptions: FinishedJudgement["exceptions"],
  headSha = HEAD,
): Promise<void> {
  const key = { repositoryId: repository.repositoryId, number: 1 };
  await records.applyIntents([judge(repository, 1)]);
  const started = await records.startJudgement(key);
  assert.ok(started);
  await records.notePullRequest(pullRequest(repository, 1, { headSha }), started.generation);
  const said = { generation: started.generation, verdict: verdict("success", { headSha }) };
  await records.finishJudgement(key, { ...said, publication: undefined, report: undefined, exceptions }, combine);
}

function approval(resource: string, sourceId: number): ExceptionApproval {
  const { rule, text } = ASKED;
  return { asked: { rule, resource, text }, actor: ADA, source: "review", sourceId, headSha: HEAD, givenAt: 1_000 };
}

onBothBackends("exceptions", (world) => {
  it("that a judgement needed are known by its commit, and keep being asked for", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const key = { repositoryId: repository.repositoryId, number: 1 };
    await finish(records, repository, { asked: [ASKED], uses: [] });
    assert.deepEqual(await records.readAsked(key), { headSha: HEAD, asked: [ASKED] });
    assert.equal((await records.startJudgement(key))?.needsExceptions, true);
    await finish(records, repository, { asked: [], uses: [] });
    assert.equal((await records.startJudgement(key))?.needsExceptions, false);
  });

  it("that were approved are kept once each, with a line in the audit trail", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const key = { repositoryId: repository.repositoryId, number: 1 };
    await finish(records, repository, { asked: [ASKED], uses: [] });
    const approvals = [approval("Deployment/shop/web", 3), approval("Deployment/shop/api", 3)];
    await records.keepApprovals(key, approvals);
    await records.keepApprovals(key, [...approvals, approval("Deployment/shop/web", 4)]);
    const kept = (await records.listApprovals(key)).map(({ asked, sourceId }) => `${asked.resource} ${sourceId}`);
    assert.equal((await records.listApprovals(key))[0]?.givenAt, 1_000);
    assert.deepEqual(kept.sort(), ["Deployment/shop/api 3", "Deployment/shop/web 3", "Deployment/shop/web 4"]);
    assert.deepEqual(await records.listApproved(repository.repositoryId, "main"), [key]);
    assert.deepEqual(await records.listApproved(repository.repositoryId, "stable"), []);
    const audited = await world.rows(
      "select detail from drydock.audit where repository_id = $1 and what = 'exception-approved'",
      [repository.repositoryId],
    );
    assert.equal(audited.length, 3);
  });

  it("that are used go to the audit trail once for each commit, and are no trouble of the pull request", async () => {
    const { records, ...database } = world.database();
    const repository = newRepository();
    await finish(records, repository, { asked: [], uses: [USE] });
    await finish(records, repository, { asked: [], uses: [USE, { ...USE, resource: "Deployment/shop/api" }] });
    await finish(records, repository, { asked: [], uses: [USE] }, "b".repeat(40));
    const audited = await world.rows<{ detail: { headSha: string; resource: string } }>(
      "select detail from drydock.audit where repository_id = $1 and what = 'exception-used' order by id",
      [repository.repositoryId],
    );
    const told = audited.map(({ detail }) => `${detail.headSha[0] ?? ""} ${detail.resource}`);
    assert.deepEqual(told, ["a Deployment/shop/web", "a Deployment/shop/api", "b Deployment/shop/web"]);
    const story = await database.explainPullRequest({ repositoryId: repository.repositoryId, number: 1 });
    assert.deepEqual(story.troubles, []);
  });
});
