import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { listContributors } from "../../../src/environments/index.ts";
import type { Actor, CommitPerson, PullCommit, RecordedPush } from "../../../src/model/index.ts";
import { ADA, GRACE, LIN, person } from "../../fakes/environment-facts.ts";

const HEAD = "f".repeat(40);
const WEB_FLOW = as(person(99, "web-flow"));

function as(account: Actor): CommitPerson {
  return { account, name: account.login, email: `${account.login}@acme.example` };
}

function stranger(name: string, email = `${name}@home.example`): CommitPerson {
  return { account: undefined, name, email };
}

function commit(parts: Partial<PullCommit> = {}): PullCommit {
  const parents = ["0".repeat(40)];
  return { sha: HEAD, parents, author: as(ADA), committer: as(ADA), message: "Change", isVerified: false, ...parts };
}

function contributors(
  commits: readonly PullCommit[],
  plainMerges: readonly string[] = [],
  pushes: readonly RecordedPush[] = [pushed(ADA)],
) {
  const { people, unknown, isComplete } = listContributors(commits, {
    ...{ headSha: HEAD, plainMerges: new Set(plainMerges), pushes },
  });
  return { people: people.map(({ actor }) => actor.id), unknown, isComplete };
}

function pushed(actor: Actor, more: Partial<RecordedPush> = {}): RecordedPush {
  return { before: "0".repeat(40), after: HEAD, actor, ...more };
}

