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

describe("the server's edge", () => {
  /** Sends bytes as they are and gives what came until the server closed the connection. */
  const send = (origin: string, text: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(Number(new URL(origin).port), "127.0.0.1");
      let answer = "";
      socket.setTimeout(5000, () => socket.destroy());
      socket.on("data", (piece: Buffer) => (answer += piece.toString()));
      socket.on("error", () => undefined).on("close", () => resolve(answer));
      socket.write(text);
    });
  const statuses = (answer: string): string[] =>
    [...answer.matchAll(/^HTTP\/1\.1 (\d+)/gmu)].map(([, code = ""]) => code);

  test("T48: takes no request whose end can be read in two ways for two", async (t) => {
    const { origin, deliveries } = await startWebServer(t);
    const hidden = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    const post = "POST /api/github/webhooks HTTP/1.1\r\nHost: a\r\n";
    for (const head of [
      "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
      "Content-Length: 0\r\nContent-Length: 50\r\n\r\n",
      "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
      "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
      "Content-Length: +0\r\n\r\n",
      " Content-Length: 0\r\n\r\n",
    ]) {
      assert.deepEqual(statuses(await send(origin, post + head + hidden)), ["400"], JSON.stringify(head));
    }
    assert.deepEqual(deliveries, []);
  });

  test("sends nobody elsewhere for what a request says of its host, and serves no file for its path", async (t) => {
    const { origin, log } = await startWebServer(t);
    const ask = (target: string, headers: string): Promise<string> =>
      send(origin, `GET ${target} HTTP/1.1\r\nConnection: close\r\n${headers}\r\n\r\n`);
    for (const headers of [
      "Host: evil.example",
      "Host: drydock.example\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: http",
    ]) {
      const answer = await ask("/sign-in?to=/x", headers);
      assert.match(answer, /^location: https:\/\/github\.example\/.*drydock\.example%2Fsign-in%2Fcallback/imu);
      assert.doesNotMatch(answer, /evil/u);
    }
    assert.doesNotMatch(await ask("http://evil.example/sign-in?to=//evil.example", "Host: a"), /evil/u);
    for (const target of [
      "/assets/..%2f..%2fpackage.json",
      "/shop/deploy/../../../../etc/passwd",
      "/../deploy/pull/1",
      "//evil.example/deploy/pull/1/..",
      "/%zz/%/pull/1",
      "/shop/deploy/pull/__proto__",
    ]) {
      assert.deepEqual(statuses(await ask(target, "Host: a")), ["404"], target);
    }
    assert.deepEqual(statuses(await ask("/", "Host: a/b?@c")), ["400"]);
    const junk = "Host: a\r\nCookie: drydock-session=__proto__; __proto__=1; drydock-sign-in=%zz";
    assert.deepEqual(statuses(await ask("/", junk)), ["200"]);
    assert.deepEqual(
      log.lines.filter(({ level }) => level === "error"),
      [],
    );
  });
});
