import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { publishOutgoing } from "../../../src/jobs/publish.ts";
import type { GitHubRepository, OutgoingItem, OwnThing } from "../../../src/jobs/ports.ts";
import {
  AccessLostFault,
  Fault,
  LimitedFault,
  RefusedFault,
  type CheckAnnotation,
  type DesiredCheck,
  type ReviewThread,
} from "../../../src/model/index.ts";
import { fakePublishing, itemOf, type FakePublishing } from "../../fakes/fake-publishing.ts";

const HEAD = "a".repeat(40);

function annotations(count: number, message = "wrong"): CheckAnnotation[] {
  return Array.from({ length: count }, (_, index) => {
    return { path: "a.yaml", startLine: index + 1, endLine: index + 1, level: "error", title: "schema", message };
  });
}

function checkOf(state: DesiredCheck["state"], count = 0): DesiredCheck {
  const texts = { title: `Now ${state}`, summary: "summary", text: "" };
  return { name: "drydock", state, ...texts, annotations: annotations(count), page: "/acme/config/pull/12" };
}

async function publish(
  item: OutgoingItem,
  api: Partial<GitHubRepository>,
  records: Parameters<typeof fakePublishing>[1] = {},
): Promise<FakePublishing["log"]> {
  const left = [item];
  const fake = fakePublishing(api, { nextOutgoing: () => Promise.resolve(left.shift()), ...records });
  await publishOutgoing(3, fake.services);
  return fake.log;
}

const names = (log: FakePublishing["log"]): unknown[] => log.map(([name]) => name);

