import assert from "node:assert/strict";
import { it } from "node:test";
import type { OutgoingItem, Records } from "../../../src/jobs/ports.ts";
import type { PullRequestKey, RepositoryRef, WantedLabels } from "../../../src/model/index.ts";
import { judge, newRepository, publication, pullRequest, verdict } from "./build-events.ts";
import { onBothBackends } from "./on-both-backends.ts";

const READY = { name: "drydock/ready", color: "0e8a16", description: "" };
const BLOCKED = { name: "drydock/blocked", color: "d93f0b", description: "" };

/** One pull request whose labels are seen and wanted by turns. */
function openPull(records: Records, repository: RepositoryRef) {
  const key: PullRequestKey = { repositoryId: repository.repositoryId, number: 1 };
  const finish = async ({ labels, standing = [] }: WantedLabels, isAlone: boolean): Promise<void> => {
    await records.applyIntents([judge(repository, 1)]);
    const started = await records.startJudgement(key);
    assert.ok(started);
    await records.notePullRequest(pullRequest(repository, 1), started.generation);
    const said = isAlone
      ? { publication: undefined, labels: { labels, standing } }
      : { publication: { ...publication([]), labels, standingLabels: standing } };
    const judged = { generation: started.generation, verdict: verdict("failure"), report: undefined, ...said };
    await records.finishJudgement(key, judged, () => []);
  };
  const next = (): Promise<OutgoingItem | undefined> => records.nextOutgoing(repository.installationId);
  const take = async (): Promise<OutgoingItem> => {
    const item = await next();
    assert.equal(item?.outgoing.kind, "labels");
    return item;
  };
  const begin = (item: OutgoingItem) => records.markPublished(item, { labels: [], isChanging: true }, false);
  const end = (item: OutgoingItem) => records.markPublished(item, { labels: [] }, true);
  const write = async (): Promise<void> => {
    const item = await take();
    await begin(item);
    await end(item);
  };
  return { key, finish, next, take, begin, end, write };
}

onBothBackends("labels that somebody else may set", (world) => {
  const place = () => openPull(world.database().records, newRepository());
  const byHand: WantedLabels = { labels: [], standing: ["drydock/ready"] };

  for (const isAlone of [false, true]) {
    const where = isAlone ? "alone" : "with a publication";
    it(`T54: are taken off again when they are seen again, once for each look, ${where}`, async () => {
      const { finish, next, write } = place();
      for (let look = 0; look < 3; look++) {
        await finish(byHand, isAlone);
        await write();
        assert.equal(await next(), undefined);
      }
      await finish({ labels: [], standing: [] }, isAlone);
      const clean = await next();
      if (clean !== undefined) await write();
      for (let look = 0; look < 2; look++) {
        await finish({ labels: [], standing: [] }, isAlone);
        assert.equal(await next(), undefined, "what stands as it should writes nothing");
      }
    });
  }

  it("T54: are put on again when they are seen to be missing, and not where they stand under another case", async () => {
    const { finish, next, write } = place();
    for (let look = 0; look < 2; look++) {
      await finish({ labels: [READY], standing: [] }, false);
      await write();
      assert.equal(await next(), undefined);
    }
    await finish({ labels: [READY], standing: ["Drydock/Ready"] }, false);
    await write();
    await finish({ labels: [READY], standing: ["Drydock/Ready"] }, false);
    assert.equal(await next(), undefined);
  });

  it("T54: are looked at once more when they are seen while they are being taken off", async () => {
    const { finish, next, take, begin, end, write } = place();
    await finish(byHand, false);
    const item = await take();
    await begin(item);
    await finish(byHand, false);
    await end(item);
    await write();
    assert.equal(await next(), undefined);
  });

  it("T54: are taken off whatever GitHub refused of the same wish before; what it refuses to put on waits", async () => {
    const { records } = world.database();
    const { finish, next, take } = place();
    const wish = { labels: [BLOCKED], standing: ["drydock/ready"] };
    for (let look = 0; look < 2; look++) {
      await finish(wish, false);
      await records.markRefused(await take(), "Validation Failed");
      assert.equal(await next(), undefined);
    }
    const missing = { labels: [BLOCKED], standing: [] };
    await finish(missing, false);
    await records.markRefused(await take(), "Validation Failed");
    await finish(missing, false);
    assert.equal(await next(), undefined);
  });

  it("T54: go before comments however often they are seen, and what is left of them too", async () => {
    const { key, finish, take, begin, write } = place();
    const rank = async () =>
      (
        await world.rows<{ rank: number }>("select rank from drydock.outgoing where repository_id = $1", [
          key.repositoryId,
        ])
      )[0]?.rank;
    await finish(byHand, true);
    await write();
    await finish(byHand, true);
    assert.equal(await rank(), 1);
    await begin(await take());
    assert.equal(await rank(), 1);
  });

  it("T54: of a merge are taken off again as well", async () => {
    const { key, finish, next, write } = place();
    await finish({ labels: [], standing: [] }, false);
    for (let look = 0; look < 2; look++) {
      await world.database().records.wantMergedLabels(key, { labels: [], standing: ["deploy/prod"] });
      await write();
      assert.equal(await next(), undefined);
    }
  });

  it("of what was not looked at are none where Drydock knows of none", async () => {
    const { finish, next } = place();
    await finish({ labels: [], standing: [] }, true);
    assert.equal(await next(), undefined);
  });
});
