import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { MergeOutgoing, NewMergeWish, Records } from "../../../src/jobs/ports.ts";
import type { Actor, CheckState, LabelDefinition, Outgoing, RepositoryRef } from "../../../src/model/index.ts";
import { combine, judge, newRepository, pullRequest, verdict } from "./build-events.ts";
import { onBothBackends, type World } from "./on-both-backends.ts";

const [A, B, C] = ["a".repeat(40), "b".repeat(40), "c".repeat(40)] as const;
const ADA: Actor = { id: 5, login: "ada", type: "User" };
const GRACE: Actor = { id: 6, login: "grace", type: "User" };
const NOON = Date.parse("2031-05-01T12:00:00Z");
const HOUR = 3600_000;

function label(name: string): LabelDefinition {
  return { name, color: "112233", description: "" };
}

/** What is to be written, each noted as written. */
async function written(world: World, { installationId }: RepositoryRef): Promise<readonly Outgoing[]> {
  const { records } = world.database();
  const said: Outgoing[] = [];
  for (;;) {
    const item = await records.nextOutgoing(installationId);
    if (item === undefined) return said;
    said.push(item.outgoing);
    await records.markPublished(item, { remoteId: 1 }, true);
  }
}

async function writtenLabels(world: World, repository: RepositoryRef): Promise<readonly string[]> {
  return (await written(world, repository)).flatMap((outgoing) => {
    if (outgoing.kind !== "labels") return [];
    const { of, labels, standing = [] } = outgoing;
    return [`${of ?? "own"}: ${labels.map(({ name }) => name).join()} over ${standing.join()}`];
  });
}

async function audited(world: World, { repositoryId }: RepositoryRef): Promise<readonly string[]> {
  const rows = await world.rows<{ what: string }>(
    "select what from drydock.audit where repository_id = $1 order by id",
    [repositoryId],
  );
  return rows.map(({ what }) => what);
}

/** An open pull request that was judged; gives the generation of that. */
async function judgeOver(
  records: Records,
  repository: RepositoryRef,
  { number = 1, state = "success", digest = "digest", headSha = A, baseRef = "main", changesAt }: Judged = {},
): Promise<number> {
  await records.applyIntents([judge(repository, number, { headSha })]);
  const key = { repositoryId: repository.repositoryId, number };
  const started = await records.startJudgement(key);
  assert.ok(started);
  await records.notePullRequest(pullRequest(repository, number, { headSha, baseRef }), started.generation);
  const judged = {
    generation: started.generation,
    verdict: verdict(state, { headSha, baseRef, ...(changesAt === undefined ? {} : { changesAt }) }),
    overrides: { reportDigest: digest, used: [] },
  };
  await records.finishJudgement(key, { ...judged, publication: undefined, report: undefined }, combine);
  return started.generation;
}

interface Judged {
  readonly number?: number;
  readonly state?: CheckState;
  readonly digest?: string;
  readonly headSha?: string;
  readonly baseRef?: string;
  readonly changesAt?: number;
}

function wish(parts: Partial<NewMergeWish> = {}): NewMergeWish {
  return { source: "comment 1", actor: ADA, givenAt: NOON, headSha: A, baseRef: "main", ...parts };
}

function mergeOf(generation: number, parts: Partial<MergeOutgoing> = {}): MergeOutgoing {
  const place = { number: 1, headSha: A, baseRef: "main", baseSha: B };
  return { kind: "merge", ...place, method: "squash", generation, judgedAt: NOON, ...parts };
}