describe("a check that should stand", () => {
  const api = { createCheckRun: () => Promise.resolve(500), updateCheckRun: () => Promise.resolve() };

  it("is created with its address, and the request is noted before it is made", async () => {
    const log = await publish(itemOf({ kind: "check", headSha: HEAD, check: checkOf("in_progress") }), api);
    assert.deepEqual(names(log), ["markAttempt", "createCheckRun", "published"]);
    const write = log[1]?.[2] as { detailsUrl: string; externalId: string; startedAt: string };
    assert.equal(write.detailsUrl, "https://drydock.example/acme/config/pull/12");
    assert.equal(write.externalId, "row-1.1");
    assert.equal(write.startedAt, "2026-01-02T03:04:05Z");
  });

  it("is completed in place", async () => {
    const run = { count: 1, isCompleted: false, annotations: 0, annotationsDigest: "none" };
    const item = itemOf({ kind: "check", headSha: HEAD, check: checkOf("success") }, {}, { remoteId: 500, run });
    assert.deepEqual(names(await publish(item, api)), ["markAttempt", "updateCheckRun", "published"]);
  });

  it("T47: sends fifty annotations, then the rest, and nothing twice", async () => {
    const check = checkOf("failure", 51);
    const first = await publish(itemOf({ kind: "check", headSha: HEAD, check }), api);
    assert.equal((first[1]?.[2] as { annotations: unknown[] }).annotations.length, 50);
    const [, published, isDone] = first[2] ?? [];
    assert.equal(isDone, false);
    const rest = itemOf({ kind: "check", headSha: HEAD, check }, { isPartial: true }, published as object);
    const second = await publish(rest, api);
    assert.deepEqual(names(second), ["markAttempt", "updateCheckRun", "published"]);
    assert.equal((second[1]?.[2] as { annotations: { startLine: number }[] }).annotations[0]?.startLine, 51);
    assert.equal(second[2]?.[2], true);
  });

  it("begins another run when it goes back to work, or its annotations are others", async () => {
    const done = await publish(itemOf({ kind: "check", headSha: HEAD, check: checkOf("failure", 2) }), api);
    const published = done[2]?.[1] as object;
    for (const check of [checkOf("in_progress"), checkOf("success"), checkOf("failure", 3)]) {
      const log = await publish(itemOf({ kind: "check", headSha: HEAD, check }, {}, published), api);
      assert.deepEqual(names(log), ["markAttempt", "createCheckRun", "published"], check.title);
      assert.match((log[1]?.[2] as { externalId: string }).externalId, /^row-1\.2(?:\.|$)/u);
    }
    const same = { ...checkOf("failure", 2), title: "Another title" };
    const log = await publish(itemOf({ kind: "check", headSha: HEAD, check: same }, {}, published), api);
    assert.deepEqual(names(log), ["markAttempt", "updateCheckRun", "published"]);
    assert.deepEqual((log[1]?.[2] as { annotations: unknown[] }).annotations, []);
  });

  it("T50: looks for the run first when nobody knows whether it was created", async () => {
    const item = itemOf({ kind: "check", headSha: HEAD, check: checkOf("success") }, { isUncertain: true });
    const others = [
      { id: 1, text: "row-0.1" },
      { id: 2, text: "row-1.1" },
    ];
    const found = await publish(item, { ...api, findOwnCheckRuns: () => Promise.resolve(others) });
    assert.deepEqual(names(found), ["findOwnCheckRuns", "markAttempt", "updateCheckRun", "published"]);
    assert.equal(found[2]?.[1], 2);
    const missing = await publish(item, { ...api, findOwnCheckRuns: () => Promise.resolve([]) });
    assert.deepEqual(names(missing), ["findOwnCheckRuns", "markAttempt", "createCheckRun", "published"]);
  });

  for (const isNew of [true, false]) {
    it(`T50: sends no annotation twice when the answer to its ${isNew ? "first" : "second"} request was lost`, async () => {
      const check = checkOf("failure", 60);
      const sent = async (published?: object, runs?: { id: number; text: string }[], now = check) => {
        const item = itemOf(
          { kind: "check", headSha: HEAD, check: now },
          { isUncertain: runs !== undefined },
          published,
        );
        const log = await publish(item, { ...api, findOwnCheckRuns: () => Promise.resolve(runs ?? []) });
        const call = log.find(([name]) => String(name).endsWith("CheckRun"));
        const write = call?.[2] as { externalId: string; annotations: { startLine: number }[] };
        const name = String(call?.[0]);
        return { name, write, lines: write.annotations.map(({ startLine }) => startLine), published: log.at(-1)?.[1] };
      };
      const first = await sent();
      const arrived = isNew ? first : await sent(first.published as object);
      const before = isNew ? undefined : (first.published as object);
      const again = await sent(before, [{ id: 500, text: arrived.write.externalId }]);
      assert.equal(again.name, "updateCheckRun");
      assert.deepEqual(again.lines, isNew ? Array.from({ length: 10 }, (_, index) => 51 + index) : []);
      const other = await sent(before, [{ id: 500, text: arrived.write.externalId }], checkOf("failure", 3));
      assert.equal(other.name, "createCheckRun", "what has other annotations cannot become this one");
      const lost = await sent(before, isNew ? [] : [{ id: 500, text: first.write.externalId }]);
      assert.deepEqual(lost.lines, arrived.lines, "what did not arrive is sent again");
    });
  }

  it("T47: is sent without detail when GitHub refuses the detail, each for a write of its own", async () => {
    let calls = 0;
    const log = await publish(itemOf({ kind: "check", headSha: HEAD, check: checkOf("failure", 3) }), {
      createCheckRun: () => (calls++ === 0 ? Promise.reject(new RefusedFault("invalid")) : Promise.resolve(7)),
    });
    const twice = ["markAttempt", "createCheckRun", "markAttempt", "createCheckRun"];
    assert.deepEqual(names(log), [...twice, "published"]);
    const plain = log[3]?.[2] as { annotations: unknown[]; check: { state: string; title: string } };
    assert.deepEqual([plain.annotations, plain.check.state, plain.check.title], [[], "failure", "Now failure"]);
  });
});

