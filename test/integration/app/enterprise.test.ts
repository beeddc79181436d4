import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as world from "../../../src/sandbox/world/index.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { level: info }\n";

describe("GitHub Enterprise Server", () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({ files: { "shop/settings.yaml": CONFIG_MAP }, sandbox: { mode: "ghes" } });
  });
  after(() => app.close());

  it("gets the same checks and comment, by the address of its API alone", async () => {
    const files = { "shop/settings.yaml": CONFIG_MAP.replace("info", "debug") };
    const head = await world.pushCommit(app.sandbox.world, app.ada, app.repository, { branch: "debug", files });
    const pull = await world.openPullRequest(app.sandbox.world, app.ada, app.repository, { head: "debug" });
    assert.equal((await app.judged(head)).conclusion, "success");
    await app.quiet();
    assert.equal(app.comments(pull.number).length, 1);
    assert.ok(app.sandbox.requests.every(({ path }) => path.startsWith("/")));
  });
});