onBothBackends("merges", (world) => {
  const meet = (): { records: Records; repository: RepositoryRef; key: { repositoryId: number; number: number } } => {
    const repository = newRepository();
    return { records: world.database().records, repository, key: { repositoryId: repository.repositoryId, number: 1 } };
  };

  /** A wish of ada's for what was judged, and nothing to write. */
  const wished = async (judged: Judged = {}) => {
    const place = meet();
    const generation = await judgeOver(place.records, place.repository, judged);
    assert.equal(await place.records.keepMergeWish(place.key, wish()), true);
    await written(world, place.repository);
    return { ...place, generation };
  };

  /** A merge that is to be asked for. */
  const wanted = async (judged: Judged = {}) => {
    const place = await wished(judged);
    const merge = mergeOf(place.generation);
    await place.records.wantMerge(place.key, merge, combine);
    const item = await place.records.nextOutgoing(place.repository.installationId);
    assert.equal(item?.outgoing.kind, "merge");
    return { ...place, merge, item };
  };

  describe("what they changed", () => {
    it("T54: is kept and on record once, however often it is looked at, until another commit is the merge", async () => {
      const { records, repository, key } = meet();
      await records.applyIntents([judge(repository, 1)]);
      assert.equal(await records.readMerge(key), undefined);
      const merge = { mergeSha: B, headSha: A, environments: ["prod", "dev"] };
      for (let run = 0; run < 2; run++) await records.keepMerge(key, merge);
      assert.deepEqual(await records.readMerge(key), merge);
      assert.equal(await records.readMerge({ ...key, number: 2 }), undefined);
      assert.deepEqual(await audited(world, repository), ["merge-judged"]);
      await records.keepMerge(key, { ...merge, environments: [] });
      assert.deepEqual(await records.readMerge(key), merge, "rules of later find no other environments in it");
      await records.keepMerge(key, { ...merge, mergeSha: C, environments: ["dev"] });
      assert.deepEqual((await records.readMerge(key))?.environments, ["dev"]);
      assert.deepEqual(await audited(world, repository), ["merge-judged", "merge-judged"]);
    });

    it("that nobody knows is on record once a reason", async () => {
      const { records, repository, key } = meet();
      for (const reason of ["no commit", "no commit", "no rules"]) await records.noteUnknownMerge(key, reason);
      assert.deepEqual(await audited(world, repository), ["merge-unknown", "merge-unknown"]);
    });

    it("T54: is said by labels of its own, which are mended, and taken off again, and never begun for nothing", async () => {
      const { records, repository, key } = meet();
      await records.applyIntents([{ kind: "close", repository, number: 1, isMerged: true }]);
      await records.wantMergedLabels(key, { labels: [], standing: [] });
      assert.deepEqual(await written(world, repository), []);
      const merged = { labels: [label("deploy/prod")], standing: [] };
      await records.wantMergedLabels(key, merged);
      assert.deepEqual(await writtenLabels(world, repository), ["merge: deploy/prod over "]);
      await records.wantMergedLabels(key, merged);
      assert.deepEqual(await writtenLabels(world, repository), ["merge: deploy/prod over "], "somebody saw it gone");
      await records.wantMergedLabels(key, { ...merged, standing: ["deploy/dev", "deploy/prod"] });
      assert.deepEqual(await writtenLabels(world, repository), ["merge: deploy/prod over deploy/dev,deploy/prod"]);
      await records.wantMergedLabels(key, { labels: [], standing: [] });
      assert.deepEqual(await writtenLabels(world, repository), ["merge:  over "]);
      await records.wantMergedLabels({ ...key, number: 2 }, { labels: [], standing: ["deploy/dev"] });
      assert.deepEqual(await writtenLabels(world, repository), ["merge:  over deploy/dev"], "set by somebody else");
    });

    it("is said although its event comes again before that is written: it asks for the labels once more", async () => {
      const { records, repository, key } = meet();
      const close = { kind: "close", repository, number: 1, isMerged: true } as const;
      await records.applyIntents([judge(repository, 1), close]);
      const merged = { labels: [label("deploy/prod")], standing: [] };
      await records.wantMergedLabels(key, merged);
      await world.rows("delete from drydock_queue.job");
      await records.applyIntents([close]);
      const asked = await world.rows(
        "select 1 from drydock_queue.job where data->'task'->>'kind' = 'label-merge' and (data->'task'->>'repositoryId')::int = $1",
        [repository.repositoryId],
      );
      assert.equal(asked.length, 1);
      await records.wantMergedLabels(key, merged);
      assert.deepEqual(await writtenLabels(world, repository), ["merge: deploy/prod over "]);
    });
  });

  describe("that somebody wants", () => {
    it("T14: are bound to what the last judgement of that head and base said, and to nothing where there is none", async () => {
      const { records, repository, key } = meet();
      assert.equal(await records.keepMergeWish(key, wish()), false);
      await judgeOver(records, repository, { digest: "first", state: "failure" });
      await judgeOver(records, repository, { digest: "second" });
      assert.equal(await records.keepMergeWish(key, wish({ headSha: B })), false);
      assert.equal(await records.keepMergeWish(key, wish({ baseRef: "release" })), false);
      assert.equal(await records.readMergeWish(key), undefined);
      assert.equal(await records.keepMergeWish(key, wish()), true, "what did not count may be said again");
      const bound = { actor: ADA, givenAt: NOON, headSha: A, baseRef: "main", reportDigest: "second" };
      assert.deepEqual(await records.readMergeWish(key), bound);
      assert.deepEqual(await audited(world, repository), ["merge-wanted"]);
    });

    it("T16: are said once by one comment, however often it is read; a newer one takes an older one's place", async () => {
      const { records, repository, key } = await wished();
      assert.equal(await records.keepMergeWish(key, wish({ source: "comment 2", actor: GRACE })), true);
      assert.equal((await records.readMergeWish(key))?.actor.login, "grace");
      assert.equal(await records.keepMergeWish(key, wish()), true);
      assert.equal((await records.readMergeWish(key))?.actor.login, "grace");
      const cancel = { what: "merge-cancelled", by: ADA, source: "comment 3" } as const;
      assert.equal(await records.endMergeWish(key, cancel), true);
      assert.equal(await records.keepMergeWish(key, wish({ source: "comment 2", actor: GRACE })), true);
      assert.equal(await records.readMergeWish(key), undefined, "that was cancelled");
      await records.keepMergeWish(key, wish({ source: "comment 4" }));
      assert.equal(await records.endMergeWish(key, cancel), true);
      assert.equal((await records.readMergeWish(key))?.actor.login, "ada", "wanted after it was cancelled");
      const said = ["merge-wanted", "merge-wanted", "merge-cancelled", "merge-wanted"];
      assert.deepEqual(await audited(world, repository), said);
    });

    it("end once, with a word to whoever asked; that one was merged is on record although its event took the wish", async () => {
      const { records, repository, key } = await wished();
      const refused = { what: "merge-refused", reason: "a push", tell: "Not merged" } as const;
      assert.equal(await records.endMergeWish(key, refused), true);
      assert.equal(await records.endMergeWish(key, refused), false);
      const [answer, ...others] = await written(world, repository);
      assert.ok(answer?.kind === "answer" && answer.body === "Not merged");
      assert.deepEqual(others, []);
      // As by whoever goes on after a crash, too.
      for (let run = 0; run < 2; run++) {
        assert.equal(await records.endMergeWish(key, { what: "merged", headSha: A }), false);
      }
      assert.deepEqual(await audited(world, repository), ["merge-wanted", "merge-refused", "merged"]);
    });

    it("are asked for when all of the head is green, the judgement is the newest and it is open and wanted still", async () => {
      const wants = async ({ records, repository, key }: Awaited<ReturnType<typeof wished>>, generation: number) => {
        await records.wantMerge(key, mergeOf(generation), combine);
        return (await written(world, repository)).filter(({ kind }) => kind === "merge").length;
      };
      const red = await wished({ state: "failure" });
      assert.equal(await wants(red, red.generation), 0);
      const shared = await wished();
      await judgeOver(shared.records, shared.repository, { number: 2, state: "failure" });
      assert.equal(await wants(shared, shared.generation), 0, "another one with this head is red (T22)");
      const late = await wished();
      await late.records.applyIntents([judge(late.repository, 1)]);
      assert.equal(await wants(late, late.generation), 0, "something was heard of it since");
      const cancelled = await wished();
      await cancelled.records.endMergeWish(cancelled.key, { what: "merge-cancelled" });
      assert.equal(await wants(cancelled, cancelled.generation), 0);
      const closed = await wished();
      await closed.records.applyIntents([{ kind: "close", repository: closed.repository, number: 1, isMerged: false }]);
      assert.equal(await closed.records.readMergeWish(closed.key), undefined);
      assert.equal(await wants(closed, closed.generation), 0);
      const green = await wished();
      assert.equal(await wants(green, green.generation), 1);
    });

    it("T27: are not begun once anything was heard, a moment has come, or the wish is over", async () => {
      const whole = await wanted();
      assert.equal(await whole.records.beginMerge(whole.key, whole.item, whole.merge, NOON), true);
      const heard = await wanted();
      await heard.records.applyIntents([judge(heard.repository, 1, { reason: "edited" })]);
      assert.equal(await heard.records.beginMerge(heard.key, heard.item, heard.merge, NOON), false);
      const due = await wanted({ changesAt: NOON + HOUR });
      assert.equal(await due.records.beginMerge(due.key, due.item, due.merge, NOON + HOUR), false);
      assert.equal(await due.records.beginMerge(due.key, due.item, due.merge, NOON + HOUR - 1), true);
      const cancelled = await wanted();
      await cancelled.records.endMergeWish(cancelled.key, { what: "merge-cancelled" });
      assert.equal(await cancelled.records.beginMerge(cancelled.key, cancelled.item, cancelled.merge, NOON), false);
      assert.deepEqual(await written(world, cancelled.repository), [], "it is not asked for again");
      const other = await wanted();
      await other.records.wantMerge(other.key, mergeOf(other.generation, { method: "rebase" }), combine);
      assert.equal(await other.records.beginMerge(other.key, other.item, other.merge, NOON), false, "not this one");
    });

    it("are not forgotten between the request and its answer: who comes after the crash looks before it asks", async () => {
      const { records, repository, key, merge, item } = await wanted();
      assert.equal(await records.beginMerge(key, item, merge, NOON), true);
      const left = await records.nextOutgoing(repository.installationId);
      assert.deepEqual([left?.outgoing.kind, left?.isUncertain], ["merge", true]);
      await records.endMergeWish(key, { what: "merge-cancelled" });
      assert.equal((await records.nextOutgoing(repository.installationId))?.isUncertain, true, "it may have merged");
    });

    it("are looked at again at the earlier moment, as long as they are wanted", async () => {
      const moment = async (repositoryId: number): Promise<number | undefined> => {
        const [row] = await world.rows<{ changes_at: Date | null }>(
          "select changes_at from drydock.pull_requests where repository_id = $1 and number = 1",
          [repositoryId],
        );
        return row?.changes_at?.getTime();
      };
      const { records, key } = await wished({ changesAt: NOON + HOUR });
      await records.deferMerge(key, NOON + 2 * HOUR);
      assert.equal(await moment(key.repositoryId), NOON + HOUR);
      await records.deferMerge(key, NOON);
      assert.equal(await moment(key.repositoryId), NOON);
      const unwanted = meet();
      await judgeOver(unwanted.records, unwanted.repository);
      await unwanted.records.deferMerge(unwanted.key, NOON);
      assert.equal(await moment(unwanted.key.repositoryId), undefined);
    });
  });

  const TABLES = ["merges", "merge_wishes", "merge_sayings", "labelers", "openings", "pushers"];
  const stored = async (repositoryId: number): Promise<readonly string[]> => {
    const all = TABLES.map((table) => `select '${table}' as name from drydock.${table} where repository_id = $1`);
    const rows = await world.rows<{ name: string }>(`${all.join(" union ")} order by name`, [repositoryId]);
    return rows.map(({ name }) => name);
  };
  /** One row of each, of an open pull request. */
  const fill = async () => {
    const place = await wished();
    const { records, repository, key } = place;
    await records.keepMerge(key, { mergeSha: B, headSha: A, environments: [] });
    await records.keepOpening(key, { kind: "promotion", requestedBy: ADA });
    await records.applyIntents([
      { kind: "labeled", repository, number: 1, label: "hotfix", actor: ADA, changedAt: "2031-05-01T12:00:00Z" },
      { kind: "pushed", repository, number: 1, before: undefined, after: A, actor: ADA },
    ]);
    return place;
  };

  it("and what people did to them are kept as long as their pull request is open, and its retention after that", async () => {
    const { records, repository, key } = await fill();
    const age = async (days: number): Promise<void> => {
      const ago = `now() - ${days} * interval '1 day' where repository_id = $1`;
      await world.rows(`update drydock.pull_requests set updated_at = ${ago}`, [key.repositoryId]);
      await world.rows(`update drydock.pushers set seen_at = ${ago}`, [key.repositoryId]);
    };
    await age(1000);
    await records.tidy(90);
    assert.deepEqual(await stored(key.repositoryId), TABLES.toSorted());
    await records.applyIntents([{ kind: "close", repository, number: 1, isMerged: true }]);
    await age(89);
    await records.tidy(90);
    assert.deepEqual(await stored(key.repositoryId), TABLES.filter((table) => table !== "merge_wishes").toSorted());
    await age(91);
    await records.tidy(90);
    assert.deepEqual(await stored(key.repositoryId), ["merge_sayings"]);
  });

  it("go with their repository", async () => {
    const { records, repository } = await fill();
    await records.noteAccessLost(repository, "uninstalled");
    await records.tidy(90);
    assert.deepEqual(await stored(repository.repositoryId), []);
  });
});
