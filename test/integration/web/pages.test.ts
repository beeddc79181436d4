import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Actor } from "../../../src/model/index.ts";
import { renderJson, renderPageBody } from "../../../src/report/index.ts";
import type { KeptJudgement } from "../../../src/web/ports.ts";
import { makeReport } from "../../fakes/reports.ts";
import { READER, REPOSITORY, signInAs, startWebServer } from "../../fakes/web-server.ts";

const STRANGER: Actor = { id: 999, login: "mallory", type: "User" };
const HEAD = "9e8d7c6b5a4938271605f4e3d2c1b0a998877665";
const report = makeReport({ outcome: { status: "failed", exitCode: 1, title: "Fix 2 errors in 1 app" } });

function makeJudgement(id: string, parts: Partial<KeptJudgement> = {}): KeptJudgement {
  return {
    id,
    headSha: HEAD,
    baseSha: "1f".repeat(20),
    baseRef: "main",
    state: "failure",
    title: "Fix 2 errors in 1 app",
    judgedAt: "2026-11-20T10:11:12.000Z",
    body: renderPageBody(report),
    json: renderJson(report),
    ...parts,
  };
}

const NEWEST = makeJudgement("r2");
const OLDER = makeJudgement("r1", { state: "success", title: "<b>Nothing</b> that deploys changes" });

