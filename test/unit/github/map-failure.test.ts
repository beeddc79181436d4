import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MERGE_ROUTE, mapFailure } from "../../../src/github/map-failure.ts";
import { AccessLostFault, LimitedFault, RefusedFault, type Fault } from "../../../src/model/index.ts";

const NOW = 1_770_000_000_000;

function map(status: number, message = "", headers: Record<string, string> = {}, more: object = {}): Fault {
  const body = { message, ...more };
  const facts = { route: "GET /x", now: NOW, drift: 0, limitedInARow: 1 };
  return mapFailure({ status, headers, body }, facts);
}

describe("mapFailure", () => {
  it("T52: waits by retry-after, else by the reset, else a minute", () => {
    const waits: readonly (readonly [Fault, number])[] = [
      [map(429, "", { "retry-after": "30" }), 30_000],
      [map(403, "", { "retry-after": "30", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1" }), 30_000],
      [map(403, "", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW / 1000 + 100) }), 101_000],
      [map(403, "", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW / 1000 - 100) }), 1000],
      [map(403, "You have exceeded a secondary rate limit"), 60_000],
      [map(403, "You have triggered an abuse detection mechanism"), 60_000],
      [map(429, "", { "x-ratelimit-remaining": "17", "x-ratelimit-reset": String(NOW / 1000 + 3000) }), 60_000],
      [map(429, "", { "retry-after": "1e99" }), 6 * 3_600_000],
      [map(429, "", { "retry-after": "soon" }), 60_000],
    ];
    for (const [fault, wait] of waits) {
      assert.ok(fault instanceof LimitedFault && fault.isRetryable);
      assert.equal(fault.retryAt - NOW, wait);
    }
  });

  it("reads the reset by GitHub's clock", () => {
    const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW / 1000 + 3700) };
    const facts = { route: "GET /x", now: NOW, drift: 3_600_000, limitedInARow: 1 };
    const fault = mapFailure({ status: 403, headers, body: {} }, facts);
    assert.ok(fault instanceof LimitedFault);
    assert.equal(fault.retryAt - NOW, 101_000);
  });

  it("T53: says how access was lost", () => {
    const losses: readonly (readonly [Fault, string, string | undefined])[] = [
      [map(403, "This installation has been suspended"), "suspended", undefined],
      [map(403, "Repository was archived so is read-only."), "archived", undefined],
      [
        map(403, "Resource not accessible by integration", { "x-accepted-github-permissions": "checks=write" }),
        "permission",
        "checks",
      ],
      [map(403, "Something new"), "permission", undefined],
      [map(404, "Not Found"), "not-found", undefined],
      [map(410, "Gone"), "not-found", undefined],
      [map(451, "Repository access blocked"), "not-found", undefined],
      [map(301, "Moved Permanently"), "not-found", undefined],
    ];
    for (const [fault, loss, permission] of losses) {
      assert.ok(fault instanceof AccessLostFault, fault.message);
      assert.deepEqual([fault.loss, fault.permission, fault.isRetryable], [loss, permission, false]);
    }
  });

  it("tells what is refused from what passes", () => {
    assert.ok(map(422, "Validation Failed") instanceof RefusedFault);
    assert.ok(map(403, "Unable to create comment because issue is locked.") instanceof RefusedFault);
    for (const status of [500, 502, 503, 504, 408, 409]) assert.equal(map(status).isRetryable, true, String(status));
    for (const status of [405, 415, 418]) assert.equal(map(status).isRetryable, false, String(status));
    for (const status of [405, 409]) {
      const facts = { route: MERGE_ROUTE, now: NOW, drift: 0, limitedInARow: 1 };
      assert.ok(mapFailure({ status, headers: {}, body: {} }, facts) instanceof RefusedFault, `a merge, ${status}`);
    }
  });

  it("T56: repeats GitHub's own words, short, on one line and without a token", () => {
    const errors = [
      {
        resource: "PullRequestReview",
        field: "comments",
        code: "custom",
        message: `line\n\u202e ghs_${"x".repeat(36)}`,
      },
      "plain",
      { __proto__: null, nested: { message: "no" } },
    ];
    const { message } = map(422, "Validation Failed", {}, { errors });
    assert.equal(
      message,
      "GitHub answered GET /x with 422: Validation Failed; PullRequestReview comments custom line [scrubbed]; plain",
    );
    assert.ok(map(422, "y".repeat(10_000)).message.length < 600);
    const page = mapFailure(
      { status: 502, headers: {}, body: "<html>bad gateway</html>" },
      { route: "GET /x", now: NOW, drift: 0, limitedInARow: 1 },
    );
    assert.equal(page.message, "GitHub answered GET /x with 502");
  });
});
