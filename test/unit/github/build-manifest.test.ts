import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { load } from "js-yaml";
import { buildManifest, EVENT_SETS, PERMISSION_SETS } from "../../../src/github/index.ts";
import { TOKEN_PERMISSIONS } from "../../../src/github/installation-tokens.ts";

const REQUEST = {
  url: "https://drydock.example",
  name: "Drydock for the platform team of Acme",
  set: "full",
  webhookPath: "/api/github/webhooks",
  redirectPath: "/setup/created",
  callbackPath: "/sign-in/back",
} as const;

describe("buildManifest", () => {
  it("makes the App that app.yml describes", () => {
    const file = load(readFileSync(join(import.meta.dirname, "../../../app.yml"), "utf8")) as Record<string, unknown>;
    const manifest = buildManifest(REQUEST);
    assert.deepEqual(file["default_permissions"], manifest.default_permissions);
    assert.deepEqual(file["default_events"], manifest.default_events);
    assert.equal(file["description"], manifest.description);
    assert.equal(manifest.public, false);
  });

  it("has no more than GitHub's length for a name, and whole addresses", () => {
    const manifest = buildManifest(REQUEST);
    assert.equal(manifest.name, "Drydock for the platform team of A");
    assert.deepEqual(manifest.hook_attributes, { url: "https://drydock.example/api/github/webhooks", active: true });
    assert.equal(manifest.redirect_url, "https://drydock.example/setup/created");
    assert.deepEqual(manifest.callback_urls, ["https://drydock.example/sign-in/back"]);
  });

  it("writes checks and nothing else in the smaller set", () => {
    const writes = Object.entries(PERMISSION_SETS["checks only"]).flatMap(([name, level]) =>
      level === "write" ? [name] : [],
    );
    // Statuses are never written: see the reason there.
    assert.deepEqual(writes, ["checks", "statuses"]);
    assert.equal(PERMISSION_SETS["checks only"]["contents"], "read");
    assert.ok(!EVENT_SETS["checks only"].includes("issue_comment"));
  });

  it("never asks for statuses or more than contents read in a token for work", () => {
    for (const [purpose, permissions] of Object.entries(TOKEN_PERMISSIONS)) {
      assert.ok(!("statuses" in permissions), purpose);
    }
    assert.equal(TOKEN_PERMISSIONS.work.contents, "read");
    for (const name of Object.keys(TOKEN_PERMISSIONS.work)) assert.ok(name in PERMISSION_SETS.full, name);
  });
});
