import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import {
  createGitHub,
  createSignIn,
  type GitHubClient,
  type GitHubRepositoryClient,
} from "../../../src/github/index.ts";
import { AccessLostFault, RefusedFault, type RepositoryRef } from "../../../src/model/index.ts";
import { startSandbox, type Sandbox } from "../../../src/sandbox/start-sandbox.ts";
import { whenDelivered } from "../../../src/sandbox/webhooks/index.ts";
import type { Account, Installation, PullRequest, Repository } from "../../../src/sandbox/world/index.ts";
import {
  addComment,
  createRuleset,
  createUser,
  createRepository,
  installApp,
  listReviewComments,
  openPullRequest,
  protectBranch,
  pushCommit,
  renameRepository,
  replyToReviewComment,
  select,
  setPermissions,
  setRole,
  setSuspended,
  setWebhookUrl,
  uninstallApp,
} from "../../../src/sandbox/world/index.ts";

const PERMISSIONS = {
  checks: "write",
  contents: "read",
  issues: "write",
  merge_queues: "read",
  pull_requests: "write",
  statuses: "write",
} as const;

interface Stage {
  readonly sandbox: Sandbox;
  readonly gitHub: GitHubClient;
  readonly api: GitHubRepositoryClient;
  readonly ref: RepositoryRef;
  readonly ann: Account;
  readonly repository: Repository;
  readonly installation: Installation;
  readonly pull: PullRequest;
}

/** A repository with the App installed and one pull request that changes line 2 of `app.yaml`. */
async function stage(test: { after(clean: () => Promise<void>): void }, mode?: "ghes"): Promise<Stage> {
  const options = { app: { permissions: PERMISSIONS, events: ["push"] } };
  const sandbox = await startSandbox(mode === undefined ? options : { ...options, mode });
  test.after(async () => {
    await sandbox.close();
    assert.deepEqual(sandbox.violations, []);
  });
  const { world, app } = sandbox;
  const ann = createUser(world, "ann");
  const files = { "app.yaml": "kind: A\nreplicas: 1\nname: a\n" };
  const repository = await createRepository(world, ann, "config", { isPrivate: true, files });
  const installation = installApp(world, ann, app, ann);
  await pushCommit(world, ann, repository, {
    branch: "raise",
    files: { "app.yaml": "kind: A\nreplicas: 2\nname: a\n" },
  });
  const pull = await openPullRequest(world, ann, repository, { head: "raise", title: "Raise replicas" });
  const ref = { installationId: installation.id, repositoryId: repository.id, owner: "ann", name: "config" };
  const gitHub = createGitHub({
    addresses: { api: sandbox.apiUrl, graphql: sandbox.graphqlUrl },
    appId: app.appId,
    privateKey: app.privateKey,
    now: Date.now,
  });
  return { sandbox, gitHub, api: gitHub.repository(ref), ref, ann, repository, installation, pull };
}