describe("the pages", () => {
  test("a reader sees the newest report with the history of checks", async (t) => {
    const { origin, records } = await startWebServer(t);
    records.judgements.set(12, [NEWEST, OLDER]);
    const cookie = signInAs(records, READER);
    const response = await fetch(`${origin}/shop/deploy/pull/12`, { headers: { cookie } });
    const page = await response.text();
    assert.equal(response.status, 200);
    assert.match(page, /<h1>Fix 2 errors in 1 app<\/h1>/u);
    assert.match(page, /href="https:\/\/github\.example\/shop\/deploy\/pull\/12"/u);
    assert.match(page, /2 checks/u);
    assert.match(page, /href="\/shop\/deploy\/pull\/12\/runs\/r1">&#60;b&#62;Nothing&#60;\/b&#62; that/u);
    assert.match(page, /Signed in as <strong>ada<\/strong>/u);
    assert.doesNotMatch(page, /older check/u);
    assert.equal(page.match(/Skip to the report/gu)?.length, 1);
  });

  test("an older check says so, one beyond its retention too, and JSON is the stored report", async (t) => {
    const { origin, records } = await startWebServer(t);
    records.judgements.set(12, [NEWEST, OLDER, makeJudgement("r0", { body: undefined, json: undefined })]);
    records.groups.set(HEAD, makeJudgement("g1"));
    const headers = { cookie: signInAs(records, READER) };
    const get = async (path: string): Promise<readonly [number, string]> => {
      const response = await fetch(origin + path, { headers });
      return [response.status, await response.text()];
    };
    assert.match(
      (await get("/shop/deploy/pull/12/runs/r1"))[1],
      /This is an older check, of <time[^>]*>2026-11-20 10:11 UTC/u,
    );
    const [status, gone] = await get("/shop/deploy/pull/12/runs/r0");
    assert.equal(status, 410);
    assert.match(gone, /not kept any more/u);
    assert.deepEqual(await get("/shop/deploy/pull/12.json"), [200, NEWEST.json]);
    assert.deepEqual(await get("/shop/deploy/pull/12/runs/r1.json"), [200, OLDER.json]);
    assert.equal((await get("/shop/deploy/pull/12/runs/r0.json"))[0], 404);
    assert.equal((await get(`/shop/deploy/group/${HEAD}`))[0], 200);
    assert.equal((await get(`/shop/deploy/group/${HEAD}.json`))[0], 200);
    assert.equal((await get(`/shop/deploy/group/${"0".repeat(40)}`))[0], 404);
    assert.match((await get("/shop/deploy/pull/13"))[1], /No report yet/u);
    assert.equal((await get("/shop/deploy/pull/12/runs/r9"))[0], 404);
    for (const path of [
      "/shop/deploy/pull/0",
      "/shop/deploy/pull/1e3",
      "/shop/deploy/pull/12/runs/..%2f",
      "/%00/x/pull/1",
    ]) {
      assert.equal((await get(path))[0], 404, path);
    }
  });

  test("every page holds the browser to a strict policy and is kept by nobody", async (t) => {
    const { origin, records } = await startWebServer(t, { config: { PUBLIC_URL: "https://drydock.example" } });
    records.judgements.set(12, [NEWEST]);
    const cookie = signInAs(records, READER, "__Host-drydock-session");
    for (const path of ["/", "/shop/deploy/pull/12", "/nothing/here", "/sign-in/failed"]) {
      const { headers } = await fetch(origin + path, { headers: { cookie } });
      const read = (name: string): string | null => headers.get(name);
      assert.equal(
        read("content-security-policy"),
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        path,
      );
      assert.deepEqual(
        ["x-content-type-options", "referrer-policy", "cross-origin-opener-policy", "cache-control"].map(read),
        ["nosniff", "no-referrer", "same-origin", "no-store"],
      );
      assert.equal(read("strict-transport-security"), "max-age=31536000");
    }
    const webhook = await fetch(`${origin}/api/github/webhooks`, { method: "POST" });
    assert.match(webhook.headers.get("content-security-policy") ?? "", /^default-src 'none'; frame-ancestors/u);
    const json = await fetch(`${origin}/shop/deploy/pull/12.json`, { headers: { cookie } });
    assert.match(json.headers.get("content-security-policy") ?? "", /^default-src 'none'; frame-ancestors/u);
  });

  test("styles and scripts come from here, named by their content, for ever", async (t) => {
    const { origin, records } = await startWebServer(t);
    records.judgements.set(12, [NEWEST]);
    const headers = { cookie: signInAs(records, READER) };
    const page = await (await fetch(`${origin}/shop/deploy/pull/12`, { headers })).text();
    const paths = [...page.matchAll(/<(?:link|script)[^>]* (?:href|src)="([^"]+)"/gu)].map(([, path = ""]) => path);
    assert.equal(paths.length, 5);
    for (const path of paths) {
      const response = await fetch(origin + path);
      assert.equal(response.status, 200, path);
      assert.equal(response.headers.get("cache-control"), "public, max-age=31536000, immutable");
      assert.match(
        response.headers.get("content-type") ?? "",
        path.endsWith(".css") ? /^text\/css/u : /^text\/javascript/u,
      );
      assert.ok((await response.text()).length > 100);
    }
    assert.doesNotMatch(page, /<style|<script>| style=| on[a-z]+=/u);
  });

  test("whoever may not read gets one answer for what exists and what does not, in its words and its time", async (t) => {
    const { origin, records } = await startWebServer(t);
    records.judgements.set(12, [NEWEST]);
    const ask = async (path: string, actor: Actor | undefined): Promise<readonly unknown[]> => {
      const startedAt = performance.now();
      const headers = actor === undefined ? {} : { cookie: signInAs(records, actor) };
      const response = await fetch(origin + path, { headers });
      const text = (await response.text()).replaceAll(encodeURIComponent(path), "PATH");
      return [response.status, text, Math.round((performance.now() - startedAt) / 1000)];
    };
    for (const actor of [STRANGER, undefined]) {
      const real = await ask("/shop/deploy/pull/12", actor);
      assert.deepEqual(await ask("/shop/secret/pull/12", actor), real);
      assert.deepEqual(await ask("/shop/deploy/pull/99", actor), real);
      assert.deepEqual(await ask("/shop/deploy/pull/12.json", actor), real);
      assert.equal(real[0], actor === undefined ? 401 : 404);
    }
  });

  test("access is asked at most once a minute and unknown is no", async (t) => {
    let now = 1_000_000;
    let asked = 0;
    let answer: () => Promise<boolean> = () => Promise.resolve(true);
    const { origin, records, log } = await startWebServer(t, {
      now: () => now,
      access: {
        canRead: () => {
          asked++;
          return answer();
        },
      },
    });
    records.judgements.set(12, [NEWEST]);
    const headers = { cookie: signInAs(records, READER, "drydock-session", now + 3_600_000) };
    const status = async (): Promise<number> => (await fetch(`${origin}/shop/deploy/pull/12`, { headers })).status;
    assert.deepEqual([await status(), await status(), asked], [200, 200, 1]);
    answer = () => Promise.resolve(false);
    now += 59_000;
    assert.equal(await status(), 200);
    now += 1001;
    assert.deepEqual([await status(), await status(), asked], [404, 404, 2]);
    now += 60_001;
    answer = () => Promise.reject(new Error("GitHub is away, says ghs_0123456789abcdef"));
    assert.deepEqual([await status(), await status(), asked], [404, 404, 4]);
    assert.match(JSON.stringify(log.lines), /access is not known/u);
    assert.doesNotMatch(JSON.stringify(log.lines), /ghs_0/u);
    now += 3_600_000;
    assert.equal(await status(), 401, "the session is over");
  });

  test("pages of public repositories need no sign-in where that is allowed", async (t) => {
    const { origin, records } = await startWebServer(t, { config: { DRYDOCK_PUBLIC_PAGES: true } });
    records.judgements.set(12, [NEWEST]);
    assert.equal((await fetch(`${origin}/shop/deploy/pull/12`)).status, 401, "this one is private");
    records.repositories[0] = { ...REPOSITORY, isPrivate: false };
    assert.equal((await fetch(`${origin}/shop/deploy/pull/12`)).status, 200);
    const closed = await startWebServer(t);
    closed.records.repositories[0] = { ...REPOSITORY, isPrivate: false };
    assert.equal((await fetch(`${closed.origin}/shop/deploy/pull/12`)).status, 401);
  });

  test("a database that is away ends as an apology without its words", async (t) => {
    const { origin, records, log } = await startWebServer(t);
    records.readSession = () => Promise.reject(new Error("connect ECONNREFUSED postgres://drydock:hunter2@db/drydock"));
    const response = await fetch(`${origin}/shop/deploy/pull/12`, { headers: { cookie: signInAs(records, READER) } });
    assert.equal(response.status, 500);
    assert.doesNotMatch(await response.text(), /hunter2|postgres/u);
    assert.doesNotMatch(JSON.stringify(log.lines), /hunter2/u);
  });
});
