import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { describe, test } from "node:test";
import { Registry } from "prom-client";
import { createMetrics, type QueueFacts } from "../../../src/web/index.ts";
import { makeDelivery, startWebServer } from "../../fakes/web-server.ts";

const PATH = "/api/github/webhooks";

describe("health and readiness", () => {
  test("a live process says so, and a part that is not ready is named, without its error", async (t) => {
    let isUp = true;
    let now = 1_000_000;
    const { origin, log } = await startWebServer(t, {
      now: () => now,
      readiness: () =>
        isUp
          ? Promise.resolve([
              { name: "database", isReady: true },
              { name: "github", isReady: false },
              { name: "engines", isReady: false },
            ])
          : Promise.reject(new Error("postgres://drydock:hunter2@db/drydock does not answer")),
    });
    const ask = async (): Promise<readonly [number, unknown]> => {
      const response = await fetch(`${origin}/readyz`);
      return [response.status, await response.json()];
    };
    assert.equal((await fetch(`${origin}/healthz`)).status, 200);
    assert.deepEqual(await ask(), [503, { ready: false, notReady: ["github", "engines"] }]);
    isUp = false;
    assert.deepEqual(await ask(), [503, { ready: false, notReady: ["github", "engines"] }], "looked at once a second");
    now += 1001;
    assert.deepEqual(await ask(), [503, { ready: false, notReady: ["server"] }]);
    assert.doesNotMatch(JSON.stringify(log.lines), /hunter2/u);
    assert.equal((await fetch(`${origin}/healthz`)).status, 200);
  });

  test("a part that never answers is not ready", async (t) => {
    const { origin } = await startWebServer(t, { readiness: () => new Promise(() => undefined) });
    assert.equal((await fetch(`${origin}/readyz`)).status, 503);
  });
});

describe("metrics", () => {
  test("are served on an address of their own alone", async (t) => {
    const { origin, metricsOrigin } = await startWebServer(t);
    await fetch(origin + PATH, makeDelivery("{}", { "x-github-event": "ping" }));
    await fetch(origin + PATH, makeDelivery("{}", { "x-hub-signature-256": "sha256=0", "x-github-event": "made_up" }));
    assert.equal((await fetch(`${origin}/metrics`)).status, 404);
    assert.equal((await fetch(metricsOrigin + PATH, makeDelivery("{}"))).status, 404);
    const text = await (await fetch(`${metricsOrigin}/metrics`)).text();
    assert.match(text, /^drydock_deliveries_total\{event="ping",outcome="stored"\} 1$/mu);
    assert.match(text, /^drydock_deliveries_total\{event="unverified",outcome="refused"\} 1$/mu);
    assert.match(text, /^drydock_webhook_seconds_count\{outcome="stored"\} 1$/mu);
    assert.doesNotMatch(text, /made_up/u);
  });

  test("count jobs, steps, reuse and GitHub's limits, and tell the queue as it is when asked", async () => {
    const registry = new Registry();
    let queue: () => Promise<QueueFacts> = () => Promise.resolve({ waiting: 3, active: 2, oldestWaitingHead: 41.5 });
    const metrics = createMetrics(registry, () => queue());
    metrics.job("judge", "done", 1.5);
    metrics.job("judge", "given-up", 0.5);
    metrics.step("render", 0.2);
    metrics.apps(3, 497);
    const call = { method: "GET", route: "/repos/{owner}/{repo}", seconds: 0.1, limit: 5000, resource: "core" };
    metrics.call({ ...call, status: 304, remaining: 4990 });
    metrics.call({ ...call, status: 0, remaining: undefined });
    const text = await registry.metrics();
    for (const line of [
      'drydock_jobs_total{kind="judge",outcome="done"} 1',
      'drydock_jobs_total{kind="judge",outcome="given-up"} 1',
      'drydock_job_seconds_sum{kind="judge"} 2',
      'drydock_step_seconds_count{step="render"} 1',
      'drydock_apps_total{work="rendered"} 3',
      'drydock_apps_total{work="reused"} 497',
      'drydock_github_calls_total{method="GET",route="/repos/{owner}/{repo}",status="304"} 1',
      'drydock_github_calls_total{method="GET",route="/repos/{owner}/{repo}",status="none"} 1',
      'drydock_github_limit_remaining{resource="core"} 4990',
      'drydock_github_limit{resource="core"} 5000',
      'drydock_queue_tasks{state="waiting"} 3',
      'drydock_queue_tasks{state="active"} 2',
      "drydock_oldest_waiting_head_seconds 41.5",
    ]) {
      assert.ok(text.split("\n").includes(line), line);
    }
    queue = () => Promise.reject(new Error("away"));
    const gap = await registry.metrics();
    assert.doesNotMatch(gap, /^drydock_queue_tasks\{/mu);
    assert.match(gap, /^drydock_oldest_waiting_head_seconds Nan$/mu);
    assert.match(gap, /^drydock_jobs_total/mu);
  });
});

describe("shutting down", () => {
  test("lets a delivery in flight end, takes no new one, and is soon done", async (t) => {
    let store: () => void = () => undefined;
    const server = await startWebServer(t, { intake: { receive: () => new Promise((resolve) => (store = resolve)) } });
    await (await fetch(`${server.origin}/healthz`)).text();
    const early = connect(Number(new URL(server.origin).port), "127.0.0.1").on("error", () => undefined);
    t.after(() => early.destroy());
    const answer = fetch(server.origin + PATH, makeDelivery("{}"));
    await delay(100);
    const stopped = server.stop();
    await delay(50);
    await assert.rejects(fetch(`${server.origin}/healthz`));
    store();
    assert.equal((await answer).status, 202);
    const startedAt = performance.now();
    await stopped;
    assert.ok(performance.now() - startedAt < 2000, "connections without a request hold nothing up");
  });

  test("cuts what does not end", async (t) => {
    const server = await startWebServer(t, { limits: { bodyMilliseconds: 60_000 }, grace: 500 });
    const sent = request(server.origin + PATH, {
      method: "POST",
      headers: { ...makeDelivery("").headers, "content-length": "100" },
    });
    const cut = new Promise((resolve) => sent.on("error", resolve));
    sent.write("{");
    await delay(100);
    const startedAt = performance.now();
    await server.stop();
    await cut;
    const seconds = (performance.now() - startedAt) / 1000;
    assert.ok(seconds > 0.4 && seconds < 3, `${seconds} s`);
  });

  test("an address in use is an error and leaves nothing listening", async (t) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    t.after(() => other.close());
    const { port } = other.address() as AddressInfo;
    await assert.rejects(startWebServer(t, { config: { METRICS_PORT: port } }), { code: "EADDRINUSE" });
  });
});