describe("a comment that should stand", () => {
  const comment = (body: string, index = 0) => ({ kind: "comment", number: 12, index, body }) as const;

  it("is posted, then edited in place, and posted again when somebody deleted it (T46)", async () => {
    const posted = await publish(itemOf(comment("hello")), { createComment: () => Promise.resolve(9) });
    assert.deepEqual(names(posted), ["markAttempt", "createComment", "published"]);
    const edited = await publish(itemOf(comment("hello"), {}, { remoteId: 9 }), {
      updateComment: () => Promise.resolve(true),
    });
    assert.deepEqual(names(edited), ["updateComment", "published"]);
    const again = await publish(itemOf(comment("hello"), {}, { remoteId: 9 }), {
      updateComment: () => Promise.resolve(false),
      createComment: () => Promise.resolve(10),
    });
    assert.deepEqual(again.at(-1), ["published", { remoteId: 10 }, true]);
  });

  it("T46, T50: is only looked for among the App's own, when nobody knows whether it was posted", async () => {
    const mark = "<!-- drydock row-1 -->";
    const log = await publish(itemOf(comment("hello"), { isUncertain: true }), {
      findOwnComments: () =>
        Promise.resolve([
          { id: 1, text: `${mark} quoted` },
          { id: 2, text: `old\n\n${mark}` },
        ]),
      updateComment: () => Promise.resolve(true),
    });
    assert.deepEqual(log[1]?.slice(0, 2), ["updateComment", 2]);
  });

  it("goes when it is a continuation no longer needed, and says so when it is the first", async () => {
    const gone = await publish(itemOf(comment("", 1), {}, { remoteId: 9 }), { deleteComment: () => Promise.resolve() });
    assert.deepEqual(names(gone), ["deleteComment", "published"]);
    const never = await publish(itemOf(comment("")), {});
    assert.deepEqual(names(never), ["published"]);
    const first = await publish(itemOf(comment(""), {}, { remoteId: 9 }), {
      updateComment: () => Promise.resolve(true),
    });
    assert.match(String(first[0]?.[2]), /^Nothing that deploys changes any more/u);
  });
});

