import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FoundBypass, SeenPush } from "../../../src/jobs/ports.ts";
import type { Actor, Intent, RepositoryRef } from "../../../src/model/index.ts";
import { check, combine, judge, newRepository, pullRequest, verdict } from "./build-events.ts";
import { onBothBackends, type World } from "./on-both-backends.ts";

const [A, B, C, D] = ["a".repeat(40), "b".repeat(40), "c".repeat(40), "d".repeat(40)] as const;
const ADA: Actor = { id: 5, login: "ada", type: "User" };

function moved(
  repository: RepositoryRef,
  before: string | undefined,
  after: string,
  { branch = "main", actor }: { branch?: string; actor?: Actor } = {},
): Intent {
  return { kind: "base-moved", repository, branch, before, after, actor };
}

/** A repository whose default branch is known. */
async function meet(world: World, repository = newRepository()): Promise<RepositoryRef> {
  await world.database().records.noteRepository({
    ...{ ...repository, defaultBranch: "main", isPrivate: true, isArchived: false },
  });
  return repository;
}

async function unweighed(world: World, { repositoryId }: RepositoryRef, branch = "main"): Promise<readonly SeenPush[]> {
  return await world.database().records.listUnweighed(repositoryId, branch);
}

const nameOf = ({ before, after, actor }: SeenPush): string =>
  `${before.slice(0, 1) || "?"}..${after.slice(0, 1)} by ${actor?.login ?? "nobody"}`;

async function names(world: World, repository: RepositoryRef, branch?: string): Promise<readonly string[]> {
  return (await unweighed(world, repository, branch)).map(nameOf);
}

async function tips(world: World, { repositoryId }: RepositoryRef): Promise<readonly string[]> {
  const found = await world.database().records.listTips(repositoryId);
  return found.map(({ branch, commit }) => `${branch} at ${commit?.slice(0, 1) ?? "nothing"}`);
}

/** The only push that nobody has looked at. */
async function only(world: World, repository: RepositoryRef): Promise<SeenPush> {
  const [push, ...others] = await unweighed(world, repository);
  assert.ok(push);
  assert.deepEqual(others, []);
  return push;
}

function found({ installationId }: RepositoryRef, how: string, commit = B): FoundBypass {
  const outgoing = { kind: "check", headSha: commit, check: check("drydock/pushes", "failure", how) } as const;
  return { installationId, detail: { how }, outgoing: [outgoing] };
}

async function audited(world: World, { repositoryId }: RepositoryRef): Promise<readonly string[]> {
  const rows = await world.rows<{ what: string; number: number | null; detail: { how: string; commit: string } }>(
    "select what, number, detail from drydock.audit where repository_id = $1 order by id",
    [repositoryId],
  );
  return rows.map(({ what, number, detail }) => `${what} ${number ?? ""} ${detail.how} ${detail.commit.slice(0, 1)}`);
}

/** What is to be written, each noted as written. */
async function written(world: World, { installationId }: RepositoryRef): Promise<readonly string[]> {
  const { records } = world.database();
  const said: string[] = [];
  for (;;) {
    const item = await records.nextOutgoing(installationId);
    if (item === undefined) return said;
    said.push(item.outgoing.kind === "check" ? item.outgoing.check.summary : item.outgoing.kind);
    await records.markPublished(item, { remoteId: 1 }, true);
  }
}

/** Tasks that wait for the repository, which are then forgotten. */
async function takeTasks(world: World, { repositoryId }: RepositoryRef): Promise<readonly string[]> {
  interface Row {
    readonly data: { readonly task: { kind: string; repositoryId?: number; number?: number; branch?: string } };
  }
  const rows = await world.rows<Row>("select data from drydock_queue.job");
  await world.rows("delete from drydock_queue.job");
  const tasks = rows.map(({ data }) => data.task).filter((task) => task.repositoryId === repositoryId);
  return tasks.map(({ kind, number, branch }) => [kind, number ?? branch].join(" ").trim()).sort();
}

