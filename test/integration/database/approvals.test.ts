import assert from "node:assert/strict";
import { it } from "node:test";
import type { FinishedJudgement, Records } from "../../../src/jobs/ports.ts";
import type { Actor, Intent, RecordedWord, RepositoryRef } from "../../../src/model/index.ts";
import { combine, delivery, judge, newId, newRepository, pullRequest, verdict } from "./build-events.ts";
import { onBothBackends } from "./on-both-backends.ts";

const HEAD = "a".repeat(40);
const BASE = "b".repeat(40);
const ADA: Actor = { id: 5, login: "ada", type: "User" };
const GIVEN = { headSha: HEAD, baseRef: "main", baseSha: BASE };
const FUTURE = "2999-01-01T00:00:00Z";
const PAST = "2001-01-01T00:00:00Z";

type Content = NonNullable<FinishedJudgement["content"]>;

function content(digest: string, build = "b1"): Content {
  return { digests: { prod: { "kustomize:prod": digest } }, build };
}

type Review = Extract<Intent, { kind: "review" }>;

function review(repository: RepositoryRef, reviewId: number, more: Partial<Review> = {}): Review {
  return {
    ...{ kind: "review", repository, number: 1, reviewId, actor: ADA, state: "approved", given: GIVEN },
    ...{ submittedAt: FUTURE, ...more },
  };
}

async function finish(
  records: Records,
  repository: RepositoryRef,
  judged: Content | undefined,
  place: { headSha?: string; baseRef?: string; baseSha?: string } = {},
): Promise<void> {
  const key = { repositoryId: repository.repositoryId, number: 1 };
  await records.applyIntents([judge(repository, 1)]);
  const started = await records.startJudgement(key);
  assert.ok(started);
  await records.notePullRequest(pullRequest(repository, 1, place), started.generation);
  const said = { generation: started.generation, verdict: verdict("success", place), content: judged };
  await records.finishJudgement(key, { ...said, publication: undefined, report: undefined }, combine);
}

const digestOf = ({ judged }: RecordedWord): string | undefined => judged?.digests["prod"]?.["kustomize:prod"];

onBothBackends("approvals", (world) => {
  it("T19: keep what a review was given on when it was submitted, whatever comes later and in whatever order", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const key = { repositoryId: repository.repositoryId, number: 1 };
    const moved = { headSha: "c".repeat(40), baseRef: "other", baseSha: BASE };
    const [first, second] = [newId(), newId()];
    await records.keepDeliveries([delivery([review(repository, first)])]);
    await records.applyIntents([
      review(repository, first, { given: undefined }),
      review(repository, first, { given: moved }),
    ]);
    await records.applyIntents([review(repository, second, { state: "dismissed", given: undefined })]);
    assert.equal((await records.listWords(key))[1]?.place, undefined);
    await records.applyIntents([review(repository, second)]);
    const words = await records.listWords(key);
    assert.deepEqual(
      words.map(({ sourceId, state, place, judged }) => ({ sourceId, state, place, judged })),
      [
        { sourceId: first, state: "approved", place: GIVEN, judged: undefined },
        { sourceId: second, state: "dismissed", place: GIVEN, judged: undefined },
      ],
    );
    assert.deepEqual(words[0]?.actor, ADA);
  });

  it("T18: are bound to the judgement that stood when they were given, and to no later one", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const key = { repositoryId: repository.repositoryId, number: 1 };
    await finish(records, repository, content("one"));
    const given = new Date().toISOString();
    await records.applyIntents([review(repository, 31, { submittedAt: given })]);
    // The same verdict on a base that moved: its line in the history is renewed only where the content is equal.
    await finish(records, repository, content("one"), { baseSha: "d".repeat(40) });
    await finish(records, repository, content("two"), { baseSha: "e".repeat(40) });
    await finish(records, repository, undefined, { baseSha: "e".repeat(40) });
    await records.applyIntents([review(repository, 32)]);
    assert.deepEqual((await records.listWords(key)).map(digestOf), ["one", "two"]);
    assert.equal((await records.listWords(key))[1]?.judged?.baseSha, "e".repeat(40));
  });

  it("T21: that come before anything was judged are bound to the first judgement of that head on that very base", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const key = { repositoryId: repository.repositoryId, number: 1 };
    await records.applyIntents([review(repository, 41, { submittedAt: PAST })]);
    await finish(records, repository, content("elsewhere"), { baseRef: "prod" });
    await finish(records, repository, content("pushed"), { headSha: "c".repeat(40) });
    await finish(records, repository, content("moved"), { baseSha: "e".repeat(40) });
    assert.deepEqual((await records.listWords(key)).map(digestOf), [undefined]);
    await finish(records, repository, content("first"));
    await finish(records, repository, content("next"));
    assert.deepEqual((await records.listWords(key)).map(digestOf), ["first"]);
  });

  it("T14, T21: by command are of the judgement that stood for the branch when it was given, once, in the audit trail", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const key = { repositoryId: repository.repositoryId, number: 1 };
    const given = { actor: ADA, sourceId: 51, headSha: HEAD, givenAt: Date.now() + 60_000, environment: "prod" };
    const approval = { ...given, baseRef: "dev" };
    assert.equal(await records.recordApproval(key, approval), false);
    await finish(records, repository, content("one"), { baseRef: "dev" });
    assert.equal(await records.recordApproval(key, { ...approval, headSha: "c".repeat(40) }), false);
    assert.equal(await records.recordApproval(key, { ...approval, givenAt: Date.parse(PAST) }), false);
    assert.equal(await records.recordApproval(key, { ...approval, baseRef: "main" }), false);
    assert.equal(await records.recordApproval(key, approval), true);
    await finish(records, repository, content("two"));
    assert.equal(await records.recordApproval(key, approval), true);
    assert.equal(await records.recordApproval(key, { ...approval, baseRef: "main", environment: undefined }), true);
    const words = await records.listWords(key);
    assert.deepEqual(
      words.map((word) => [word.environment, digestOf(word), word.place?.baseRef]),
      [
        [undefined, "two", "main"],
        ["prod", "one", "dev"],
      ],
    );
    const audited = await world.rows(
      "select 1 from drydock.audit where repository_id = $1 and what = 'change-approved'",
      [repository.repositoryId],
    );
    assert.equal(audited.length, 2);
  });

  it("are taken back by their author alone, and for good", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const key = { repositoryId: repository.repositoryId, number: 1 };
    await records.applyIntents([judge(repository, 1), review(repository, 61)]);
    await records.applyIntents([review(repository, 62, { actor: { ...ADA, id: 6 } })]);
    assert.equal(await records.withdrawApprovals(key, { ...ADA, login: "renamed" }), 1);
    assert.equal(await records.withdrawApprovals(key, ADA), 0);
    await records.applyIntents([review(repository, 61)]);
    const states = (await records.listWords(key)).map(({ sourceId, state }) => `${sourceId} ${state}`);
    assert.deepEqual(states, ["61 withdrawn", "62 approved"]);
  });

  it("keep what was found out about them, and outlive the judgement", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const key = { repositoryId: repository.repositoryId, number: 1 };
    await finish(records, repository, content("one"));
    await records.applyIntents([review(repository, 71)]);
    const judged = { ...content("again", "b2"), baseSha: "e".repeat(40) };
    await records.bindWords(key, [{ source: "review", sourceId: 71, judged }]);
    const [word] = await records.listWords(key);
    assert.deepEqual(word?.judged, judged);
  });
});