describe("review comments that should stand", () => {
  const thread = (key: string): ReviewThread => ({ key, path: "a.yaml", line: 1, level: "error", body: key });
  const review = (keys: string[], overflow = 0) =>
    ({
      kind: "review",
      number: 12,
      headSha: HEAD,
      review: { threads: keys.map(thread), overflow, standing: keys },
    }) as const;

  it("come as one review, and stay when they are known", async () => {
    const log = await publish(itemOf(review(["a", "b"], 4), {}, { threads: [{ key: "a", commentId: 1 }] }), {
      createReview: () => Promise.resolve([2]),
    });
    const { body, threads } = log[0]?.[3] as { body: string; threads: unknown[] };
    assert.equal(body, "1 comment on this change; 4 more in the checks.");
    assert.equal(threads.length, 1);
    const standing = [
      { key: "a", commentId: 1 },
      { key: "b", commentId: 2 },
    ];
    assert.deepEqual(log.at(-1), ["published", { threads: standing, ended: [] }, true]);
  });

  it("are counted where the review holds them: those on whole files stand apart, and alone need no review", async () => {
    const bodyOf = async (threads: readonly ReviewThread[], overflow: number): Promise<string> => {
      const desired = { ...review([]), review: { threads, overflow, standing: threads.map(({ key }) => key) } };
      const log = await publish(itemOf(desired), { createReview: () => Promise.resolve(threads.map(() => 1)) });
      return (log[0]?.[3] as { body: string }).body;
    };
    const onFile = { ...thread("file"), line: undefined };
    assert.equal(await bodyOf([thread("a"), onFile], 0), "1 comment on this change.");
    assert.equal(await bodyOf([onFile], 0), "");
    assert.equal(await bodyOf([onFile], 2), "2 more comments in the checks.");
  });

  it("count each of the requests that one review takes, and are carried through once begun", async () => {
    const spent: unknown[] = [];
    const item = itemOf(review(["a", "b"]));
    const left = [item];
    const fake = fakePublishing(
      {
        createReview: async (_number, _sha, _review, beforeWrite) => {
          for (let request = 0; request < 3; request++) await beforeWrite();
          return [1, 2];
        },
      },
      {
        nextOutgoing: () => Promise.resolve(left.shift()),
        takeWrite: (_item, isContent, isBegun) => {
          spent.push([isContent, isBegun]);
          return Promise.resolve({ kind: "granted" });
        },
      },
    );
    await publishOutgoing(3, fake.services);
    assert.deepEqual(spent, [
      [true, false],
      [true, true],
      [true, true],
    ]);
  });

  it("stay while their finding stands, also where it has no comment any more", async () => {
    const known = [{ key: "a", commentId: 1 }];
    const item = itemOf(
      { ...review([]), review: { threads: [], overflow: 0, standing: ["a"] } },
      {},
      { threads: known },
    );
    assert.deepEqual(await publish(item, {}), [["published", { threads: known, ended: [] }, true]]);
  });

  it("are resolved once their findings are gone, and forgotten where GitHub had no place for them", async () => {
    const known = [
      { key: "a", commentId: 1 },
      { key: "b", commentId: undefined },
    ];
    const log = await publish(itemOf(review([]), {}, { threads: known }), {
      resolveThread: () => Promise.resolve("resolved"),
    });
    assert.deepEqual(log[1], ["resolveThread", 12, 1]);
    assert.deepEqual(log.at(-1), ["published", { threads: [], ended: [1] }, true]);
  });

  it("T50: come again when the server died while their end was under way, and they are wanted again since", async () => {
    let published = { threads: [{ key: "a", commentId: 1 }] };
    await assert.rejects(
      publish(
        itemOf(review([]), {}, published),
        { resolveThread: () => Promise.reject(new Error("killed")) },
        { markPublished: (_item, noted) => Promise.resolve(void (published = noted as typeof published)) },
      ),
      /killed/u,
    );
    const log = await publish(itemOf(review(["a"]), {}, published), {
      createReview: () => Promise.resolve([2]),
      resolveThread: () => Promise.resolve("gone"),
    });
    assert.deepEqual(log.filter(([name]) => name === "resolveThread").at(-1), ["resolveThread", 12, 1]);
    assert.deepEqual(log.at(-1), ["published", { threads: [{ key: "a", commentId: 2 }], ended: [] }, true]);
  });

  it("T50: are looked for after a crash, and an ended conversation about the same is not taken for the new one", async () => {
    const posted: OwnThing[] = [];
    const createReview: GitHubRepository["createReview"] = (_number, _sha, { threads }) => {
      const ids = threads.map((_, index) => posted.length + index + 1);
      posted.push(...threads.map(({ body }, index) => ({ id: ids[index] ?? 0, text: `${body}\n` })));
      return Promise.resolve(ids);
    };
    const api = { createReview, findOwnReviewComments: () => Promise.resolve(posted) };
    const uncertain = { isUncertain: true };
    await publish(itemOf(review(["a"])), api);
    // The first conversation has ended, and nobody knows whether the second review arrived.
    const ended = { threads: [], ended: [1] };
    const again = await publish(itemOf(review(["a"]), uncertain, ended), api);
    assert.deepEqual(again.at(-1), ["published", { threads: [{ key: "a", commentId: 2 }], ended: [1] }, true]);
    const found = await publish(itemOf(review(["a"]), uncertain, ended), api);
    assert.deepEqual(names(found), ["findOwnReviewComments", "published"]);
    assert.deepEqual(found.at(-1), again.at(-1));
    // What arrived and is wanted no more does not stay.
    const gone = await publish(itemOf(review([]), uncertain, ended), {
      ...api,
      resolveThread: () => Promise.resolve("removed"),
    });
    assert.deepEqual(gone.filter(([name]) => name === "resolveThread").at(-1), ["resolveThread", 12, 2]);
    assert.deepEqual(gone.at(-1), ["published", ended, true]);
  });
});

