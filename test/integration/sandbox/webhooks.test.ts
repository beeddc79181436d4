import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import {
  describeWholeAttempt,
  injectWebhookFault,
  listAttempts,
  pageAttempts,
  redeliver,
  sendPing,
  startWebhooks,
  whenDelivered,
  type WebhookOptions,
  type Webhooks,
} from "../../../src/sandbox/webhooks/index.ts";
import {
  addComment,
  addLabel,
  addRepositories,
  addReviewComment,
  createApp,
  createCheckRun,
  createLabel,
  createOrganization,
  createRepository,
  createUser,
  createWorld,
  deleteComment,
  deleteRepository,
  dismissReview,
  editComment,
  editReviewComment,
  editPullRequest,
  forkRepository,
  insert,
  installApp,
  emit,
  mergePullRequest,
  openPullRequest,
  pushCommit,
  closePullRequest,
  moveBranch,
  removeLabel,
  removeRepositories,
  renameRepository,
  reopenPullRequest,
  requestAction,
  rerequestSuite,
  rerunCheck,
  setArchived,
  setDraft,
  setLocked,
  setPermissions,
  setPrivate,
  setQueued,
  setResolved,
  setStatus,
  setSuspended,
  setWebhookUrl,
  submitReview,
  transferRepository,
  uninstallApp,
  type Account,
  type App,
  type Installation,
  type Repository,
  type World,
} from "../../../src/sandbox/world/index.ts";

const KEYS = { privateKey: "unused", publicKey: "unused" };
const PERMISSIONS = {
  checks: "write",
  contents: "read",
  issues: "read",
  merge_queues: "read",
  pull_requests: "write",
  statuses: "read",
};
const EVENTS = [
  "check_run",
  "check_suite",
  "issue_comment",
  "label",
  "merge_group",
  "pull_request",
  "pull_request_review",
  "pull_request_review_comment",
  "pull_request_review_thread",
  "push",
  "repository",
  "status",
];

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly name: string;
}