describe("T01: contributors", () => {
  it("are whoever pushed, whatever authors the commits name, and an unknown one where no push of the head is", () => {
    const earlier = commit({ sha: "e".repeat(40) });
    const pushes = [pushed(LIN, { after: earlier.sha }), pushed(GRACE)];
    assert.deepEqual(contributors([earlier, commit()], [], pushes).people, [ADA.id, LIN.id, GRACE.id]);
    assert.deepEqual(contributors([commit()], [], [pushed(LIN, { after: "d".repeat(40) })]), {
      ...{ people: [ADA.id], unknown: ["Whoever pushed fffffff"], isComplete: true },
    });
  });

  it("T20: are not who brought the branch up to date, unless something else came with it", () => {
    const own = commit({ sha: "e".repeat(40) });
    const merge = commit({ parents: [own.sha, "b".repeat(40)], author: as(GRACE), committer: as(GRACE) });
    const first = pushed(ADA, { after: own.sha });
    assert.deepEqual(contributors([own, merge], [HEAD], [first, pushed(GRACE, { before: own.sha })]).people, [ADA.id]);
    for (const before of [undefined, "a".repeat(40)]) {
      const { people } = contributors([own, merge], [HEAD], [first, pushed(GRACE, { before })]);
      assert.deepEqual(people, [ADA.id, GRACE.id]);
    }
  });

  it("T01, T20: are who brought somebody's commits by a merge, whoever those name", () => {
    const own = commit({ sha: "e".repeat(40) });
    const side = commit({ sha: "d".repeat(40) });
    const merge = commit({ parents: [own.sha, side.sha], author: as(LIN), committer: as(LIN) });
    const pushes = [pushed(ADA, { after: own.sha }), pushed(GRACE, { before: own.sha })];
    assert.deepEqual(contributors([own, side, merge], [HEAD], pushes).people, [ADA.id, LIN.id, GRACE.id]);
    const onBase = commit({ ...merge, parents: [side.sha, "b".repeat(40)] });
    assert.deepEqual(
      contributors([side, onBase], [HEAD], pushes).people,
      [ADA.id, GRACE.id],
      "with the side before it",
    );
  });

  it("are read of long messages at once", () => {
    const message = `Change\n\n${"co-authored-by:".padEnd(200_000)}\n`.repeat(3);
    const begun = performance.now();
    contributors(Array.from({ length: 50 }, () => commit({ message })));
    assert.ok(performance.now() - begun < 2000, `${performance.now() - begun} ms`);
  });

  it("are authors, committers and co-authors, each once", () => {
    const message =
      "Change\n\nWith others.\n\nCo-authored-by: Lin <3+lin@users.noreply.github.com>\r\nco-AUTHORED-by: B <8+b[bot]@users.noreply.github.com>";
    assert.deepEqual(contributors([commit(), commit({ committer: as(GRACE), message })]), {
      people: [ADA.id, GRACE.id, 3, 8],
      unknown: [],
      isComplete: true,
    });
  });

  it("are unknown where GitHub knows no account, once for each address", () => {
    const message =
      "Change\n\nCo-authored-by: Some One <one@home.example>\nCo-authored-by: old <lin@users.noreply.github.com>";
    const one = stranger("Someone", "ONE@home.example");
    assert.deepEqual(contributors([commit({ author: one }), commit({ committer: stranger("\u202eEve\n"), message })]), {
      people: [ADA.id],
      unknown: ["Some One", "Eve", "old"],
      isComplete: true,
    });
  });

  it("take no address of another host for one of GitHub's", () => {
    const message = "Change\n\nCo-authored-by: Lin <3+lin@users.noreply.github.com.evil.example>";
    assert.deepEqual(contributors([commit({ message })]).unknown, ["Lin"]);
  });

  it("are not GitHub itself where it signed, and unknown where somebody only says so", () => {
    assert.deepEqual(contributors([commit({ committer: WEB_FLOW, isVerified: true })]).people, [ADA.id]);
    const forged = contributors([commit({ committer: WEB_FLOW })]);
    assert.deepEqual(forged, { people: [ADA.id], unknown: ["web-flow"], isComplete: true });
  });

  it("T01: have only suggested where GitHub committed for several, and they wrote and pushed nothing else", () => {
    const message = "Apply suggestion\n\nCo-authored-by: Lin <3+lin@users.noreply.github.com>";
    const taken = { author: as(GRACE), committer: WEB_FLOW, isVerified: true, message };
    const own = commit({ sha: "e".repeat(40) });
    const suggestion = commit({ ...taken, parents: [own.sha] });
    const pushes = [pushed(ADA, { after: own.sha }), pushed(GRACE, { before: own.sha })];
    const suggesters = (commits: readonly PullCommit[], said: readonly RecordedPush[] = pushes): readonly string[] =>
      listContributors(commits, { headSha: HEAD, plainMerges: new Set(), pushes: said }).people.flatMap(
        ({ actor, hasOnlySuggested }) => (hasOnlySuggested ? [actor.login] : []),
      );
    assert.deepEqual(suggesters([own, suggestion]), ["grace", "lin"]);
    const others: readonly PullCommit[] = [
      { ...suggestion, isVerified: false },
      { ...suggestion, committer: as(GRACE) },
      { ...suggestion, message: "Apply suggestion" },
      { ...suggestion, parents: [own.sha, "b".repeat(40)] },
    ];
    for (const other of others) assert.deepEqual(suggesters([own, other]), []);
    // Who wrote or pushed something beside it.
    assert.deepEqual(suggesters([commit({ sha: own.sha, author: as(LIN) }), suggestion]), ["grace"]);
    assert.deepEqual(suggesters([own, suggestion], [pushed(GRACE, { after: own.sha }), pushed(GRACE)]), ["lin"]);
    assert.deepEqual(suggesters([own, suggestion], [pushed(GRACE, { before: undefined })]), ["lin"]);
  });

  it("T20: are the makers of a merge that was resolved by hand, and not of one that git makes by itself", () => {
    const merge = commit({ author: as(GRACE), committer: as(GRACE), parents: ["1".repeat(40), "2".repeat(40)] });
    assert.deepEqual(contributors([commit({ sha: "3".repeat(40) }), merge]).people, [ADA.id, GRACE.id]);
    assert.deepEqual(contributors([commit({ sha: "3".repeat(40) }), merge], [HEAD]).people, [ADA.id]);
  });

  it("T24: are not all known where GitHub's list ends, or is of an earlier head", () => {
    const many = Array.from({ length: 249 }, () => commit());
    assert.equal(contributors(many).isComplete, true);
    assert.equal(contributors([...many, commit()]).isComplete, false);
    assert.equal(contributors([commit({ sha: "3".repeat(40) })]).isComplete, false);
    assert.equal(contributors([]).isComplete, false);
  });
});
