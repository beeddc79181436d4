import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { examineInstallation } from "../../../src/doctor-door.ts";
import { EVENT_SETS, PERMISSION_SETS } from "../../../src/github/index.ts";
import * as world from "../../../src/sandbox/world/index.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const CONFIG_MAP = `apiVersion: v1
kind: ConfigMap
metadata: { name: web, namespace: shop }
data: { colour: blue }
`;

const OFF = "Comment, review and labels are off: the App has no permission `pull_requests: write` here.";

describe("an App with the permissions of `checks only`", () => {
  let app: RunningApp;
  before(async () => {
    const set = { permissions: PERMISSION_SETS["checks only"], events: EVENT_SETS["checks only"] };
    app = await startApp({ files: { "shop/web.yaml": CONFIG_MAP, "README.md": "# Config\n" }, sandbox: { app: set } });
    // Nothing is said to be missing before the installation was read.
    await app.quiet();
  });
  after(() => app.close());

  const open = async (branch: string, files: Readonly<Record<string, string>>) => {
    const head = await world.pushCommit(app.sandbox.world, app.ada, app.repository, { branch, files });
    const pull = await world.openPullRequest(app.sandbox.world, app.ada, app.repository, { head: branch });
    await app.judged(head);
    await app.quiet();
    return {
      pull,
      summary: app.checks(head).get("drydock/manifests")?.summary ?? "",
      gate: app.checks(head).get("drydock"),
    };
  };

  it("checks, writes no comment, and says so once", async () => {
    const { pull, summary, gate } = await open("green", { "shop/web.yaml": CONFIG_MAP.replace("blue", "green") });
    assert.equal(gate?.conclusion, "success");
    assert.deepEqual(app.comments(pull.number), []);
    assert.ok(summary.endsWith(OFF), summary);
    assert.ok(!(gate.summary ?? "").includes(OFF));
  });

  it("says nothing of it where there would be no comment anyway", async () => {
    const { summary } = await open("docs", { "README.md": "# Our config\n" });
    assert.ok(!summary.includes("are off"), summary);
  });

  it("is told in doctor what is off, which is no problem", async () => {
    const { text, exitCode } = await examineInstallation(
      {
        APP_ID: String(app.sandbox.app.appId),
        PRIVATE_KEY: app.sandbox.app.privateKey,
        WEBHOOK_SECRET: app.sandbox.app.webhookSecret,
        GITHUB_API_URL: app.sandbox.apiUrl,
        METRICS_PORT: String(app.server.metricsPort),
      },
      { pr: `${app.sandbox.url}/acme/config/pull/1`, format: "text", width: 200 },
    );
    assert.match(text, /^advice {3}The App has the permissions of the set `checks only`: comments, reviews/mu);
    assert.doesNotMatch(text, /did not grant|GitHub refuses/u);
    assert.equal(exitCode, 0, text);
  });
});