describe("webhooks of the stand-in", () => {
  let directory: string;
  let server: Server;
  let received: Received[] = [];
  let answerWith: () => number | undefined = () => 200;
  let time = Date.parse("2026-03-01T00:00:00Z");
  let world: World;
  let webhooks: Webhooks;
  let stop: () => Promise<void>;
  let violations: string[];
  let ada: Account;
  let owner: Account;
  let app: App;
  let installation: Installation;
  let repository: Repository;

  before(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body = Buffer.concat(chunks).toString("utf8");
        const { action } = JSON.parse(body) as { action?: string };
        const event = String(request.headers["x-github-event"]);
        received.push({ headers: request.headers, body, name: action === undefined ? event : `${event}.${action}` });
        const status = answerWith();
        if (status !== undefined) response.writeHead(status).end("received");
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const start = (options: Partial<WebhookOptions>) =>
    startWebhooks(world, { report: (violation) => violations.push(violation), ...options });
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "sandbox-webhooks-"));
    const web = "http://127.0.0.1:1";
    world = createWorld({ clock: () => time, directory, addresses: { web, api: web, graphql: `${web}/graphql` } });
    violations = [];
    ({ webhooks, stop } = start({ concurrency: 1 }));
    ada = createUser(world, "ada");
    owner = createOrganization(world, ada, "acme");
    const webhookUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    app = await createApp(world, owner, "Drydock", {
      keys: KEYS,
      permissions: PERMISSIONS,
      events: EVENTS,
      webhookUrl,
    });
    installation = installApp(world, ada, app, owner);
    repository = await createRepository(world, owner, "config", { actor: ada, files: { "a.yaml": "a\n" } });
    await whenDelivered(webhooks);
    received = [];
    answerWith = () => 200;
  });
  afterEach(async () => {
    await stop();
    await rm(directory, { recursive: true, force: true });
    assert.deepEqual(violations, []);
  });

  const names = async (): Promise<string[]> => {
    await whenDelivered(webhooks);
    const seen = received.map(({ name }) => name);
    received = [];
    return seen;
  };
  const lastPayload = async (): Promise<Record<string, unknown>> => {
    await whenDelivered(webhooks);
    return JSON.parse(received.at(-1)?.body ?? "{}") as Record<string, unknown>;
  };

  it("signs what it sends and says who sends it", async () => {
    addComment(world, ada, await openOne(), "hello");
    const payload = await lastPayload();
    const { headers, body } = received.at(-1) ?? assert.fail("nothing came");
    const sign = (algorithm: string): string =>
      `${algorithm}=${createHmac(algorithm, app.webhookSecret).update(body).digest("hex")}`;
    assert.equal(headers["x-hub-signature-256"], sign("sha256"));
    assert.equal(headers["x-hub-signature"], sign("sha1"));
    assert.equal(headers["x-github-event"], "issue_comment");
    assert.match(String(headers["x-github-delivery"]), /^[0-9a-f-]{36}$/u);
    assert.equal(headers["x-github-hook-installation-target-id"], String(app.id));
    assert.equal(headers["x-github-hook-installation-target-type"], "integration");
    assert.match(String(headers["user-agent"]), /^GitHub-Hookshot\//u);
    assert.equal((payload["installation"] as { id: number }).id, installation.id);
    assert.equal((payload["sender"] as { login: string }).login, "ada");
  });

  async function openOne(branch = "topic") {
    await pushCommit(world, ada, repository, { branch, files: { [`${branch}.yaml`]: "b\n" } });
    return await openPullRequest(world, ada, repository, { head: branch, title: `Change ${branch}` });
  }

  it("tells the life of a pull request, in payloads as GitHub describes them", async () => {
    await pushCommit(world, ada, repository, { branch: "release", files: { "r.yaml": "r\n" } });
    const pullRequest = await openOne();
    assert.deepEqual(await names(), [
      "push",
      "check_suite.requested",
      "push",
      "check_suite.requested",
      "pull_request.opened",
    ]);
    await pushCommit(world, ada, repository, { branch: "topic", files: { "topic.yaml": "c\n" } });
    assert.deepEqual(await names(), ["push", "check_suite.requested", "pull_request.synchronize"]);
    editPullRequest(world, ada, pullRequest, { base: "release", title: "Other" });
    const { changes } = (await lastPayload()) as { changes: unknown };
    assert.deepEqual(changes, {
      title: { from: "Change topic" },
      base: { ref: { from: "main" }, sha: { from: pullRequest.baseSha } },
    });
    setDraft(world, ada, pullRequest, true);
    setDraft(world, ada, pullRequest, false);
    createLabel(world, ada, repository, { name: "env/prod", color: "ff0000", description: "" });
    addLabel(world, ada, pullRequest, "env/prod");
    removeLabel(world, ada, pullRequest, "env/prod");
    setLocked(world, ada, pullRequest, true);
    setLocked(world, ada, pullRequest, false);
    setQueued(world, ada, pullRequest, true);
    setQueued(world, ada, pullRequest, false);
    closePullRequest(world, ada, pullRequest);
    reopenPullRequest(world, ada, pullRequest);
    await mergePullRequest(world, ada, pullRequest);
    assert.deepEqual(await names(), [
      "pull_request.edited",
      "pull_request.converted_to_draft",
      "pull_request.ready_for_review",
      "label.created",
      "pull_request.labeled",
      "pull_request.unlabeled",
      "pull_request.locked",
      "pull_request.unlocked",
      "pull_request.enqueued",
      "pull_request.dequeued",
      "pull_request.closed",
      "pull_request.reopened",
      "push",
      "check_suite.requested",
      "pull_request.closed",
    ]);
    await moveBranch(world, ada, repository, "topic", undefined);
    const { deleted, after: tip } = (await lastPayload()) as { deleted: boolean; after: string };
    assert.deepEqual([deleted, tip], [true, "0".repeat(40)]);
  });

  it("tells what is said and reviewed, a fork's pull request too", async () => {
    const eve = createUser(world, "eve");
    const fork = await forkRepository(world, eve, repository);
    await pushCommit(world, eve, fork, { branch: "patch", files: { "a.yaml": "b\n" } });
    assert.deepEqual(await names(), [], "the App is not installed on the fork");
    const pullRequest = await openPullRequest(world, eve, repository, { head: "patch", headRepository: fork });
    const comment = addComment(world, eve, pullRequest, "/drydock check");
    editComment(world, ada, comment, "other");
    deleteComment(world, ada, comment);
    const review = submitReview(world, ada, pullRequest, { state: "CHANGES_REQUESTED", body: "no" });
    const said = addReviewComment(world, ada, pullRequest, { path: "a.yaml", line: 1, body: "why?" });
    editReviewComment(world, ada, said, "why so?");
    setResolved(world, ada, { id: said.threadId }, true);
    setResolved(world, ada, { id: said.threadId }, false);
    dismissReview(world, ada, review);
    assert.deepEqual(await names(), [
      "pull_request.opened",
      "issue_comment.created",
      "issue_comment.edited",
      "issue_comment.deleted",
      "pull_request_review.submitted",
      "pull_request_review.submitted",
      "pull_request_review_comment.created",
      "pull_request_review_comment.edited",
      "pull_request_review_thread.resolved",
      "pull_request_review_thread.unresolved",
      "pull_request_review.dismissed",
    ]);
  });

  it("tells checks, and asks the App alone that owns them", async () => {
    const other = await createApp(world, owner, "Other", {
      keys: KEYS,
      permissions: { checks: "write" },
      webhookUrl: app.webhookUrl,
    });
    installApp(world, ada, other, owner);
    const headSha = (await openOne()).headSha;
    await names();
    const bot = { id: app.botId };
    const run = createCheckRun(world, bot, repository, app, {
      name: "drydock",
      headSha,
      conclusion: "failure",
      actions: [{ label: "Again", description: "Again", identifier: "again" }],
    });
    rerunCheck(world, ada, run);
    requestAction(world, ada, run, "again");
    rerequestSuite(world, ada, { id: run.suiteId });
    setStatus(world, ada, repository, headSha, { context: "ci", state: "success" });
    assert.deepEqual(await names(), [
      "check_run.created",
      "check_run.completed",
      "check_suite.completed",
      "check_run.rerequested",
      "check_run.requested_action",
      "check_suite.rerequested",
      "status",
    ]);
    const heardByOther = listAttempts(webhooks, other).map(({ event }) => event);
    assert.deepEqual(heardByOther, ["installation", "check_suite"]);
  });

  it("tells merge groups", async () => {
    const pullRequest = await openOne();
    const group = insert(world, "mergeGroups", {
      repositoryId: repository.id,
      baseRef: "main",
      baseSha: pullRequest.baseSha,
      headRef: `gh-readonly-queue/main/pr-1-${pullRequest.baseSha}`,
      headSha: pullRequest.headSha,
      pullRequestIds: [pullRequest.id],
    });
    await names();
    emit(world, ada, { kind: "merge_group", action: "checks_requested", mergeGroupId: group.id });
    emit(world, ada, { kind: "merge_group", action: "destroyed", mergeGroupId: group.id, reason: "invalidated" });
    const { reason } = await lastPayload();
    assert.equal(reason, "invalidated");
    assert.deepEqual(await names(), ["merge_group.checks_requested", "merge_group.destroyed"]);
  });

  it("T53: tells installations and repositories, and says nothing while suspended", async () => {
    const chosen = await createRepository(world, owner, "chosen", { actor: ada });
    setArchived(world, ada, chosen, true);
    setArchived(world, ada, chosen, false);
    setPrivate(world, ada, chosen, true);
    setPrivate(world, ada, chosen, false);
    renameRepository(world, ada, chosen, "renamed");
    removeRepositories(world, ada, installation, [chosen]);
    setArchived(world, ada, chosen, true);
    addRepositories(world, ada, installation, [chosen]);
    setPermissions(world, ada, installation, { ...PERMISSIONS, checks: "read" });
    setSuspended(world, ada, installation, true);
    await openOne();
    setSuspended(world, ada, installation, false);
    await deleteRepository(world, ada, chosen);
    uninstallApp(world, ada, installation);
    assert.deepEqual(await names(), [
      "repository.created",
      "repository.archived",
      "repository.unarchived",
      "repository.privatized",
      "repository.publicized",
      "repository.renamed",
      "installation_repositories.removed",
      "installation_repositories.added",
      "installation.new_permissions_accepted",
      "installation.suspend",
      "installation.unsuspend",
      "repository.deleted",
      "installation.deleted",
    ]);
    const target = createOrganization(world, ada, "umbrella");
    installApp(world, ada, app, target);
    transferRepository(world, ada, repository, target);
    sendPing(webhooks, app);
    assert.deepEqual(await names(), ["installation.created", "repository.transferred", "ping"]);
  });

  it("sends no event without its permission or its subscription", async () => {
    setPermissions(world, ada, installation, { contents: "read" });
    await openOne();
    assert.deepEqual(await names(), ["installation.new_permissions_accepted", "push"]);
  });

  it("sends nothing once it was stopped, and has read what it was to send", async () => {
    await pushCommit(world, ada, repository, { branch: "topic", files: { "b.yaml": "b\n" } });
    await stop();
    await rm(directory, { recursive: true });
    assert.deepEqual(await names(), []);
  });

  it("lists attempts in pages, and tries again with the same GUID and a new id", async () => {
    await stop();
    ({ webhooks, stop } = start({ concurrency: 1, timeout: 1000 }));
    answerWith = () => 500;
    const pullRequest = await openOne();
    await whenDelivered(webhooks);
    answerWith = () => undefined;
    closePullRequest(world, ada, pullRequest);
    await whenDelivered(webhooks);
    const page = pageAttempts(listAttempts(webhooks, app), { status: "failure", perPage: 2 });
    const shown = page.items.map(({ event, action, status, status_code }) => [event, action, status, status_code]);
    assert.deepEqual(shown, [
      ["pull_request", "closed", "timed out", 0],
      ["pull_request", "opened", "Invalid HTTP Response: 500", 500],
    ]);
    const more = pageAttempts(listAttempts(webhooks, app), { status: "failure", perPage: 2, cursor: page.next });
    assert.deepEqual(
      more.items.map(({ event }) => event),
      ["check_suite", "push"],
    );
    assert.equal(more.next, undefined);
    assert.throws(() => pageAttempts([], { cursor: "1" }), RangeError);

    answerWith = () => 202;
    const failed = Number(page.items[1]?.["id"]);
    const sent = received.find(({ name }) => name === "pull_request.opened");
    received = [];
    assert.equal(redeliver(webhooks, app, failed), true);
    await whenDelivered(webhooks);
    assert.equal(received[0]?.headers["x-github-delivery"], sent?.headers["x-github-delivery"]);
    assert.equal(received[0]?.body, sent?.body);
    const [newest] = listAttempts(webhooks, app).toSorted((one, other) => other.id - one.id);
    assert.ok(newest !== undefined && newest.id !== failed);
    assert.deepEqual([newest.guid, newest.isRedelivery, newest.result.status], [page.items[1]?.["guid"], true, "OK"]);
    const whole = describeWholeAttempt(newest) as { request: { payload: unknown }; response: { payload: unknown } };
    assert.deepEqual(whole.request.payload, JSON.parse(sent?.body ?? ""));
    assert.equal(whole.response.payload, "received");

    time += 3 * 86_400_000 + 1000;
    assert.deepEqual(listAttempts(webhooks, app), []);
    assert.equal(redeliver(webhooks, app, failed), false);
  });

  it("T49: drops, fails, repeats, delays, throttles and reorders what it is told to", async () => {
    const pullRequest = await openOne();
    await names();
    const say = (text: string): unknown => addComment(world, ada, pullRequest, text);
    const heard = async (): Promise<string[]> => {
      await whenDelivered(webhooks);
      const bodies = received.map(({ body }) => (JSON.parse(body) as { comment: { body: string } }).comment.body);
      received = [];
      return bodies;
    };
    const listed = (): number => listAttempts(webhooks, app).length;
    const before = listed();
    injectWebhookFault(webhooks, { event: "push", failing: { kind: "drop" } });
    injectWebhookFault(webhooks, { event: "issue_comment", failing: { kind: "drop" }, skip: 1 });
    for (const text of ["1", "2", "3"]) say(text);
    assert.deepEqual(await heard(), ["1", "3"]);
    assert.equal(listed() - before, 2);
    injectWebhookFault(webhooks, { event: "issue_comment", action: "created", failing: { kind: "fail" } });
    say("4");
    assert.deepEqual(await heard(), []);
    assert.equal(pageAttempts(listAttempts(webhooks, app), { status: "failure" }).items.length, 1);
    injectWebhookFault(webhooks, { event: "issue_comment", failing: { kind: "duplicate" } });
    say("5");
    await whenDelivered(webhooks);
    assert.equal(new Set(received.map(({ headers }) => headers["x-github-delivery"])).size, 1);
    assert.deepEqual(await heard(), ["5", "5"]);
    injectWebhookFault(webhooks, { event: "issue_comment", failing: { kind: "delay", milliseconds: 30 } });
    injectWebhookFault(webhooks, { event: "issue_comment", failing: { kind: "throttle", milliseconds: 60 } });
    for (const text of ["6", "7", "8"]) say(text);
    assert.deepEqual(await heard(), ["8", "6", "7"]);
    assert.equal(listAttempts(webhooks, app).filter(({ throttledAt }) => throttledAt !== undefined).length, 1);
    injectWebhookFault(webhooks, { event: "issue_comment", failing: { kind: "reorder" }, count: 3 });
    for (const text of ["9", "10", "11"]) say(text);
    assert.deepEqual(await heard(), ["11", "10", "9"]);
    webhooks.faults.length = 0;
  });

  it("lists an attempt that reached nobody", async () => {
    setWebhookUrl(world, app, "http://127.0.0.1:9/");
    setArchived(world, ada, repository, true);
    await whenDelivered(webhooks);
    const [last] = pageAttempts(listAttempts(webhooks, app), {}).items;
    assert.equal(last?.["status"], "failed to connect to host");
  });
});