for (const mode of [undefined, "ghes"] as const) {
  describe(`the client and ${mode ?? "github.com"}`, () => {
    it("reads a repository, its pull requests, branches and roles", async (test) => {
      const { sandbox, api, gitHub, ref, ann, pull, installation, repository } = await stage(test, mode);
      const facts = { ...ref, defaultBranch: "main", isPrivate: true, isArchived: false };
      assert.deepEqual(await api.readFacts(), facts);
      assert.deepEqual(await gitHub.listRepositories(installation.id), [facts]);
      assert.equal((await gitHub.listInstallations())[0]?.account, "ann");
      const [listed] = await api.listOpenPullRequests("main");
      assert.deepEqual(await api.readPullRequest(pull.number), listed);
      assert.deepEqual([listed?.headSha, listed?.isFork, listed?.author?.id], [pull.headSha, false, ann.id]);
      assert.equal(await api.readPullRequest(99), undefined);
      assert.equal(await api.readBranch("raise"), pull.headSha);
      assert.equal(await api.readBranch("gone"), undefined);
      const bob = createUser(sandbox.world, "bob");
      const actor = { id: bob.id, login: "bob", type: "User" } as const;
      assert.equal(await api.readRole(actor), "none");
      setRole(sandbox.world, repository, bob, "maintain");
      assert.equal(await api.readRole(actor), "maintain");
    });

    it("writes checks, comments and labels, and finds its own again", async (test) => {
      const { sandbox, api, ann, pull } = await stage(test, mode);
      const check = { name: "drydock", state: "in_progress", title: "Checking", summary: "Soon.", text: "" } as const;
      const write = {
        check,
        annotations: [],
        detailsUrl: "https://drydock.example/ann/config/1",
        externalId: "gate.1",
        startedAt: "2026-02-01T10:00:00Z",
      };
      const run = await api.createCheckRun(pull.headSha, write);
      const annotation = {
        path: "app.yaml",
        startLine: 2,
        endLine: 2,
        level: "error",
        title: "T",
        message: "M",
      } as const;
      const failure = { ...write, check: { ...check, state: "failure" as const }, annotations: [annotation] };
      await api.updateCheckRun(run, failure);
      assert.deepEqual(await api.findOwnCheckRuns(pull.headSha), [{ id: run, text: "gate.1" }]);

      addComment(sandbox.world, ann, pull, "mine");
      const id = await api.createComment(pull.number, "ours");
      assert.equal(await api.updateComment(id, "ours, again"), true);
      assert.deepEqual(await api.findOwnComments(pull.number), [{ id, text: "ours, again" }]);
      const comments = await api.listCommentsSince("2026-01-01T00:00:00Z");
      assert.deepEqual(
        comments.map(({ number, isByApp, isOnPullRequest }) => [number, isByApp, isOnPullRequest]),
        [
          [pull.number, false, true],
          [pull.number, true, true],
        ],
      );
      await api.react({ source: "comment", commentId: id }, "eyes");
      await api.deleteComment(id);
      assert.equal(await api.updateComment(id, "gone"), false);
      assert.equal(await api.readComment(id), undefined);

      const label = { name: "env/prod", color: "b60205", description: "Deploys to prod" };
      await api.ensureLabel(label);
      await api.ensureLabel(label);
      await api.addLabels(pull.number, ["env/prod"]);
      assert.deepEqual((await api.readPullRequest(pull.number))?.labels, ["env/prod"]);
      await api.removeLabel(pull.number, "env/prod");
      await api.removeLabel(pull.number, "env/prod");
      assert.deepEqual((await api.readPullRequest(pull.number))?.labels, []);
    });

    it("T47: reviews on lines and files, and does without a line that is not in the diff", async (test) => {
      const { api, pull } = await stage(test, mode);
      const thread = (line: number | undefined, body: string) =>
        ({ key: body, path: "app.yaml", line, level: "error", body }) as const;
      let writes = 0;
      const count = (): Promise<void> => {
        writes += 1;
        return Promise.resolve();
      };
      const [onLine, onFile] = await api.createReview(
        pull.number,
        pull.headSha,
        { body: "Two", threads: [thread(2, "a"), thread(undefined, "b")] },
        count,
      );
      assert.equal(writes, 2, "the review, and the comment on the file");
      assert.ok(onLine !== undefined && onLine > 0 && onFile !== undefined && onFile > 0);
      const [good, bad] = await api.createReview(
        pull.number,
        pull.headSha,
        { body: "Two more", threads: [thread(3, "c"), thread(999, "d")] },
        count,
      );
      assert.equal(writes, 6, "the review, the review without comments, and each comment");
      assert.ok(good !== undefined && good > 0);
      assert.equal(bad, 0);
      const own = await api.findOwnReviewComments(pull.number);
      assert.deepEqual(
        own.map(({ id, text }) => [id, text]),
        [
          [onLine, "a"],
          [onFile, "b"],
          [good, "c"],
        ],
      );
    });

    it("ends conversations as far as GitHub lets it", async (test) => {
      const { sandbox, api, ann, pull } = await stage(test, mode);
      const thread = (body: string) => ({ key: body, path: "app.yaml", line: 2, level: "error", body }) as const;
      const ids = await api.createReview(
        pull.number,
        pull.headSha,
        { body: "Two", threads: [thread("alone"), thread("answered")] },
        () => Promise.resolve(),
      );
      const [alone = 0, answered = 0] = ids;
      const comment = sandbox.world.reviewComments.get(answered);
      assert.ok(comment !== undefined);
      replyToReviewComment(sandbox.world, ann, comment, "Why?");
      assert.equal(await api.resolveThread(pull.number, alone), "removed");
      assert.equal(await api.resolveThread(pull.number, answered), "left");
      assert.equal(await api.resolveThread(pull.number, alone), "gone");
      assert.deepEqual(
        listReviewComments(sandbox.world, pull).map(({ body }) => body),
        ["answered", "Why?"],
      );
    });

    it("reads what a branch asks for", async (test) => {
      const { sandbox, api, repository } = await stage(test, mode);
      assert.equal(await api.requiresResolvedConversations("main"), false);
      assert.deepEqual(await api.listRequiredChecks("main"), { isProtected: false, isComplete: true, checks: [] });
      const required = [{ context: "drydock", appId: sandbox.app.appId }];
      protectBranch(sandbox.world, repository, "main", { requiredChecks: required, enforcesAdmins: true });
      assert.equal(await api.requiresResolvedConversations("main"), true);
      const { checks } = await api.listRequiredChecks("main");
      assert.deepEqual(checks, [
        { context: "drydock", appId: sandbox.app.appId, source: "branch protection", bypass: "nobody" },
      ]);
      createRuleset(sandbox.world, { type: "Repository", id: repository.id }, "main", { requiredChecks: required });
      const [ofRuleset, ...others] = (await api.listRequiredChecks("main")).checks;
      assert.equal(others.length, 1);
      assert.deepEqual([ofRuleset?.source, ofRuleset?.bypass], ["ruleset", "unknown"], "told to administrators alone");
    });
  });
}

