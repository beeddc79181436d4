import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { examineInstallation } from "../../../src/doctor-door.ts";
import { injectFault } from "../../../src/sandbox/faults/index.ts";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const DEPLOYMENT = printDeployment();

describe("a check that was given up", () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({ files: { "shop/web.yaml": DEPLOYMENT } });
  });
  after(() => app.close());

  const examine = (number: number) => {
    const { app: registered, apiUrl, url } = app.sandbox;
    const environment = {
      APP_ID: String(registered.appId),
      PRIVATE_KEY: registered.privateKey,
      WEBHOOK_SECRET: registered.webhookSecret,
      GITHUB_API_URL: apiUrl,
      METRICS_PORT: String(app.server.metricsPort),
    };
    const pr = `${url}/acme/config/pull/${number}`;
    return examineInstallation(environment, { pr, format: "text", width: 200 });
  };

  it("T30: is red and says so, doctor tells the last fault, and Re-run tries again", async () => {
    // No answer of GitHub's that is known, so nothing that trying again would mend.
    const failing = { kind: "status", when: "before", status: 406 } as const;
    injectFault(app.sandbox.faults, { operationId: "repos/get-branch", failing, count: 100 });
    const files = { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.2.0") };
    const { sandbox, ada, repository } = app;
    const head = await world.pushCommit(sandbox.world, ada, repository, { branch: "change", files });
    const pull = await world.openPullRequest(sandbox.world, ada, repository, { head: "change" });
    const gate = await app.judged(head);
    await app.quiet();
    for (const name of ["drydock", "drydock/manifests", "drydock/policy", "drydock/environments"] as const) {
      assert.equal(app.checks(head).get(name)?.conclusion, "failure", name);
      assert.match(app.checks(head).get(name)?.title ?? "", /^Could not check: /u);
    }
    const { text, exitCode } = await examine(pull.number);
    assert.equal(exitCode, 1);
    assert.match(text, /Its check was given up: Fault: GitHub answered GET .*branches.* with 406/u);

    app.sandbox.faults.waiting.length = 0;
    world.rerunCheck(sandbox.world, ada, gate);
    await app.quiet();
    assert.equal((await app.judged(head)).conclusion, "success");
    assert.doesNotMatch((await examine(pull.number)).text, /was given up/u);
  });
});
