import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { readCommit, readFileAt, readRef } from "../../../src/sandbox/git/index.ts";
import {
  dequeuePullRequest,
  enqueuePullRequest,
  startMergeQueues,
  whenQueuesRest,
  type MergeQueues,
} from "../../../src/sandbox/queue/index.ts";
import {
  createApp,
  createCheckRun,
  createOrganization,
  createRepository,
  createRuleset,
  createUser,
  createWorld,
  openPullRequest,
  pushCommit,
  read,
  setStatus,
  subscribe,
  type Account,
  type App,
  type PullRequest,
  type Repository,
  type World,
} from "../../../src/sandbox/world/index.ts";

describe("the stand-in's merge queue", () => {
  let directory: string;
  let time = Date.parse("2026-03-01T00:00:00Z");
  let world: World;
  let queues: MergeQueues;
  let stop: () => Promise<void>;
  let told: string[];
  let troubles: string[];
  let ada: Account;
  let app: App;
  let repository: Repository;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "sandbox-queue-"));
    const web = "http://127.0.0.1:1";
    world = createWorld({ clock: () => time, directory, addresses: { web, api: web, graphql: web } });
    troubles = [];
    ({ queues, stop } = startMergeQueues(world, { report: (trouble) => troubles.push(trouble), minutes: 5 }));
    ada = createUser(world, "ada");
    const owner = createOrganization(world, ada, "acme");
    app = await createApp(world, owner, "Drydock", { keys: { privateKey: "unused", publicKey: "unused" } });
    repository = await createRepository(world, owner, "config", { actor: ada, files: { "a.yaml": "a\n" } });
    createRuleset(world, { type: "Repository", id: repository.id }, "main", {
      hasMergeQueue: true,
      requiredChecks: [{ context: "drydock", appId: app.id }],
    });
    told = [];
    subscribe(world, (event) => {
      if (event.kind === "merge_group") {
        told.push(event.action === "destroyed" ? `destroyed ${event.reason}` : event.action);
      } else if (event.kind === "pull_request" && event.action !== "opened") {
        const number = String(read(world, "pullRequests", { id: event.pullRequestId }).number);
        told.push(`#${number} ${event.action}${event.action === "dequeued" ? ` ${event.reason}` : ""}`);
      }
    });
  });
  afterEach(async () => {
    await stop();
    await rm(directory, { recursive: true, force: true });
    assert.deepEqual(troubles, []);
  });

  const open = async (name: string, text = `${name}\n`): Promise<PullRequest> => {
    const from = read(world, "repositories", repository).branches.get("main") ?? "";
    await pushCommit(world, ada, repository, { branch: name, from, files: { [`${name}.yaml`]: text } });
    return await openPullRequest(world, ada, repository, { head: name });
  };
  const queue = async (...pullRequests: PullRequest[]) => {
    for (const one of pullRequests) enqueuePullRequest(queues, ada, one);
    await whenQueuesRest(queues);
    return groups();
  };
  const groups = () => [...world.mergeGroups.values()];
  const conclude = async (headSha: string, conclusion: string): Promise<void> => {
    createCheckRun(world, { id: app.botId }, repository, app, { name: "drydock", headSha, conclusion });
    await whenQueuesRest(queues);
  };
  const tip = (): string => read(world, "repositories", repository).branches.get("main") ?? "";
  const take = (): string[] => told.splice(0);

  it("builds a real merge on a branch of its own, and merges it when the required check is good", async () => {
    const one = await open("one");
    const [group] = await queue(one);
    assert.ok(group !== undefined);
    assert.equal(group.headRef, `gh-readonly-queue/main/pr-1-${tip()}`);
    assert.equal(await readRef(repository, `refs/heads/${group.headRef}`), group.headSha);
    assert.deepEqual((await readCommit(repository, group.headSha)).parents, [tip(), one.headSha]);
    assert.deepEqual(take(), ["#1 enqueued", "checks_requested"]);
    await conclude(one.headSha, "success");
    setStatus(world, ada, repository, group.headSha, { context: "drydock", state: "success" });
    await whenQueuesRest(queues);
    assert.deepEqual(take(), [], "neither the pull request's own head nor somebody's status counts");
    await conclude(group.headSha, "success");
    assert.deepEqual(take(), ["#1 dequeued MERGE", "#1 closed", "destroyed merged"]);
    assert.equal(tip(), group.headSha);
    assert.equal(await readRef(repository, `refs/heads/${group.headRef}`), undefined);
    assert.equal(read(world, "pullRequests", one).mergeCommitSha, group.headSha);
  });

  it("T31: stacks groups, and builds the later ones again when an earlier one fails", async () => {
    const [one, two] = [await open("one"), await open("two")];
    const [first, second] = await queue(one, two);
    assert.ok(first !== undefined && second !== undefined);
    assert.equal(second.baseSha, first.headSha);
    assert.equal((await readFileAt(repository, second.headSha, "one.yaml"))?.toString(), "one\n");
    await conclude(second.headSha, "success");
    assert.equal(read(world, "pullRequests", two).mergedAt, undefined, "it waits for the one before");
    take();
    await conclude(first.headSha, "failure");
    assert.deepEqual(take(), [
      "#1 dequeued CI_FAILURE",
      "destroyed dequeued",
      "destroyed invalidated",
      "checks_requested",
    ]);
    const [rebuilt] = groups();
    assert.ok(rebuilt !== undefined && rebuilt.baseSha === tip());
    assert.equal(await readFileAt(repository, rebuilt.headSha, "one.yaml"), undefined);
    await conclude(rebuilt.headSha, "success");
    assert.equal(read(world, "pullRequests", two).mergeCommitSha, tip());
    assert.equal(read(world, "pullRequests", one).isQueued, false);
  });

  it("T31: ends a group that waits too long, that conflicts, that was taken out or pushed to", async () => {
    const one = await open("one");
    await queue(one);
    time += 5 * 60_000;
    await pushCommit(world, ada, repository, { branch: "other", files: { "other.yaml": "o\n" } });
    await whenQueuesRest(queues);
    assert.deepEqual(take(), ["#1 enqueued", "checks_requested", "#1 dequeued CI_TIMEOUT", "destroyed dequeued"]);
    await queue(one);
    dequeuePullRequest(queues, ada, one);
    await whenQueuesRest(queues);
    assert.deepEqual(take().slice(2), ["#1 dequeued MANUAL", "destroyed dequeued"]);
    await queue(one);
    await pushCommit(world, ada, repository, { branch: "one", files: { "one.yaml": "again\n" } });
    await whenQueuesRest(queues);
    assert.deepEqual(take().slice(2), ["#1 synchronize", "#1 dequeued MANUAL", "destroyed dequeued"]);
    const clash = await open("clash", "x\n");
    await pushCommit(world, ada, repository, { files: { "clash.yaml": "y\n" } });
    await queue(clash);
    assert.deepEqual(take(), ["#2 enqueued", "#2 dequeued MERGE_CONFLICT"]);
    assert.throws(() => enqueuePullRequest(queues, ada, { id: 1 }));
  });

  it("builds again when somebody pushes to the base", async () => {
    const [before] = await queue(await open("one"));
    await pushCommit(world, ada, repository, { files: { "direct.yaml": "d\n" } });
    await whenQueuesRest(queues);
    const [group] = groups();
    assert.ok(group !== undefined && group.headSha !== before?.headSha);
    assert.equal(group.baseSha, tip());
    assert.deepEqual(take(), ["#1 enqueued", "checks_requested", "destroyed invalidated", "checks_requested"]);
  });
});