describe("labels that should stand", () => {
  it("are created, put on, and taken off only where Drydock put them", async () => {
    const prod = { name: "env/prod", color: "b60205", description: "" };
    const log = await publish(itemOf({ kind: "labels", number: 12, labels: [prod] }, {}, { labels: ["env/dev"] }), {
      ensureLabel: () => Promise.resolve(),
      addLabels: () => Promise.resolve(),
      removeLabel: () => Promise.resolve(),
    });
    assert.deepEqual(names(log), ["published", "removeLabel", "ensureLabel", "addLabels", "published"]);
    assert.deepEqual(log[0], ["published", { labels: ["env/dev", "env/prod"], isChanging: true }, false]);
    assert.deepEqual(log[1], ["removeLabel", 12, "env/dev"]);
    assert.deepEqual(log.at(-1), ["published", { labels: ["env/prod"] }, true]);
  });

  it("are put on again after a crash, which may have come between any two of its steps", async () => {
    const dev = { name: "env/dev", color: "0e8a16", description: "" };
    const crashed = { labels: ["env/dev", "env/prod"], isChanging: true } as const;
    const log = await publish(itemOf({ kind: "labels", number: 12, labels: [dev] }, {}, crashed), {
      ensureLabel: () => Promise.resolve(),
      addLabels: () => Promise.resolve(),
      removeLabel: () => Promise.resolve(),
    });
    assert.deepEqual(names(log), ["published", "removeLabel", "ensureLabel", "addLabels", "published"]);
    assert.deepEqual(log[1], ["removeLabel", 12, "env/prod"]);
    assert.deepEqual(log[3], ["addLabels", 12, ["env/dev"]]);
  });

  it("T54: are taken off before others are put on, which GitHub may refuse", async () => {
    const blocked = { name: "drydock/blocked", color: "d93f0b", description: "" };
    const wish = { kind: "labels", number: 12, labels: [blocked], standing: ["drydock/ready"] } as const;
    const log = await publish(itemOf(wish), {
      ensureLabel: () => Promise.reject(new RefusedFault("Validation Failed")),
      removeLabel: () => Promise.resolve(),
    });
    assert.deepEqual(names(log), ["published", "removeLabel", "ensureLabel", "refused"]);
    assert.deepEqual(log[1], ["removeLabel", 12, "drydock/ready"]);
  });

  it("are left alone where they stand as they should", async () => {
    const prod = { name: "env/prod", color: "b60205", description: "" };
    const log = await publish(itemOf({ kind: "labels", number: 12, labels: [prod] }, {}, { labels: ["env/prod"] }), {});
    assert.deepEqual(log, [["published", { labels: ["env/prod"] }, true]]);
  });
});

describe("what GitHub answers instead", () => {
  const item = itemOf({ kind: "comment", number: 12, index: 0, body: "hello" });
  const failing = (fault: Error) => ({ createComment: () => Promise.reject(fault) });

  it("T52: pauses all writes of the installation as long as GitHub asks", async () => {
    const pauses: unknown[] = [];
    const pauseWrites = (...args: unknown[]): Promise<void> => Promise.resolve(void pauses.push(args));
    await assert.rejects(publish(item, failing(new LimitedFault("slow down", 90_000)), { pauseWrites }), LimitedFault);
    assert.deepEqual(pauses, [[3, 90_000]]);
  });

  it("T53: ends cleanly where the App may not, and says which permission is missing", async () => {
    const lost: unknown[] = [];
    const noteAccessLost = (...args: unknown[]): Promise<boolean> => Promise.resolve(lost.push(args) > 0);
    await publish(item, failing(new AccessLostFault("archived", "read only")), { noteAccessLost });
    assert.deepEqual(lost, [[item.repository, "archived"]]);
    const missing = await publish({ ...item, permissions: { checks: "write" } }, {});
    assert.deepEqual(missing, [["refused", "the permission pull_requests: write is not granted"]]);
  });

  it("T49: is no loss when the repository is found by its name of now", async () => {
    const lost = failing(new AccessLostFault("not-found", "no such repository"));
    const log = await publish(item, { ...lost, readFacts: () => Promise.resolve(item.repository) });
    assert.deepEqual(log.at(-1), ["postponed", "no such repository"]);
  });

  it("T52: tries one that GitHub fails on later, and goes on with others", async () => {
    const log = await publish(item, failing(new Fault("bad gateway", { isRetryable: true })));
    assert.deepEqual(log.at(-1), ["postponed", "bad gateway"]);
    const refused = await publish(item, failing(new RefusedFault("too long")));
    assert.deepEqual(refused.at(-1), ["refused", "too long"]);
  });
});

