import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createWebhookContract } from "../../../src/sandbox/webhooks/index.ts";

const EXAMPLES = join(import.meta.dirname, "../../fixtures/github-webhooks");

/** What GitHub sends since the examples were taken, or printed otherwise then. */
const SINCE = [
  /'(has_discussions|verified_at|app_slug|disabled|topics|visibility)'/u,
  /\/installation\/(created|updated)_at: must be string/u,
  /\/homepage: must match format "uri"/u,
];
/** Shortened by who wrote the example. */
const SHORTENED = new Set(["check_run.rerequested"]);

describe("GitHub's descriptions of webhooks", () => {
  const contract = createWebhookContract();
  const names = readdirSync(EXAMPLES)
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length));
  const readExample = (name: string): Record<string, unknown> =>
    JSON.parse(readFileSync(join(EXAMPLES, `${name}.json`), "utf8")) as Record<string, unknown>;

  it("fit GitHub's own examples, but for what came later", () => {
    assert.ok(names.length > 30);
    const misfits = names
      .filter((name) => !SHORTENED.has(name))
      .flatMap((name) => contract(name.split(".")[0] ?? "", readExample(name)))
      .filter((violation) => !SINCE.some((known) => known.test(violation)));
    assert.deepEqual(misfits, []);
  });

  it("do not fit what is changed, misnamed or unknown", () => {
    const example = readExample("pull_request.opened");
    assert.deepEqual(contract("pull_request", { ...example, action: "begun" }), [
      "pull_request.begun: GitHub's descriptions of webhooks do not have it",
    ]);
    assert.match(contract("pull_request", { ...example, number: undefined }).join(), /required property 'number'/u);
    assert.match(contract("pull_request", { ...example, number: "7" }).join(), /\/number: must be integer/u);
    assert.equal(contract("issue_comment", example).length, 1);
    const strict = createWebhookContract({ isStrict: true });
    assert.match(strict("pull_request", { ...example, nubmer: 7 }).join(), /nubmer/u);
  });
});