describe("sign-in with the stand-in", () => {
  it("says who it is by PKCE, and leaves no token of theirs behind", async (test) => {
    const redirect = "https://drydock.example/back";
    const app = { permissions: PERMISSIONS, events: ["push"], callbackUrls: [redirect] };
    const sandbox = await startSandbox({ app });
    test.after(() => sandbox.close());
    const ann = createUser(sandbox.world, "ann");
    const signIn = createSignIn({
      addresses: { api: sandbox.apiUrl, web: sandbox.url },
      clientId: sandbox.app.clientId,
      clientSecret: sandbox.app.clientSecret,
      now: Date.now,
    });
    const verifier = "v".repeat(43);
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    const code = async (): Promise<string> => {
      const address = `${signIn.authorizeUrl({ state: "s", challenge, redirect })}&as=ann`;
      const answer = await fetch(address, { redirect: "manual" });
      return new URL(answer.headers.get("location") ?? "").searchParams.get("code") ?? "";
    };
    assert.deepEqual(await signIn.identify({ code: await code(), verifier, redirect }), {
      id: ann.id,
      login: "ann",
      type: "User",
    });
    assert.equal(sandbox.world.notes.userTokens.size, 0);
    await assert.rejects(signIn.identify({ code: await code(), verifier: "w".repeat(43), redirect }), RefusedFault);
    assert.deepEqual(sandbox.violations, []);
  });
});

describe("the App's webhook", () => {
  it("lists what did not arrive, and has it sent again", async (test) => {
    const { sandbox, gitHub, ann, repository } = await stage(test);
    let isDown = true;
    const receiver = createServer((request, response) => {
      request.resume().on("end", () => response.writeHead(isDown ? 500 : 202).end());
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    test.after(() => {
      receiver.closeAllConnections();
      receiver.close();
    });
    const { port } = receiver.address() as AddressInfo;
    setWebhookUrl(sandbox.world, sandbox.app, `http://127.0.0.1:${port}/hook`);
    const since = new Date(Date.now() - 60_000).toISOString();
    await pushCommit(sandbox.world, ann, repository, { branch: "raise", files: { "b.yaml": "" } });
    await whenDelivered(sandbox.parts.webhooks);
    const failed = await gitHub.listFailedDeliveries(since);
    assert.ok(failed.some(({ event }) => event === "push"));
    isDown = false;
    for (const { attempt } of failed) await gitHub.redeliver(attempt);
    await whenDelivered(sandbox.parts.webhooks);
    assert.deepEqual(await gitHub.listFailedDeliveries(since), []);
    const settings = await gitHub.readAppSettings();
    assert.equal(settings.webhookUrl, `http://127.0.0.1:${port}/hook`);
  });
});

describe("what the client loses", () => {
  it("T53: follows a rename", async (test) => {
    const { sandbox, api, ann, repository, pull } = await stage(test);
    await api.readFacts();
    renameRepository(sandbox.world, ann, repository, "deploy");
    assert.equal((await api.readFacts()).name, "deploy");
    assert.ok((await api.createComment(pull.number, "still here")) > 0);
  });

  it("T49: takes another repository of the same name for none", async (test) => {
    const { sandbox, api, ann, repository } = await stage(test);
    await api.readFacts();
    renameRepository(sandbox.world, ann, repository, "deploy");
    await createRepository(sandbox.world, ann, "config", { files: { "a.yaml": "" } });
    await assert.rejects(api.readFacts(), lost("not-found"));
  });

  it("T53: tells suspended, uninstalled and a permission withdrawn", async (test) => {
    const { sandbox, gitHub, api, ref, ann, installation, pull } = await stage(test);
    await api.readFacts();
    setPermissions(sandbox.world, ann, installation, { checks: "write", contents: "read", pull_requests: "read" });
    await assert.rejects(api.createComment(pull.number, "x"), lost("permission"));
    setSuspended(sandbox.world, ann, installation, true);
    await assert.rejects(api.readFacts(), lost("suspended"));
    await assert.rejects(gitHub.fetchToken(ref), lost("suspended"));
    setSuspended(sandbox.world, ann, installation, false);
    assert.ok((await gitHub.fetchToken(ref)).length > 0);
    uninstallApp(sandbox.world, ann, installation);
    await assert.rejects(api.readFacts(), lost("uninstalled"));
    assert.equal(select(sandbox.world, "installations", () => true).length, 0);
  });
});

function lost(loss: string): (fault: unknown) => boolean {
  return (fault) => {
    assert.ok(fault instanceof AccessLostFault, String(fault));
    assert.equal(fault.loss, loss);
    return true;
  };
}