describe("a turn of an installation", () => {
  const item = itemOf({ kind: "reaction", commentId: 5, content: "eyes" });
  const api = { react: () => Promise.resolve() };

  it("ends after a few items or seconds, and says that something is left", async () => {
    const many = fakePublishing(api, { nextOutgoing: () => Promise.resolve(item) });
    assert.equal(await publishOutgoing(3, many.services), "more");
    assert.equal(many.log.filter(([name]) => name === "react").length, 8);
    let at = 0;
    const slow = fakePublishing(
      { react: () => Promise.resolve(void (at += 2000)) },
      { nextOutgoing: () => Promise.resolve(item) },
    );
    assert.equal(await publishOutgoing(3, { ...slow.services, now: () => at }), "more");
    assert.equal(slow.log.filter(([name]) => name === "react").length, 2);
    const none = fakePublishing(api, { nextOutgoing: () => Promise.resolve(undefined) });
    assert.equal(await publishOutgoing(3, none.services), "done");
  });

  it("begins with what has waited longest once in eight seconds, and goes on with what matters most", async () => {
    const asked: unknown[] = [];
    const nextOutgoing = (_id: number, first?: string): Promise<undefined> => {
      asked.push(first);
      return Promise.resolve(undefined);
    };
    const fake = fakePublishing(api, { nextOutgoing });
    for (let second = 0; second < 16; second++) {
      await publishOutgoing(3, { ...fake.services, now: () => second * 1000 });
    }
    assert.equal(asked.filter((first) => first === "oldest").length, 2);
    const left = [item, item, item];
    asked.length = 0;
    const more = fakePublishing(api, {
      nextOutgoing: (_id, first) => {
        asked.push(first);
        return Promise.resolve(left.shift());
      },
    });
    await publishOutgoing(3, more.services);
    assert.deepEqual(asked, ["oldest", "most-important", "most-important", "most-important"]);
  });

  it("T50: sends nothing for what was let go of since its write was granted", async () => {
    const wishes = [
      { kind: "check", headSha: HEAD, check: checkOf("success") },
      { kind: "comment", number: 12, index: 0, body: "hello" },
    ] as const;
    for (const wish of wishes) {
      assert.deepEqual(await publish(itemOf(wish), {}, { markAttempt: () => Promise.resolve(false) }), [], wish.kind);
    }
  });

  it("T33: leaves what a newer wish has overtaken, and takes the newer one", async () => {
    const older = itemOf({ kind: "check", headSha: HEAD, check: checkOf("in_progress") }, { id: "row-1" });
    const newer = itemOf({ kind: "check", headSha: HEAD, check: checkOf("success") }, { id: "row-1" });
    const left = [older, newer];
    const fake = fakePublishing(
      { createCheckRun: () => Promise.resolve(500) },
      {
        nextOutgoing: () => Promise.resolve(left.shift()),
        takeWrite: (wish) => Promise.resolve({ kind: wish === older ? "overtaken" : "granted" }),
      },
    );
    assert.equal(await publishOutgoing(3, fake.services), "done");
    assert.deepEqual(names(fake.log), ["markAttempt", "createCheckRun", "published"]);
    const write = fake.log[1]?.[2] as { check: { state: string } };
    assert.equal(write.check.state, "success");
  });

  it("waits for comments alone when only they are used up, and checks go on", async () => {
    const comment = itemOf({ kind: "comment", number: 12, index: 0, body: "hello" });
    const left = [comment, itemOf({ kind: "check", headSha: HEAD, check: checkOf("success") })];
    const held: unknown[] = [];
    const fake = fakePublishing(
      { createCheckRun: () => Promise.resolve(500) },
      {
        nextOutgoing: () => Promise.resolve(left.shift()),
        takeWrite: (_wish, isContent) =>
          Promise.resolve(isContent ? { kind: "wait", until: 1_800_000, limit: "contents" } : { kind: "granted" }),
        holdBack: (wish, until) => Promise.resolve(void held.push([wish, until])),
      },
    );
    await publishOutgoing(3, fake.services);
    assert.deepEqual(held, [[comment, 1_800_000]]);
    assert.deepEqual(names(fake.log), ["markAttempt", "createCheckRun", "published"]);
  });
});
