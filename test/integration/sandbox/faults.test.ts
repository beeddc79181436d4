import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  admitRequest,
  blockCaller,
  createFaults,
  createRateLimiter,
  delayCommit,
  exhaustLimit,
  injectFault,
  takeFault,
  takeLateCommit,
  type RateLimiter,
} from "../../../src/sandbox/faults/index.ts";

const READ = { caller: "installation 7", isWrite: false, isGraphql: false, createsContent: false };
const WRITE = { ...READ, isWrite: true };
const COMMENT = { ...WRITE, createsContent: true };

describe("injected faults", () => {
  it("fail as often as was asked, after as many as were let through, one operation alone", () => {
    const faults = createFaults();
    injectFault(faults, { operationId: "checks/create", failing: { kind: "drop", when: "after" }, count: 2, skip: 1 });
    injectFault(faults, { operationId: "checks/create", failing: { kind: "delay", milliseconds: 5 } });
    assert.equal(takeFault(faults, "checks/update"), undefined);
    const met = Array.from({ length: 5 }, () => takeFault(faults, "checks/create")?.kind);
    assert.deepEqual(met, [undefined, "drop", "drop", "delay", undefined]);
  });

  it("keep a commit away from the first fetches", () => {
    const faults = createFaults();
    delayCommit(faults, 1, "aaa");
    assert.equal(takeLateCommit(faults, ["bbb"]), undefined);
    assert.equal(takeLateCommit(faults, ["bbb", "aaa"]), "aaa");
    assert.equal(takeLateCommit(faults, ["bbb", "aaa"]), undefined);
    delayCommit(faults, 1);
    assert.equal(takeLateCommit(faults, ["bbb"]), "bbb");
    assert.equal(takeLateCommit(faults, ["bbb"]), undefined);
  });
});

describe("rate limits", () => {
  const ask = (limiter: RateLimiter, cost = READ, status = 200) => {
    const admission = admitRequest(limiter, cost);
    return admission.kind === "admitted" ? admission.finish(status) : admission;
  };

  it("T52: end an hour's requests with remaining 0 and a time to come back, and free not-modified answers", () => {
    let time = 1_000_000;
    const limiter = createRateLimiter(() => time, { requestsPerHour: 2 });
    assert.deepEqual(ask(limiter), {
      "x-ratelimit-limit": "2",
      "x-ratelimit-remaining": "1",
      "x-ratelimit-used": "1",
      "x-ratelimit-reset": "4600",
      "x-ratelimit-resource": "core",
    });
    ask(limiter, READ, 304);
    ask(limiter);
    const refused = admitRequest(limiter, READ);
    assert.ok(refused.kind === "refused" && refused.limit === "primary");
    assert.equal(refused.status, 403);
    assert.equal(refused.headers["x-ratelimit-remaining"], "0");
    assert.equal(refused.headers["retry-after"], undefined);
    assert.equal(admitRequest(limiter, { ...READ, caller: "installation 8" }).kind, "admitted");
    time += 3_600_000;
    assert.equal(admitRequest(limiter, READ).kind, "admitted");
    assert.equal(limiter.refusals.length, 1);
    exhaustLimit(limiter, READ.caller, time + 5000);
    assert.equal(admitRequest(limiter, READ).kind, "refused");
  });

  it("T52: count points a minute, creations and requests at once, with and without retry-after", () => {
    let time = 0;
    const limiter = createRateLimiter(() => time, { pointsPerMinute: 11, creationsPerMinute: 1, status: 429 });
    for (const cost of [WRITE, COMMENT, READ]) assert.ok(!("kind" in ask(limiter, cost)));
    const refused = admitRequest(limiter, READ);
    assert.ok(refused.kind === "refused" && refused.limit === "secondary");
    assert.deepEqual([refused.status, refused.headers["retry-after"]], [429, "60"]);
    assert.equal(admitRequest(limiter, { ...READ, isGraphql: true }).kind, "admitted");
    time += 60_000;
    limiter.limits = { ...limiter.limits, saysRetryAfter: false, concurrent: 2 };
    ask(limiter, COMMENT);
    const second = admitRequest(limiter, COMMENT);
    assert.ok(second.kind === "refused");
    assert.equal(second.headers["retry-after"], undefined);
    assert.equal(admitRequest(limiter, READ).kind, "admitted"); // GraphQL's and this one are under way
    assert.equal(admitRequest(limiter, READ).kind, "refused");
    blockCaller(limiter, "user 1", time + 90_000);
    assert.equal(admitRequest(limiter, { ...READ, caller: "user 1" }).kind, "refused");
  });
});