/** Judges an open pull request. */
async function judgeOver(world: World, repository: RepositoryRef, number: number): Promise<void> {
  const { records } = world.database();
  const key = { repositoryId: repository.repositoryId, number };
  await records.applyIntents([judge(repository, number)]);
  const started = await records.startJudgement(key);
  assert.ok(started);
  await records.notePullRequest(pullRequest(repository, number), started.generation);
  const judged = { generation: started.generation, verdict: verdict("success") };
  await records.finishJudgement(key, { ...judged, publication: undefined, report: undefined }, combine);
}

onBothBackends("guarded branches", (world) => {
  describe("pushes to them", () => {
    it("T49: are kept once, however often and in whatever order they are told, and each is asked about", async () => {
      const { records } = world.database();
      const repository = await meet(world);
      await records.applyIntents([moved(repository, B, C, { actor: ADA })]);
      assert.deepEqual(await takeTasks(world, repository), ["judge-push main", "rejudge-base main"]);
      await records.applyIntents([moved(repository, A, B, { actor: ADA }), moved(repository, B, C, { actor: ADA })]);
      assert.deepEqual(await names(world, repository), ["b..c by ada", "a..b by ada"]);
      const [first, second] = await unweighed(world, repository);
      assert.ok(first && second);
      await records.weighPush(first, undefined);
      await takeTasks(world, repository);
      await records.applyIntents([moved(repository, B, C, { actor: ADA })]);
      assert.deepEqual(await names(world, repository), ["a..b by ada"], "what was weighed is so for good");
      await records.weighPush(second, undefined);
      await takeTasks(world, repository);
      await records.applyIntents([moved(repository, A, B, { actor: ADA })]);
      assert.deepEqual(await takeTasks(world, repository), ["rejudge-base main"]);
    });

    it("T28: begin where the branch was seen last when only the sweep saw them; one never seen before is met", async () => {
      const { records } = world.database();
      const repository = await meet(world);
      assert.deepEqual(await tips(world, repository), ["main at nothing"]);
      await records.applyIntents([moved(repository, undefined, A)]);
      assert.deepEqual(await names(world, repository), [], "what it held came before");
      assert.deepEqual(await tips(world, repository), ["main at a"]);
      await records.applyIntents([moved(repository, undefined, A), moved(repository, undefined, C)]);
      assert.deepEqual(await names(world, repository), ["a..c by nobody"]);
      assert.deepEqual(await tips(world, repository), ["main at c"]);
    });

    it("T28: that were told without a name are looked at again once their event says whose they are", async () => {
      const { records } = world.database();
      const repository = await meet(world);
      await records.applyIntents([moved(repository, undefined, A), moved(repository, undefined, B)]);
      await records.weighPush(await only(world, repository), found(repository, "pushed"));
      await records.applyIntents([moved(repository, A, B, { actor: ADA })]);
      const late = await only(world, repository);
      assert.deepEqual([nameOf(late), late.isReported], ["a..b by ada", true]);
      await records.weighPush(late, found(repository, "pushed by ada"));
      await records.applyIntents([moved(repository, A, B, { actor: ADA })]);
      assert.deepEqual(await names(world, repository), []);
      await records.applyIntents([moved(repository, undefined, C)]);
      await records.weighPush(await only(world, repository), undefined);
      await records.applyIntents([moved(repository, B, C, { actor: ADA })]);
      assert.deepEqual(await names(world, repository), [], "nothing was told of it");
    });

    it("are kept of the default branch and of those with environments alone, once these are known", async () => {
      const { records } = world.database();
      const repository = await meet(world);
      const neighbour = await meet(world);
      const { repositoryId } = repository;
      const pushAll = async (from: string, to: string) => {
        for (const branch of ["env/prod", "feature", "main"])
          await records.applyIntents([moved(repository, from, to, { branch, actor: ADA })]);
      };
      await pushAll(A, B);
      assert.deepEqual(await names(world, repository, "feature"), ["a..b by ada"], "nobody knows the rules yet");
      const [feature] = await unweighed(world, repository, "feature");
      assert.ok(feature);
      const setGuarded = async (branches: readonly string[]): Promise<void> => {
        const id = Math.max(...(await unweighed(world, repository)).map((push) => push.id));
        await records.setGuarded({ repositoryId, id }, branches);
      };
      await setGuarded(["env/prod", "env/none"]);
      assert.deepEqual(
        await names(world, repository, "feature"),
        ["a..b by ada"],
        "it has to be weighed, by its own rules",
      );
      await records.weighPush(feature, undefined);
      await pushAll(B, C);
      assert.deepEqual(await names(world, repository, "feature"), []);
      await setGuarded(["env/prod", "env/none"]);
      for (const branch of ["env/prod", "main"]) {
        assert.deepEqual(await names(world, repository, branch), ["a..b by ada", "b..c by ada"]);
      }
      assert.deepEqual(await tips(world, repository), ["env/none at nothing", "env/prod at c", "main at c"]);
      await records.setGuarded({ repositoryId: neighbour.repositoryId, id: 0 }, []);
      await records.applyIntents([{ kind: "rules-moved", repository: neighbour }]);
      await pushAll(C, D);
      assert.deepEqual(await names(world, repository, "feature"), [], "the rules of another account moved");
      await records.applyIntents([{ kind: "rules-moved", repository }]);
      await pushAll(D, A);
      assert.deepEqual(await names(world, repository, "feature"), ["d..a by ada"]);
    });

    it("T28: are weighed by where the default branch was when they came, whatever is guarded since", async () => {
      const { records } = world.database();
      const repository = await meet(world);
      const { repositoryId } = repository;
      const push = (branch: string, from: string, to: string): Promise<unknown> =>
        records.applyIntents([moved(repository, from, to, { branch, actor: ADA })]);
      const rules = async (branch: string): Promise<readonly string[]> =>
        (await unweighed(world, repository, branch)).map(
          ({ after, rulesSha }) => `${after[0]} by ${rulesSha?.[0] ?? "none"}`,
        );
      await push("env/prod", A, B);
      assert.deepEqual(await rules("env/prod"), ["b by none"]);
      await push("main", C, D);
      assert.deepEqual(await rules("env/prod"), ["b by c"], "the push after it tells where it was before");
      await push("env/prod", B, C);
      assert.deepEqual(await rules("env/prod"), ["b by c", "c by d"]);
      const [relaxing] = await unweighed(world, repository);
      assert.ok(relaxing);
      await records.setGuarded(relaxing, []);
      assert.deepEqual(await rules("env/prod"), ["b by c", "c by d"]);
      await records.weighPush(relaxing, undefined);
      // The rules may be back with this push, and nobody has read them yet.
      await push("main", D, C);
      await records.setGuarded(relaxing, []);
      await push("env/prod", C, D);
      assert.deepEqual(await rules("env/prod"), ["b by c", "c by d", "d by c"]);
      const restoring = await only(world, repository);
      await records.setGuarded({ repositoryId, id: restoring.id }, []);
      await push("env/prod", D, A);
      assert.deepEqual(await rules("env/prod"), ["b by c", "c by d", "d by c"], "read, and not guarded");
    });

    it("settle for a moment first: GitHub tells a push before the merge that it is", async () => {
      const repository = await meet(world);
      const begin = Date.now();
      await world.database().records.applyIntents([moved(repository, A, B)]);
      const { settlesAt = 0 } = await only(world, repository);
      assert.ok(settlesAt > begin && settlesAt < begin + 30_000, `${settlesAt - begin} ms`);
      await world.rows("update drydock.pushes set seen_at = now() - interval '1 minute' where repository_id = $1", [
        repository.repositoryId,
      ]);
      assert.equal((await only(world, repository)).settlesAt, undefined);
    });

    it("T28: are on record and told once, also when the server died between two of them, or before it knew", async () => {
      const { records } = world.database();
      const repository = await meet(world);
      await records.applyIntents([moved(repository, A, B), moved(repository, B, C)]);
      const [first] = await unweighed(world, repository);
      assert.ok(first);
      await records.weighPush(first, found(repository, "pushed"));
      assert.deepEqual(await written(world, repository), ["pushed"]);
      // The next run begins with what is left; the one that died may have read the first one, too.
      assert.deepEqual(await names(world, repository), ["b..c by nobody"]);
      await records.weighPush(first, found(repository, "pushed"));
      assert.deepEqual(await written(world, repository), []);
      assert.deepEqual(await audited(world, repository), ["pushed-outside  pushed b"]);
      await records.weighPush(first, found(repository, "allowed"));
      assert.deepEqual(await written(world, repository), ["allowed"], "something else is said of it");
      assert.deepEqual(await audited(world, repository), ["pushed-outside  pushed b", "pushed-outside  allowed b"]);
    });

    it("T28: that were told are looked at again when they turn out to be a merge, and no others", async () => {
      const { records } = world.database();
      const repository = await meet(world);
      const key = { repositoryId: repository.repositoryId, number: 7 };
      await records.applyIntents([moved(repository, A, B), moved(repository, B, C)]);
      const [told, quiet] = await unweighed(world, repository);
      assert.ok(told && quiet);
      await records.weighPush(told, found(repository, "pushed"));
      await records.weighPush(quiet, undefined);
      await takeTasks(world, repository);
      await records.keepWeighed(key, { commit: C, found: undefined });
      assert.deepEqual(await takeTasks(world, repository), []);
      await records.keepWeighed(key, { commit: B, found: undefined });
      assert.deepEqual(await takeTasks(world, repository), ["judge-push main"]);
      const again = await only(world, repository);
      assert.deepEqual([again.after, again.isReported], [B, true]);
      await records.weighPush(again, found(repository, "merged"));
      assert.deepEqual(
        await written(world, repository),
        ["merged"],
        "the newer word is written in the older one's place",
      );
    });

    it("go after their retention, but for the last of each branch; all go with their repository", async () => {
      const { records } = world.database();
      const repository = await meet(world);
      for (const branch of ["main", "env/prod"]) {
        await records.applyIntents([moved(repository, A, B, { branch }), moved(repository, B, C, { branch })]);
      }
      const age = async (days: number) =>
        await world.rows(
          "update drydock.pushes set seen_at = now() - $2::int * interval '1 day' where repository_id = $1",
          [...[repository.repositoryId, days]],
        );
      await age(89);
      await records.tidy(90);
      assert.deepEqual(await names(world, repository), ["a..b by nobody", "b..c by nobody"]);
      await age(91);
      await records.tidy(90);
      for (const branch of ["main", "env/prod"]) {
        assert.deepEqual(await names(world, repository, branch), ["b..c by nobody"]);
      }
      await records.noteAccessLost(repository, "uninstalled");
      await records.tidy(90);
      const left = await world.rows("select 1 from drydock.pushes where repository_id = $1", [repository.repositoryId]);
      assert.deepEqual(left, []);
    });
  });

  describe("how merges into them were let in", () => {
    it("is asked of each that was merged, of one that nobody saw open too, and of none twice", async () => {
      const { records } = world.database();
      const repository = await meet(world);
      const { repositoryId } = repository;
      await records.applyIntents([{ kind: "close", repository, number: 1, isMerged: true }]);
      assert.deepEqual(await takeTasks(world, repository), ["judge-merge 1", "label-merge 1"]);
      await records.applyIntents([{ kind: "close", repository, number: 2, isMerged: false }]);
      assert.deepEqual(await takeTasks(world, repository), ["label-merge 2"]);
      await records.keepWeighed({ repositoryId, number: 1 }, { commit: B, found: undefined });
      await records.askForMerges(repositoryId, [1, 2, 3]);
      assert.deepEqual(await takeTasks(world, repository), ["judge-merge 2", "judge-merge 3"]);
    });

    it("T27: is found by the verdict that stood and by why another was being asked for when it was closed", async () => {
      const { records } = world.database();
      const repository = await meet(world);
      const key = { repositoryId: repository.repositoryId, number: 1 };
      const begin = Date.now();
      await judgeOver(world, repository, 1);
      await records.applyIntents([judge(repository, 1, { reason: "edited" })]);
      await records.applyIntents([{ kind: "close", repository, number: 1, isMerged: true }]);
      const closed = await records.readClosed(key, B);
      assert.equal(closed.verdict?.hash, "hash of success");
      assert.ok(Math.abs((closed.since ?? 0) - begin) < 30_000);
      assert.deepEqual(closed.reasons, ["edited"]);
      // A late event has it looked at, which closes it once more; the event of the merge may come again.
      await records.applyIntents([judge(repository, 1, { reason: "pushed" })]);
      const started = await records.startJudgement(key);
      assert.ok(started);
      await records.notePullRequest(pullRequest(repository, 1, { isOpen: false }), started.generation);
      await records.applyIntents([{ kind: "close", repository, number: 1, isMerged: true }]);
      assert.deepEqual((await records.readClosed(key, B)).reasons, ["edited"]);
      const unknown = await records.readClosed({ ...key, number: 9 }, B);
      assert.deepEqual(
        [unknown.verdict, unknown.since, unknown.reasons, unknown.group],
        [undefined, undefined, [], undefined],
      );
    });

    it("T27: says of one that was reopened and merged at once that nobody had judged it since", async () => {
      const { records } = world.database();
      const repository = await meet(world);
      const key = { repositoryId: repository.repositoryId, number: 1 };
      await judgeOver(world, repository, 1);
      await records.applyIntents([{ kind: "close", repository, number: 1, isMerged: false }]);
      assert.deepEqual((await records.readClosed(key, B)).reasons, []);
      await records.applyIntents([judge(repository, 1, { reason: "opened" })]);
      await records.applyIntents([{ kind: "close", repository, number: 1, isMerged: true }]);
      assert.deepEqual((await records.readClosed(key, B)).reasons, ["opened"]);
    });

    it("is found by the verdict of the queue's group where one became the commit, also when that is over", async () => {
      const { records } = world.database();
      const repository = await meet(world);
      const { repositoryId } = repository;
      const group = { repositoryId, headSha: C, baseSha: B, headRef: "gh-readonly-queue/main/pr-1", baseRef: "main" };
      await records.applyIntents([{ kind: "judge-group", repository, group }]);
      const started = await records.startGroup(repositoryId, C);
      assert.ok(started);
      const judged = { generation: started.generation, verdict: verdict("failure", { headSha: C }) };
      await records.finishGroup(
        repositoryId,
        started,
        { ...judged, publication: undefined, report: undefined },
        combine,
      );
      await records.applyIntents([{ kind: "drop-group", repository, headSha: C }]);
      assert.equal((await records.readClosed({ repositoryId, number: 1 }, C)).group?.hash, "hash of failure");
      assert.equal((await records.readClosed({ repositoryId, number: 1 }, D)).group, undefined);
    });

    it("T28: is on record and told once for a commit, however often it is found", async () => {
      const { records } = world.database();
      const repository = await meet(world);
      const key = { repositoryId: repository.repositoryId, number: 3 };
      const body = "On record: merged past the rules";
      const bypass = {
        ...{ installationId: repository.installationId, detail: { how: "past" } },
        outgoing: [{ kind: "answer", number: 3, to: "merge", body }],
      } as const;
      for (let run = 0; run < 2; run++) await records.keepWeighed(key, { commit: B, found: bypass });
      assert.deepEqual(await written(world, repository), ["answer"]);
      await records.keepWeighed(key, { commit: B, found: bypass });
      assert.deepEqual(await written(world, repository), []);
      assert.deepEqual(await audited(world, repository), ["merged-outside 3 past b"]);
      await records.keepWeighed(key, { commit: C, found: bypass });
      assert.deepEqual(await audited(world, repository), ["merged-outside 3 past b", "merged-outside 3 past c"]);
    });
  });
});
