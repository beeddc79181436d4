import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { examineInstallation } from "../../../src/doctor-door.ts";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";
import { startPostgres, type PostgresServer } from "../database/start-postgres.ts";

const DEPLOYMENT = printDeployment();

describe("drydock doctor, for GitHub Enterprise Server and a server on PostgreSQL", () => {
  let postgres: PostgresServer;
  let app: RunningApp;
  let databaseUrl: string;
  before(async () => {
    postgres = await startPostgres();
    databaseUrl = await postgres.createDatabase();
    app = await startApp({
      files: { "shop/web.yaml": DEPLOYMENT },
      sandbox: { mode: "ghes" },
      env: { DATABASE_URL: databaseUrl },
    });
  });
  after(async () => {
    await app.close();
    await postgres.stop();
  });

  const examine = (pr?: string) =>
    examineInstallation(
      {
        ...{ APP_ID: String(app.sandbox.app.appId), PRIVATE_KEY: app.sandbox.app.privateKey },
        ...{ WEBHOOK_SECRET: app.sandbox.app.webhookSecret, DATABASE_URL: databaseUrl },
        ...{ GHE_HOST: new URL(app.sandbox.url).host, GHE_PROTOCOL: "http" },
        METRICS_PORT: String(app.server.metricsPort),
      },
      { format: "text", width: 200, ...(pr === undefined ? {} : { pr }) },
    );

  it("looks at the same things, by the Server's host alone", async () => {
    const requiredChecks = [{ context: "drydock", appId: app.sandbox.app.appId }];
    world.protectBranch(app.sandbox.world, app.repository, "main", { requiredChecks });
    // The server reads its installation first.
    await app.quiet();
    const { text, exitCode } = await examine();
    assert.equal(exitCode, 0, text);
    assert.match(text, /^ok {7}The database \(PostgreSQL\) answers: 0 tasks waiting, 0 running\.$/mu);
    assert.match(text, /^ok {7}The App has the permissions of the set `full`\.$/mu);
    assert.match(text, /^ok {7}The App is subscribed to every event that it needs\.$/mu);
    assert.match(text, /^ok {7}From here, a Drydock answers at 127\.0\.0\.1:\d+;/mu);
    assert.match(text, /^ok {7}No delivery of the last three days is left undelivered\.$/mu);
    assert.match(text, /^ok {7}Merging needs the gate, from this App alone, in acme\/config\.$/mu);
    assert.match(text, /^ok {7}Somebody may merge without the gate when Drydock is down, in acme\/config\.$/mu);
    assert.match(text, /^ok {7}The clock agrees with GitHub's\.$/mu);
    assert.match(text, /^ok {7}git is \d+\.\d+/mu);
  });

  it("tells a pull request's story by its address on the Server", async () => {
    const files = { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.1.0") };
    const head = await world.pushCommit(app.sandbox.world, app.ada, app.repository, { branch: "new", files });
    const pull = await world.openPullRequest(app.sandbox.world, app.ada, app.repository, { head: "new" });
    await app.judged(head);
    await app.quiet();
    const { text } = await examine(`${app.sandbox.url}/acme/config/pull/${pull.number}/files`);
    assert.match(
      text,
      new RegExp(`^acme/config#${pull.number}\\n {2}open, head ${head.slice(0, 10)}, base main$`, "mu"),
    );
    assert.match(text, /^Deliveries \(newest first\)\n.* pull_request\.opened$/mu);
    assert.match(text, /^Results \(newest first\)\n.* success: 1 app changes/mu);
    assert.match(text, /^Writes to GitHub \(newest first\)\n.* stands$/mu);
    await assert.rejects(examine("https://github.com/acme/config/pull/1"), /--pr is on github\.com/u);
  });

  it("says that the server runs and its database is away, and goes on with GitHub", async () => {
    await postgres.pause();
    const { text, exitCode } = await examine();
    await postgres.resume();
    assert.equal(exitCode, 1);
    assert.match(text, /^PROBLEM {2}The server runs, but cannot read its database\.$/mu);
    assert.match(text, /^ok {7}GitHub knows the App as Drydock\.$/mu);
    assert.match(text, /^1 problem\.$/mu);
  });
});
