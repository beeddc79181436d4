import assert from "node:assert/strict";
import { it } from "node:test";
import type { Records } from "../../../src/jobs/ports.ts";
import type { EnvironmentFacts, RepositoryRef } from "../../../src/model/index.ts";
import { change, changedApp, makeFacts } from "../../fakes/environment-facts.ts";
import { combine, judge, newRepository, pullRequest, verdict } from "./build-events.ts";
import { onBothBackends } from "./on-both-backends.ts";

function factsOf(number: number, parts: Partial<EnvironmentFacts> = {}): EnvironmentFacts {
  const facts = makeFacts(parts);
  return { ...facts, pullRequest: { ...facts.pullRequest, number } };
}

async function judgeOver(
  records: Records,
  repository: RepositoryRef,
  number: number,
  facts: EnvironmentFacts | undefined,
): Promise<void> {
  await records.applyIntents([judge(repository, number)]);
  const key = { repositoryId: repository.repositoryId, number };
  const started = await records.startJudgement(key);
  assert.ok(started);
  await records.notePullRequest(pullRequest(repository, number), started.generation);
  const judged = { generation: started.generation, verdict: verdict("success"), facts };
  await records.finishJudgement(key, { ...judged, publication: undefined, report: undefined }, combine);
}

onBothBackends("facts of open pull requests", (world) => {
  it("are those of their last judgement, the newest first, as far as asked for; the rest are counted", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const { repositoryId } = repository;
    for (const number of [1, 2, 3, 4, 5]) await judgeOver(records, repository, number, factsOf(number));
    await judgeOver(records, repository, 2, factsOf(2, { changes: [change("dev")] }));
    await judgeOver(records, repository, 3, undefined);
    await judgeOver(records, repository, 6, undefined);
    await records.applyIntents([{ kind: "close", repository, number: 4, isMerged: true }]);
    const { known, more } = await records.listEnvironmentFacts({ repositoryId, number: 5 }, 2);
    assert.deepEqual(
      known.map((facts) => facts.pullRequest.number),
      [3, 2],
    );
    assert.equal(more, 2, "1, which is too many, and 6, of which nothing is known");
    assert.deepEqual(known[1], JSON.parse(JSON.stringify(factsOf(2, { changes: [change("dev")] }))));
    assert.deepEqual(await records.listEnvironmentFacts({ repositoryId: 1, number: 5 }, 2), { known: [], more: 0 });
  });

  it("are not kept where they are too large, and not those of before either", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const { repositoryId } = repository;
    await judgeOver(records, repository, 1, factsOf(1));
    const large = change("prod", changedApp("kustomize:web", { causes: ["x".repeat(1024 * 1024)] }));
    await judgeOver(records, repository, 1, factsOf(1, { changes: [large] }));
    assert.deepEqual(await records.listEnvironmentFacts({ repositoryId, number: 9 }, 2), { known: [], more: 1 });
  });
});
