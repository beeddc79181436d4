import assert from "node:assert/strict";
import { it } from "node:test";
import type { Outgoing, RepositoryRef } from "../../../src/model/index.ts";
import type { OutgoingItem, Records } from "../../../src/jobs/ports.ts";
import {
  check,
  combine,
  delivery,
  judge,
  newId,
  newRepository,
  publication,
  pullRequest,
  verdict,
} from "./build-events.ts";
import { onBothBackends } from "./on-both-backends.ts";

/** What is to be written for an installation, in order, each noted as written. */
async function publishAll(records: Records, installationId: number): Promise<Outgoing[]> {
  const written: Outgoing[] = [];
  for (;;) {
    const item = await records.nextOutgoing(installationId);
    if (item === undefined) return written;
    written.push(item.outgoing);
    await records.markPublished(item, { remoteId: item.published?.remoteId ?? newId() }, true);
  }
}

function nameOf(outgoing: Outgoing): string {
  if (outgoing.kind === "check") return `${outgoing.check.name} ${outgoing.check.state}`;
  if (outgoing.kind === "comment") return `comment ${outgoing.index} ${outgoing.body}`;
  return outgoing.kind;
}

async function judgeOnce(
  records: Records,
  repository: RepositoryRef,
  number: number,
  state: "success" | "failure",
  {
    comments,
    headSha = "a".repeat(40),
    baseRef = "main",
  }: { comments?: string[]; headSha?: string; baseRef?: string } = {},
) {
  const key = { repositoryId: repository.repositoryId, number };
  const started = await records.startJudgement(key);
  assert.ok(started);
  await records.notePullRequest(pullRequest(repository, number, { headSha, baseRef }), started.generation);
  return records.finishJudgement(
    key,
    {
      generation: started.generation,
      verdict: verdict(state, { headSha, baseRef }),
      publication: comments && publication(comments),
      report: { body: `<p>${state}</p>`, json: `{"decision":"${state}"}` },
    },
    combine,
  );
}

