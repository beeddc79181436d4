import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { examineInstallation } from "../../../src/doctor-door.ts";
import { PERMISSION_SETS } from "../../../src/github/index.ts";
import { injectFault } from "../../../src/sandbox/faults/index.ts";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const DEPLOYMENT = printDeployment();

describe("drydock doctor, beside a running server and a stand-in GitHub", () => {
  let app: RunningApp;
  let installation: world.Installation;
  before(async () => {
    app = await startApp({ files: { "shop/web.yaml": DEPLOYMENT } });
    const found = world.findInstallation(app.sandbox.world, app.sandbox.app, app.repository);
    assert.ok(found);
    installation = found;
  });
  after(() => app.close());

  /** The environment that the server was started with, as an operator has it. */
  const environment = (changes: Readonly<Record<string, string>> = {}) => ({
    APP_ID: String(app.sandbox.app.appId),
    PRIVATE_KEY: app.sandbox.app.privateKey,
    WEBHOOK_SECRET: app.sandbox.app.webhookSecret,
    CLIENT_ID: app.sandbox.app.clientId,
    CLIENT_SECRET: app.sandbox.app.clientSecret,
    GITHUB_API_URL: app.sandbox.apiUrl,
    PUBLIC_URL: "http://127.0.0.1:1",
    METRICS_PORT: String(app.server.metricsPort),
    ...changes,
  });

  interface Said {
    readonly topic: string;
    readonly level: string;
    readonly sentence: string;
  }

  const examine = async (
    request: { readonly pr?: string; readonly repository?: string } = {},
    changes: Readonly<Record<string, string>> = {},
  ) => {
    const { text, exitCode } = await examineInstallation(environment(changes), {
      ...request,
      format: "json",
      width: 60,
    });
    assertNoSecret(text);
    const { diagnoses, pullRequest } = JSON.parse(text) as { diagnoses: Said[]; pullRequest?: unknown };
    const of = (level: string) => diagnoses.filter((each) => each.level === level).map(({ sentence }) => sentence);
    return { text, exitCode, diagnoses, problems: of("problem"), advice: of("advice"), pullRequest };
  };

  const assertNoSecret = (text: string): void => {
    const { privateKey, webhookSecret, clientSecret } = app.sandbox.app;
    for (const secret of [webhookSecret, clientSecret, privateKey.slice(60, 100)]) assert.ok(!text.includes(secret));
    assert.doesNotMatch(text, /gh[a-z]_\w{8}|eyJ\w{8}|PRIVATE KEY/u);
  };

  const requireGate = (appId: number | undefined): world.Ruleset => {
    const source = { type: "Repository", id: app.repository.id } as const;
    const requiredChecks = [{ context: "drydock", appId }];
    return world.createRuleset(app.sandbox.world, source, "main", { requiredChecks });
  };

  it("finds nothing wrong where the gate is required, pinned, and somebody may go around it", async () => {
    const requiredChecks = [{ context: "drydock", appId: app.sandbox.app.appId }];
    world.protectBranch(app.sandbox.world, app.repository, "main", { requiredChecks });
    const said = await examine();
    world.unprotectBranch(app.sandbox.world, app.repository, "main");
    assert.deepEqual([said.problems, said.advice, said.exitCode], [[], [], 0]);
    const sentences = said.diagnoses.map(({ sentence }) => sentence).join("\n");
    assert.match(sentences, /The database \(PGlite\) answers/u);
    assert.match(sentences, /from this App alone, in acme\/config/u);
    assert.match(sentences, /Somebody may merge without the gate/u);
  });

  it("says that the gate is not required", async () => {
    const said = await examine();
    assert.deepEqual(said.problems, []);
    assert.match(said.advice.join("\n"), /^The gate is not required in acme\/config/mu);
  });

  it("T29: says that a required gate is not pinned", async () => {
    const ruleset = requireGate(undefined);
    const said = await examine();
    world.deleteRuleset(app.sandbox.world, ruleset);
    assert.equal(said.exitCode, 1);
    assert.match(said.problems.join("\n"), /^The gate is required, but not pinned to this App, in acme\/config/mu);
    assert.match(said.advice.join("\n"), /GitHub does not tell an App who may merge without the gate/u);
  });

  it("says that nobody may merge when Drydock is down, where protection holds administrators too", async () => {
    const requiredChecks = [{ context: "drydock", appId: app.sandbox.app.appId }];
    world.protectBranch(app.sandbox.world, app.repository, "main", { requiredChecks, enforcesAdmins: true });
    const said = await examine();
    world.unprotectBranch(app.sandbox.world, app.repository, "main");
    assert.match(said.advice.join("\n"), /^Nobody may merge without the gate in acme\/config/mu);
    assert.match((await examine()).advice.join("\n"), /^The gate is not required in acme\/config/mu);
  });

  it("takes a ruleset that is only tried for none, and one of the organisation's for one", async () => {
    const tried = world.changeRuleset(app.sandbox.world, requireGate(app.sandbox.app.appId), {
      enforcement: "evaluate",
    });
    assert.match((await examine()).advice.join("\n"), /^The gate is not required in acme\/config/mu);
    world.deleteRuleset(app.sandbox.world, tried);
    const source = { type: "Organization", id: app.repository.ownerId } as const;
    const requiredChecks = [{ context: "drydock", appId: 1 }];
    const ofOwner = world.createRuleset(app.sandbox.world, source, "all", { requiredChecks, branches: ["~ALL"] });
    const said = await examine();
    world.deleteRuleset(app.sandbox.world, ofOwner);
    assert.match(said.problems.join("\n"), /^Another App is named as the gate's source in acme\/config/mu);
  });

  it("says which permission an owner did not grant", async () => {
    const permissions = { ...PERMISSION_SETS.full, checks: "read" as const };
    world.setPermissions(app.sandbox.world, app.ada, installation, permissions);
    const said = await examine();
    world.setPermissions(app.sandbox.world, app.ada, installation, PERMISSION_SETS.full);
    assert.deepEqual(said.problems, ["acme did not grant `checks: write`: no checks are written."]);
  });

  it("says that GitHub cannot deliver", async () => {
    const url = `http://127.0.0.1:${app.server.port}/api/github/webhooks`;
    await app.quiet();
    world.setWebhookUrl(app.sandbox.world, app.sandbox.app, "http://127.0.0.1:1/api/github/webhooks");
    await world.pushCommit(app.sandbox.world, app.ada, app.repository, { branch: "main", files: { "README.md": "x" } });
    await app.quiet();
    const said = await examine();
    world.setWebhookUrl(app.sandbox.world, app.sandbox.app, undefined);
    const without = await examine();
    world.setWebhookUrl(app.sandbox.world, app.sandbox.app, url);
    assert.match(said.problems.join("\n"), /^GitHub could not deliver \d+ webhooks? of the last three days/mu);
    assert.match(without.problems.join("\n"), /The App has no webhook/u);
  });

  it("prints a pull request's deliveries, jobs and last fault", async () => {
    const files = { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.1.0") };
    const head = await world.pushCommit(app.sandbox.world, app.ada, app.repository, { branch: "new", files });
    const pull = await world.openPullRequest(app.sandbox.world, app.ada, app.repository, { head: "new" });
    await app.judged(head);
    const pr = `${app.sandbox.url}/acme/config/pull/${pull.number}`;
    const { text } = await examineInstallation(environment(), { pr, format: "text", width: 60 });
    assertNoSecret(text);
    assert.match(text, /^acme\/config#\d+\n {2}open, head [0-9a-f]{10}, base main$/mu);
    assert.match(text, /^Deliveries \(newest first\)\n.* pull_request\.opened$/mu);
    assert.match(text, /^Results \(newest first\)\n.* success: 1 app changes/mu);
    assert.match(text, /^Writes to GitHub \(newest first\)$/mu);
    assert.deepEqual(
      text.split("\n").filter((line) => line.length > 60),
      [],
    );
  });

  it("prints what a pull request waits for, and its last fault", async () => {
    const failing = { kind: "status", when: "before", status: 500 } as const;
    injectFault(app.sandbox.faults, { operationId: "pulls/get", failing, count: 40 });
    const files = { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.2.0") };
    await world.pushCommit(app.sandbox.world, app.ada, app.repository, { branch: "failing", files });
    const pull = await world.openPullRequest(app.sandbox.world, app.ada, app.repository, { head: "failing" });
    const pr = `${app.sandbox.url}/acme/config/pull/${pull.number}/files`;
    const look = () => examineInstallation(environment(), { pr, format: "text", width: 60 });
    // Nothing is quiet while a job fails again and again.
    let found = await look();
    for (let tries = 0; tries < 60 && !found.text.includes("to be tried again"); tries++) {
      await sleep(250);
      found = await look();
    }
    const { text, exitCode } = found;
    app.sandbox.faults.waiting.length = 0;
    assertNoSecret(text);
    assert.equal(exitCode, 1);
    assert.match(text, /^ {2}judge: waits to be tried again, from 20/mu);
    assert.match(text, /^ {4}last fault: GitHub/mu);
    assert.match(text, /^ {2}waits for its result since/mu);
    assert.match(text, /^PROBLEM {2}Its last job failed: GitHub/mu);
  });

  it("says that the server does not know a pull request, and refuses an address elsewhere", async () => {
    const unknown = await examine({ pr: `${app.sandbox.url}/acme/config/pull/999` });
    assert.match(unknown.problems.join("\n"), /The server does not know this pull request/u);
    const elsewhere = examine({ pr: "https://github.com/acme/config/pull/1" });
    await assert.rejects(elsewhere, /--pr is on github\.com/u);
  });

  it("looks at one repository, and says where the App is not installed", async () => {
    assert.match((await examine({ repository: "ACME/config" })).advice.join("\n"), /in acme\/config/u);
    const { problems } = await examine({ repository: "acme/other" });
    assert.ok(problems.includes("The App is not installed on acme/other."), problems.join("\n"));
  });

  it("goes on when no server answers, and says so", async () => {
    const said = await examine({}, { METRICS_PORT: "1" });
    assert.equal(said.exitCode, 1);
    assert.deepEqual(
      said.problems.filter((each) => /^No server/u.test(each)),
      ["No server answers at http://127.0.0.1:1."],
    );
    assert.ok(said.diagnoses.some(({ topic, level }) => topic === "permissions" && level === "ok"));
  });

  it("says where the running server was started with something else", async () => {
    const said = await examine({}, { WEBHOOK_PATH: "/hooks" });
    const path = "/api/github/webhooks";
    const sentence = `WEBHOOK_PATH is /hooks here, and ${path} for the running server, which is what counts.`;
    assert.ok(said.advice.includes(sentence), said.advice.join("\n"));
    assert.ok(!said.advice.some((each) => each.startsWith("The webhook's path is")));
  });

  it("is told nothing by the server without its secret", async () => {
    const said = await examine({}, { WEBHOOK_SECRET: "a secret of another server" });
    assert.match(said.problems.join("\n"), /does not know this configuration/u);
    for (const path of ["/doctor", "/doctor/pull?owner=acme&name=config&number=1"]) {
      assert.equal((await fetch(`http://127.0.0.1:${app.server.metricsPort}${path}`)).status, 401);
      assert.equal((await fetch(`http://127.0.0.1:${app.server.port}${path}`)).status, 404);
    }
  });

  it("says that the App's key is refused, and no more of GitHub", async () => {
    const said = await examine({}, { APP_ID: "1" });
    assert.match(said.problems.join("\n"), /GitHub did not tell about the App/u);
    assert.ok(said.diagnoses.every(({ topic }) => topic !== "gate"));
  });
});