onBothBackends("records", (world) => {
  it("T49: a delivery that comes twice is applied once", async () => {
    const { records, intake } = world.database();
    const repository = newRepository();
    const once = delivery([judge(repository, 1)]);
    await Promise.all([intake.receive(once), intake.receive(once)]);
    await records.keepDeliveries([once, once]);
    const started = await records.startJudgement({ repositoryId: repository.repositoryId, number: 1 });
    assert.equal(started?.generation, 1);
    assert.deepEqual(started.reasons, ["pushed"]);
  });

  it("T49: a late event about a closed pull request asks GitHub and opens nothing", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const key = { repositoryId: repository.repositoryId, number: 1 };
    await records.applyIntents([judge(repository, 1, { reason: "opened" })]);
    await records.applyIntents([{ kind: "close", repository, number: 1, isMerged: true }]);
    assert.equal(await records.startJudgement(key), undefined);
    await records.applyIntents([judge(repository, 1, { reason: "opened" })]);
    assert.ok(await records.startJudgement(key), "it is looked at");
    assert.equal((await world.database().explainPullRequest(key)).state?.isOpen, false);
  });

  it("T33: a judgement that a newer wish has overtaken stores nothing", async () => {
    const { records, pages } = world.database();
    const repository = newRepository();
    const key = { repositoryId: repository.repositoryId, number: 1 };
    await records.applyIntents([judge(repository, 1)]);
    const older = await records.startJudgement(key);
    assert.ok(older);
    await records.applyIntents([judge(repository, 1, { headSha: "c".repeat(40) })]);
    const { generation } = older;
    const judged = { generation, verdict: verdict("success"), publication: publication(["old"]), report: undefined };
    assert.equal(await records.notePullRequest(pullRequest(repository, 1), generation), "outdated");
    assert.equal(await records.showProgress(key, generation, [check("drydock", "in_progress")]), "outdated");
    assert.equal(await records.finishJudgement(key, judged, combine), "outdated");
    assert.deepEqual(await pages.listJudgements(key), []);
    assert.equal(await records.nextOutgoing(repository.installationId), undefined);
  });

  it("T33: the same verdict again writes nothing and adds no line to the history", async () => {
    const { records, pages } = world.database();
    const repository = newRepository();
    const key = { repositoryId: repository.repositoryId, number: 1 };
    await records.applyIntents([judge(repository, 1)]);
    assert.equal(await judgeOnce(records, repository, 1, "failure", { comments: ["hello"] }), "kept");
    const first = await publishAll(records, repository.installationId);
    assert.deepEqual(first.map(nameOf), ["drydock failure", "drydock/manifests failure", "comment 0 hello"]);
    const [before] = await pages.listJudgements(key);
    await records.applyIntents([judge(repository, 1, { reason: "base-moved" })]);
    await judgeOnce(records, repository, 1, "failure", { comments: ["hello"] });
    assert.equal(await records.nextOutgoing(repository.installationId), undefined);
    const history = await pages.listJudgements(key);
    assert.deepEqual(
      history.map(({ id, state, title }) => ({ id, state, title })),
      [{ id: before?.id, state: "failure", title: "1 error" }],
    );
    assert.equal((await pages.readJudgement(key, undefined))?.body, "<p>failure</p>");
    assert.equal((await pages.readJudgement(key, before?.id))?.json, '{"decision":"failure"}');
    assert.equal(await pages.readJudgement(key, "1; drop table drydock.judgements"), undefined);
  });

  it("T22: the worst verdict of two pull requests with one head stands, until the worse one closes", async () => {
    const { records } = world.database();
    const repository = newRepository();
    await records.applyIntents([judge(repository, 1), judge(repository, 2)]);
    await judgeOnce(records, repository, 1, "failure");
    await judgeOnce(records, repository, 2, "success", { baseRef: "prod" });
    const [gate] = await publishAll(records, repository.installationId);
    assert.ok(gate?.kind === "check");
    assert.equal(gate.check.state, "failure");
    assert.equal(gate.check.summary, "1 into main, 2 into prod");
    await records.applyIntents([{ kind: "close", repository, number: 1, isMerged: false }]);
    const again = await records.startJudgement({ repositoryId: repository.repositoryId, number: 2 });
    assert.deepEqual(again?.reasons, ["edited"], "the other one is judged again");
    await judgeOnce(records, repository, 2, "success", { baseRef: "prod" });
    const written = await publishAll(records, repository.installationId);
    assert.deepEqual(written.map(nameOf), ["drydock success", "drydock/manifests success"]);
  });

  it("progress shows on a new head or when somebody asked, and not again for the rest", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const key = { repositoryId: repository.repositoryId, number: 1 };
    const show = async (reason: "pushed" | "base-moved" | "asked") => {
      await records.applyIntents([judge(repository, 1, { reason })]);
      const started = await records.startJudgement(key);
      assert.ok(started);
      await records.notePullRequest(pullRequest(repository, 1), started.generation);
      await records.showProgress(key, started.generation, [check("drydock", "in_progress")]);
      const written = await publishAll(records, repository.installationId);
      await judgeOnce(records, repository, 1, "success");
      await publishAll(records, repository.installationId);
      return written.map(nameOf);
    };
    assert.deepEqual(await show("pushed"), ["drydock in_progress"]);
    assert.deepEqual(await show("base-moved"), []);
    assert.deepEqual(await show("asked"), ["drydock in_progress"]);
  });

  it("T32: what was asked for is written as another run, also when the verdict is known before it began", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const key = { repositoryId: repository.repositoryId, number: 1 };
    await records.applyIntents([judge(repository, 1)]);
    await judgeOnce(records, repository, 1, "success");
    for (let item = await records.nextOutgoing(repository.installationId); item !== undefined;) {
      const run = { count: 1, isCompleted: true, annotations: 0, annotationsDigest: "d" };
      await records.markPublished(item, { remoteId: 5, run }, true);
      item = await records.nextOutgoing(repository.installationId);
    }
    await records.applyIntents([judge(repository, 1, { reason: "asked" })]);
    const started = await records.startJudgement(key);
    assert.ok(started);
    await records.notePullRequest(pullRequest(repository, 1), started.generation);
    await records.showProgress(key, started.generation, [check("drydock", "in_progress")]);
    await judgeOnce(records, repository, 1, "success");
    const item = await records.nextOutgoing(repository.installationId);
    assert.ok(item?.outgoing.kind === "check" && item.outgoing.check.state === "success");
    assert.equal(item.published?.run?.annotationsDigest, "", "fits no list, so that another run begins");
  });

  it("a verdict keeps the moment at which its check began", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const key = { repositoryId: repository.repositoryId, number: 1 };
    await records.applyIntents([judge(repository, 1)]);
    const started = await records.startJudgement(key);
    assert.ok(started);
    await records.notePullRequest(pullRequest(repository, 1), started.generation);
    await records.showProgress(key, started.generation, [check("drydock", "in_progress")]);
    const begun = await records.nextOutgoing(repository.installationId);
    await judgeOnce(records, repository, 1, "success");
    const ended = await records.nextOutgoing(repository.installationId);
    assert.ok(ended?.outgoing.kind === "check" && ended.outgoing.check.state === "success");
    assert.equal(ended.wantedAt, begun?.wantedAt);
  });

  it("continuations that are not needed any more are taken away, unwritten ones forgotten", async () => {
    const { records } = world.database();
    const repository = newRepository();
    await records.applyIntents([judge(repository, 1)]);
    await judgeOnce(records, repository, 1, "success", { comments: ["one", "two"] });
    await publishAll(records, repository.installationId);
    await records.applyIntents([judge(repository, 1)]);
    await judgeOnce(records, repository, 1, "success", { comments: ["one", "two", "three"] });
    await records.applyIntents([judge(repository, 1)]);
    await judgeOnce(records, repository, 1, "success", { comments: ["one"] });
    assert.deepEqual((await publishAll(records, repository.installationId)).map(nameOf), ["comment 1 "]);
  });

  it("a closed pull request is written to no more, and goes on with its own comment when it is reopened", async () => {
    const { records } = world.database();
    const repository = newRepository();
    await records.applyIntents([judge(repository, 1)]);
    await judgeOnce(records, repository, 1, "success", { comments: ["first"] });
    await publishAll(records, repository.installationId);
    await records.applyIntents([judge(repository, 1)]);
    await judgeOnce(records, repository, 1, "failure", { comments: ["second"] });
    await records.applyIntents([{ kind: "close", repository, number: 1, isMerged: false }]);
    assert.equal(await records.nextOutgoing(repository.installationId), undefined);
    await records.applyIntents([judge(repository, 1, { reason: "opened" })]);
    await judgeOnce(records, repository, 1, "success", { comments: ["third"] });
    const items: OutgoingItem[] = [];
    for (let item = await records.nextOutgoing(repository.installationId); item !== undefined;) {
      items.push(item);
      await records.markPublished(item, item.published ?? {}, true);
      item = await records.nextOutgoing(repository.installationId);
    }
    const comment = items.find(({ outgoing }) => outgoing.kind === "comment");
    assert.equal(comment?.outgoing.kind === "comment" && comment.outgoing.body, "third");
    assert.equal(typeof comment?.published?.remoteId, "number");
  });

  it("writes in the order of what a merge waits for, people before bots", async () => {
    const { records } = world.database();
    const repository = newRepository();
    await records.applyIntents([judge(repository, 1, { lane: "bots" }), judge(repository, 2, { lane: "people" })]);
    await judgeOnce(records, repository, 1, "success", { comments: ["of a bot"], headSha: "c".repeat(40) });
    await judgeOnce(records, repository, 2, "success", { comments: ["of a person"], headSha: "d".repeat(40) });
    const written = await publishAll(records, repository.installationId);
    assert.deepEqual(
      written.map((outgoing) => `${nameOf(outgoing)} ${outgoing.kind === "check" ? outgoing.headSha[0] : ""}`.trim()),
      [
        "drydock success d",
        "drydock success c",
        "drydock/manifests success d",
        "drydock/manifests success c",
        "comment 0 of a person",
        "comment 0 of a bot",
      ],
    );
  });

  it("T33: a wish that comes back to what stood, while another is on its way, is written once more", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const { installationId, repositoryId } = repository;
    const key = { repositoryId, number: 1 };
    await records.applyIntents([judge(repository, 1)]);
    await judgeOnce(records, repository, 1, "success");
    await publishAll(records, installationId);
    await records.applyIntents([judge(repository, 1, { reason: "asked" })]);
    const started = await records.startJudgement(key);
    assert.ok(started);
    await records.showProgress(key, started.generation, [check("drydock", "in_progress")]);
    const onItsWay = await records.nextOutgoing(installationId);
    assert.ok(onItsWay);
    await judgeOnce(records, repository, 1, "success");
    await records.markPublished(onItsWay, { remoteId: 2 }, true);
    assert.deepEqual((await publishAll(records, installationId)).map(nameOf), ["drydock success"]);
  });

  it("the rest of a long list comes after everything else", async () => {
    const { records } = world.database();
    const repository = newRepository();
    await records.applyIntents([judge(repository, 1)]);
    await judgeOnce(records, repository, 1, "success", { comments: ["hello"] });
    const gate = await records.nextOutgoing(repository.installationId);
    assert.ok(gate);
    await records.markPublished(gate, { remoteId: 1 }, false);
    const order: string[] = [];
    for (let item = await records.nextOutgoing(repository.installationId); item !== undefined;) {
      order.push(`${nameOf(item.outgoing)}${item.isPartial ? ", rest" : ""}`);
      await records.markPublished(item, item.published ?? {}, true);
      item = await records.nextOutgoing(repository.installationId);
    }
    assert.deepEqual(order, ["drydock/manifests success", "comment 0 hello", "drydock success, rest"]);
  });

  it("a refused wish is left alone until it changes, a postponed one until its time", async () => {
    const { records } = world.database();
    const repository = newRepository();
    await records.applyIntents([judge(repository, 1)]);
    await judgeOnce(records, repository, 1, "success", { comments: ["odd"] });
    for (const expected of ["drydock success", "drydock/manifests success"]) {
      const item = await records.nextOutgoing(repository.installationId);
      assert.ok(item);
      assert.equal(nameOf(item.outgoing), expected);
      await records.postpone(item, "GitHub is down");
    }
    const comment = await records.nextOutgoing(repository.installationId);
    assert.ok(comment);
    await records.markAttempt(comment);
    await records.markRefused(comment, "body is too long");
    assert.equal(await records.nextOutgoing(repository.installationId), undefined);
    await records.applyIntents([judge(repository, 1)]);
    await judgeOnce(records, repository, 1, "success", { comments: ["odd"] });
    assert.equal(await records.nextOutgoing(repository.installationId), undefined);
    await judgeOnce(records, repository, 1, "success", { comments: ["fine"] });
    assert.deepEqual((await publishAll(records, repository.installationId)).map(nameOf), ["comment 0 fine"]);
    await world.rows("update drydock.outgoing set not_before = now() where repository_id = $1", [
      repository.repositoryId,
    ]);
    const written = await publishAll(records, repository.installationId);
    assert.deepEqual(written.map(nameOf), ["drydock success", "drydock/manifests success"]);
    const story = await world.database().explainPullRequest({ repositoryId: repository.repositoryId, number: 1 });
    assert.ok(story.troubles.some(({ what }) => what === "refused"));
  });

  it("T14, T16: a command is stored once, as it was posted, with the head of that moment", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const command = {
      kind: "command",
      repository,
      number: 1,
      commentId: newId(),
      actor: { id: 5, login: "kim", type: "User" },
      text: "/drydock check",
    } as const;
    const postedAt = new Date(Date.now() + 1000).toISOString();
    await records.applyIntents([judge(repository, 1)]);
    await judgeOnce(records, repository, 1, "success", { headSha: "1".repeat(40) });
    // Its webhook comes after that of a push, whose commit nobody had an answer on.
    await records.applyIntents([judge(repository, 1, { headSha: "2".repeat(40) }), { ...command, postedAt }]);
    await records.applyIntents([{ ...command, postedAt, text: "/drydock no" }]);
    for (const moment of ["2026-01-01T00:00:00Z", undefined]) {
      const other = { ...command, commentId: newId(), postedAt: moment };
      await records.applyIntents([other]);
      const found = await records.readCommand(repository.repositoryId, {
        source: "comment",
        commentId: other.commentId,
      });
      assert.ok(found);
      assert.equal(found.headSha, undefined, "nothing was judged by then");
    }
    const key = { source: "comment", commentId: command.commentId } as const;
    const stored = await records.readCommand(repository.repositoryId, key);
    assert.equal(stored?.text, "/drydock check");
    assert.equal(stored.headSha, "1".repeat(40));
    assert.equal(stored.isDone, false);
    const onLine = { source: "review-comment", commentId: command.commentId } as const;
    const unknown = await records.unknownCommands(repository.repositoryId, [key, onLine]);
    assert.deepEqual(unknown, [onLine], "GitHub counts the ids of comments on lines apart");
    await publishAll(records, repository.installationId);
    await records.finishCommand(repository.repositoryId, key, [
      { kind: "reaction", commentId: command.commentId, content: "+1" },
    ]);
    assert.equal((await records.readCommand(repository.repositoryId, key))?.isDone, true);
    assert.deepEqual((await publishAll(records, repository.installationId)).map(nameOf), ["reaction"]);
  });

  it("stays quiet on what was open before the installation, until somebody pushes or speaks", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const { installationId, repositoryId } = repository;
    await records.applyIntents([{ kind: "installed", installationId, account: "acme", repositories: [repository] }]);
    const old = pullRequest(repository, 1, { createdAt: "2020-01-01T00:00:00Z" });
    const young = pullRequest(repository, 2, { createdAt: "2100-01-01T00:00:00Z" });
    const missed = await records.withoutVerdict(repositoryId, [old, young]);
    assert.deepEqual(
      missed.map(({ number }) => number),
      [1, 2],
    );
    await records.applyIntents([1, 2].map((number) => judge(repository, number, { reason: "swept", lane: "bots" })));
    assert.equal((await records.startJudgement({ repositoryId, number: 1 }))?.isQuiet, true);
    assert.equal((await records.startJudgement({ repositoryId, number: 2 }))?.isQuiet, false);
    assert.deepEqual(await records.withoutVerdict(repositoryId, [old, young]), [], "their tasks wait");
    await records.applyIntents([judge(repository, 1, { reason: "pushed" })]);
    assert.equal((await records.startJudgement({ repositoryId, number: 1 }))?.isQuiet, false);
  });

  it("T53: nothing is done for what was suspended, removed or uninstalled", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const { installationId, repositoryId } = repository;
    const key = { repositoryId, number: 1 };
    await records.applyIntents([judge(repository, 1)]);
    await judgeOnce(records, repository, 1, "success");
    await records.applyIntents([{ kind: "suspended", installationId, isSuspended: true }]);
    const before = await world.database().readQueueFigures();
    await records.applyIntents([judge(repository, 1)]);
    assert.deepEqual((await world.database().readQueueFigures()).queues, before.queues);
    assert.equal(await records.startJudgement(key), undefined);
    assert.equal(await records.nextOutgoing(installationId), undefined);
    await records.applyIntents([{ kind: "suspended", installationId, isSuspended: false }]);
    assert.ok(await records.startJudgement(key));
    await records.noteAccessLost(repository, "permission");
    assert.equal(await records.startJudgement(key), undefined);
    await records.applyIntents([{ kind: "uninstalled", installationId }]);
    assert.deepEqual(
      (await records.listInstallations()).filter((one) => one.installationId === installationId),
      [],
    );
    assert.ok((await records.tidy(90)).includes(repositoryId));
    assert.deepEqual(await world.database().pages.listJudgements(key), []);
  });

  it("T49: an old event does not take a transferred repository back", async () => {
    const { records } = world.database();
    const before = newRepository();
    const after = { ...before, installationId: newId(), owner: "elsewhere" };
    await records.applyIntents([judge(before, 1)]);
    await records.noteInstallation(
      {
        installationId: after.installationId,
        account: "elsewhere",
        isSuspended: false,
        permissions: { checks: "write" },
        events: [],
        createdAt: "2026-01-01T00:00:00Z",
      },
      [{ ...after, defaultBranch: "main", isPrivate: false, isArchived: false }],
    );
    await records.applyIntents([judge(before, 1)]);
    const facts = await records.readRepository(before.repositoryId);
    assert.equal(facts?.installationId, after.installationId);
    assert.equal(facts.owner, "elsewhere");
    const started = await records.startJudgement({ repositoryId: before.repositoryId, number: 1 });
    assert.deepEqual(started?.permissions, { checks: "write" });
    assert.equal((await world.database().pages.findRepository("ELSEWHERE", before.name))?.isPrivate, false);
  });

  it("T49: a loss that was told of a name is none for the repository that has another by now", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const { repositoryId } = repository;
    await records.applyIntents([judge(repository, 1)]);
    assert.equal(await records.noteAccessLost({ ...repository, owner: "before" }, "not-found"), false);
    assert.ok(await records.readRepository(repositoryId));
    assert.equal(await records.noteAccessLost(repository, "not-found"), true);
    assert.equal(await records.readRepository(repositoryId), undefined);
  });

  it("T31: a merge group is judged on its own head and leaves nothing behind when it is destroyed", async () => {
    const { records, pages } = world.database();
    const repository = newRepository();
    const { repositoryId, installationId } = repository;
    const headSha = "e".repeat(40);
    const group = {
      repositoryId,
      headSha,
      headRef: "gh-readonly-queue/main",
      baseSha: "f".repeat(40),
      baseRef: "main",
    };
    await records.applyIntents([{ kind: "judge-group", repository, group }]);
    const started = await records.startGroup(repositoryId, headSha);
    assert.deepEqual(started?.group, group);
    await records.showGroupProgress(repositoryId, started, [check("drydock", "in_progress")]);
    const { generation } = started;
    const judged = {
      generation,
      verdict: verdict("failure", { headSha }),
      publication: undefined,
      report: { body: "<p>group</p>", json: "{}" },
    };
    assert.equal(await records.finishGroup(repositoryId, started, judged, combine), "kept");
    assert.equal((await pages.readGroupJudgement(repositoryId, headSha))?.body, "<p>group</p>");
    await records.applyIntents([{ kind: "drop-group", repository, headSha }]);
    assert.equal(await records.nextOutgoing(installationId), undefined);
    assert.equal(await records.finishGroup(repositoryId, started, judged, combine), "outdated");
  });

  it("takes text that neither jsonb nor UTF-8 holds", async () => {
    const { records, intake } = world.database();
    const repository = { ...newRepository(), name: "__proto__\0\ud800" };
    const text = `/drydock check \0 \ud800 ${"\u202e".repeat(10)}`;
    const actor = { id: 1, login: "\0", type: "User" } as const;
    const commentId = newId();
    await intake.receive(
      delivery([judge(repository, 1), { kind: "command", repository, number: 1, commentId, actor, text }]),
    );
    const command = await records.readCommand(repository.repositoryId, { source: "comment", commentId });
    assert.equal(command?.text, text.replace("\0", "\ufffd").replace("\ud800", "\ufffd"));
    const branch = "main\0\ud800";
    await records.applyIntents([{ kind: "base-moved", repository, branch, after: "1" }]);
    await world.database().queue.add([{ kind: "rejudge-base", repositoryId: repository.repositoryId, branch }]);
    assert.equal(
      (await world.database().explainPullRequest({ repositoryId: repository.repositoryId, number: 1 })).deliveries
        .length,
      1,
    );
  });

  it("asks for a base again only where an open pull request is based on it", async () => {
    const { records } = world.database();
    const repository = newRepository();
    await records.applyIntents([judge(repository, 1)]);
    await judgeOnce(records, repository, 1, "success");
    const count = async () =>
      (await world.database().readQueueFigures()).queues.find(({ queue }) => queue === "rejudge-base")?.waiting;
    const before = (await count()) ?? 0;
    await records.applyIntents([{ kind: "base-moved", repository, branch: "feature", after: "1" }]);
    assert.equal(await count(), before);
    await records.applyIntents([{ kind: "base-moved", repository, branch: "main", after: "1" }]);
    assert.equal(await count(), before + 1);
    const judged = await records.listJudged(repository.repositoryId, "main");
    assert.deepEqual(
      judged.map(({ number, verdict: { hash } }) => ({ number, hash })),
      [{ number: 1, hash: "hash of success" }],
    );
  });

  it("keeps sessions by digest until they end", async () => {
    const { pages } = world.database();
    const actor = { id: 3, login: "kim", type: "User" } as const;
    await pages.keepSession("digest", { actor, expiresAt: Date.now() + 60_000 });
    await pages.keepSession("old", { actor, expiresAt: Date.now() - 1 });
    assert.deepEqual((await pages.readSession("digest"))?.actor, actor);
    assert.equal(await pages.readSession("old"), undefined);
    await pages.dropSession("digest");
    assert.equal(await pages.readSession("digest"), undefined);
    await pages.ping();
  });

  it("lets reports go after their retention and keeps the verdict that stands", async () => {
    const { records, pages } = world.database();
    const repository = newRepository();
    const key = { repositoryId: repository.repositoryId, number: 1 };
    await records.applyIntents([judge(repository, 1)]);
    await judgeOnce(records, repository, 1, "success");
    await records.applyIntents([judge(repository, 1)]);
    await judgeOnce(records, repository, 1, "failure");
    await world.rows("update drydock.judgements set judged_at = now() - interval '91 days' where repository_id = $1", [
      key.repositoryId,
    ]);
    await records.tidy(90);
    const kept = await pages.readJudgement(key, undefined);
    assert.equal(kept?.state, "failure");
    assert.equal(kept.body, undefined);
    assert.equal((await pages.listJudgements(key)).length, 1);
  });

  it("honours GitHub's limits on writes, and its wish for silence", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const { installationId } = repository;
    await records.applyIntents([judge(repository, 1)]);
    await judgeOnce(records, repository, 1, "success");
    const item = await records.nextOutgoing(installationId);
    assert.ok(item);
    const take = (isContent: boolean) => records.takeWrite(item, isContent);
    const began = performance.now();
    let granted = 0;
    let next = await take(false);
    for (; next.kind === "granted" && granted < 60; next = await take(false)) granted++;
    const most = 10 + Math.floor((performance.now() - began) / 1000);
    assert.ok(granted >= 10 && granted <= most, `${granted} granted of at most ${most}`);
    assert.ok(next.kind === "wait" && next.limit === "writes");
    assert.ok(next.until > Date.now() - 1000 && next.until < Date.now() + 2000);
    const contents = Array.from({ length: 80 }, (_, index) => Date.now() - 30_000 + index);
    await world.rows(
      "update drydock.write_budgets set tokens = 10, contents = $2::bigint[] where installation_id = $1",
      [installationId, contents],
    );
    assert.deepEqual(await take(true), { kind: "wait", until: (contents[0] ?? 0) + 60_001, limit: "contents" });
    assert.deepEqual(await take(false), { kind: "granted" });
    const until = Date.now() + 90_000;
    await records.pauseWrites(installationId, until);
    await records.pauseWrites(installationId, until - 60_000);
    assert.deepEqual(await take(false), { kind: "wait", until, limit: "writes" });
  });

  it("T33: takes no write for what is not wanted any more", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const { installationId, repositoryId } = repository;
    await records.applyIntents([judge(repository, 1)]);
    const started = await records.startJudgement({ repositoryId, number: 1 });
    assert.ok(started);
    await records.showProgress({ repositoryId, number: 1 }, started.generation, [check("drydock", "in_progress")]);
    const item = await records.nextOutgoing(installationId);
    assert.ok(item);
    await judgeOnce(records, repository, 1, "success");
    assert.deepEqual(await records.takeWrite(item, false), { kind: "overtaken" });
    const newer = await records.nextOutgoing(installationId);
    assert.ok(newer);
    for (let write = 0; write < 10; write++) {
      assert.deepEqual(await records.takeWrite(newer, false), { kind: "granted" }, "the bucket is full");
    }
  });

  it("writes the one that waited longest when it is its turn, whatever its rank", async () => {
    const { records } = world.database();
    const repository = newRepository();
    await records.applyIntents([judge(repository, 1), judge(repository, 2, { headSha: "c".repeat(40) })]);
    await judgeOnce(records, repository, 1, "success", { comments: ["old"] });
    for (const name of ["drydock success", "drydock/manifests success"]) {
      const item = await records.nextOutgoing(repository.installationId);
      assert.ok(item);
      assert.equal(nameOf(item.outgoing), name);
      await records.markPublished(item, { remoteId: newId() }, true);
    }
    await judgeOnce(records, repository, 2, "success", { headSha: "c".repeat(40) });
    const important = await records.nextOutgoing(repository.installationId, "most-important");
    assert.equal(important && nameOf(important.outgoing), "drydock success");
    const oldest = await records.nextOutgoing(repository.installationId, "oldest");
    assert.equal(oldest && nameOf(oldest.outgoing), "comment 0 old");
    assert.ok(oldest);
    await records.holdBack(oldest, Date.now() + 60_000);
    const next = await records.nextOutgoing(repository.installationId, "oldest");
    assert.equal(next?.outgoing.kind, "check", "what is held back stands in nobody's way");
  });
});
