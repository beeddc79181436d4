import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { readServerConfig } from "../../../src/config/read-server-config.ts";
import { buildManifest } from "../../../src/github/index.ts";
import { Fault, RefusedFault } from "../../../src/model/index.ts";
import { loadReportAssets } from "../../../src/report/assets.ts";
import { createSetupServer, type SetupServerParts } from "../../../src/web/index.ts";
import { createFakeLog } from "../../fakes/web-server.ts";

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const MADE = {
  appId: 4711,
  htmlUrl: "https://github.example/apps/drydock-1",
  clientId: "Iv1.0123",
  clientSecret: "hunter2-client",
  webhookSecret: "hunter2-webhook-secret",
  privateKey,
};

async function startSetup(t: TestContext, changes: Partial<SetupServerParts> = {}) {
  const data = join(await mkdtemp(join(tmpdir(), "drydock-setup-")), "data");
  t.after(() => rm(join(data, ".."), { recursive: true, force: true }));
  const log = createFakeLog();
  const codes: string[] = [];
  let created = 0;
  const server = createSetupServer({
    settings: {
      HOST: "127.0.0.1",
      PORT: 0,
      PUBLIC_URL: undefined,
      WEBHOOK_PATH: "/api/github/webhooks",
      DRYDOCK_DATA: data,
    },
    githubUrl: "https://github.example",
    buildManifest,
    convertManifest: (code) => {
      codes.push(code);
      return Promise.resolve(MADE);
    },
    onCreated: () => created++,
    assets: await loadReportAssets(),
    log,
    now: Date.now,
    randomBytes,
    ...changes,
  });
  const { port } = await server.start();
  t.after(() => server.stop());
  const origin = `http://127.0.0.1:${port}`;
  const token = String(log.lines[0]?.fields["token"]);
  /** One request of a browser that is on one of the server's pages. */
  const visit = async (
    path: string,
    { cookie = "", form }: { cookie?: string; form?: Record<string, string> } = {},
  ) => {
    const response = await fetch(origin + path, {
      redirect: "manual",
      headers: { cookie, origin: "null" },
      ...(form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) }),
    });
    const text = await response.text();
    const [set = ""] = response.headers.getSetCookie();
    return { status: response.status, text, headers: response.headers, cookie: set.split(";", 1)[0] ?? "" };
  };
  return { origin, data, log, codes, token, visit, created: () => created };
}

type Started = Awaited<ReturnType<typeof startSetup>>;

/** Goes as far as GitHub's page; gives the browser's cookie, the state and the manifest. */
async function reachGitHub({ visit, token }: Started, choices: Record<string, string> = {}) {
  const { cookie } = await visit("/setup/token", { form: { token } });
  const page = await visit("/setup/app", { cookie, form: { url: "https://drydock.example", set: "full", ...choices } });
  const action = /<form[^>]* action="([^"]+)"/u.exec(page.text)?.[1] ?? "";
  const manifest = (/name="manifest" value="([^"]+)"/u.exec(page.text)?.[1] ?? "").replaceAll(
    /&#(\d+);/gu,
    (_, code: string) => String.fromCodePoint(Number(code)),
  );
  return { cookie, page, action, state: new URL(action).searchParams.get("state") ?? "", manifest };
}

describe("the first run", () => {
  test("says before the App is made that GitHub cannot reach this machine", async (t) => {
    const started = await startSetup(t);
    const { page, cookie } = await reachGitHub(started, { url: "http://localhost:3000" });
    assert.match(page.text, /GitHub cannot reach localhost:3000/u);
    const form = { url: "https://drydock.example", set: "full" };
    assert.doesNotMatch((await started.visit("/setup/app", { cookie, form })).text, /cannot reach/u);
  });

  test("makes an App by the manifest flow and writes its credentials once, for this user alone", async (t) => {
    const started = await startSetup(t);
    const { visit, data, codes, log, created } = started;
    const { cookie, page, action, state, manifest } = await reachGitHub(started, { owner: "shop", set: "checks only" });
    assert.ok(action.startsWith("https://github.example/organizations/shop/settings/apps/new?state="));
    assert.match(page.headers.get("content-security-policy") ?? "", /form-action 'self' https:\/\/github\.example;/u);
    const {
      default_permissions: permissions,
      hook_attributes: hook,
      redirect_url: back,
    } = JSON.parse(manifest) as {
      default_permissions: Record<string, string>;
      hook_attributes: { url: string };
      redirect_url: string;
    };
    assert.deepEqual([permissions["contents"], permissions["issues"]], ["read", undefined]);
    assert.equal(hook.url, "https://drydock.example/api/github/webhooks");
    assert.equal(back, "https://drydock.example/setup/callback");

    const done = await visit(`/setup/callback?code=c0de&state=${state}`, { cookie });
    assert.equal(done.status, 303);
    assert.equal(done.headers.get("location"), "https://github.example/apps/drydock-1/installations/new");
    assert.deepEqual([codes, created()], [["c0de"], 1]);
    assert.deepEqual(await readdir(data), ["app.json"]);
    assert.equal((await stat(join(data, "app.json"))).mode & 0o777, 0o600);
    const reading = readServerConfig({ DRYDOCK_DATA: data }, (path) => readFileSync(path, "utf8"));
    assert.equal(reading.kind, "loaded");
    const { APP_ID, WEBHOOK_SECRET, CLIENT_SECRET, PUBLIC_URL, PRIVATE_KEY } = reading.config;
    assert.deepEqual(
      [APP_ID, WEBHOOK_SECRET, CLIENT_SECRET, PUBLIC_URL, PRIVATE_KEY],
      [4711, "hunter2-webhook-secret", "hunter2-client", "https://drydock.example", privateKey],
    );
    assert.doesNotMatch(JSON.stringify(log.lines) + done.text, /hunter2|PRIVATE KEY|c0de/u);

    const again = await visit(`/setup/callback?code=c0de&state=${state}`, { cookie });
    assert.equal(again.headers.get("location"), "/setup/failed?why=expired", "the state is used");
  });

  test("opens to the token of the log alone, once, and shows nothing before", async (t) => {
    const { visit, token, log } = await startSetup(t);
    assert.match(token, /^[\w-]{32}$/u);
    assert.match((await visit("/")).text, /Token from the server/u);
    for (const told of ["", "x", `${token}x`, token.toLowerCase()]) {
      assert.equal((await visit("/setup/token", { form: { token: told } })).status, 403);
    }
    assert.equal(
      (await visit("/setup/app", { form: { url: "https://drydock.example" } })).headers.get("location"),
      "/",
    );
    const { status, cookie } = await visit("/setup/token", { form: { token } });
    assert.equal(status, 303);
    assert.match((await visit("/", { cookie })).text, /Which App do you need/u);
    assert.match((await visit("/", { cookie: `${cookie}x` })).text, /Token from the server/u);
    assert.equal((await visit("/setup/token", { form: { token } })).status, 403, "a second browser has no use for it");
    assert.equal(log.lines.length, 1);
  });

  test("token, browser and state are over after an hour", async (t) => {
    let now = 9_000_000;
    const late = await startSetup(t, { now: () => now });
    now += 3_600_001;
    assert.equal((await late.visit("/setup/token", { form: { token: late.token } })).status, 403);

    const started = await startSetup(t, { now: () => now });
    const { cookie, state } = await reachGitHub(started);
    now += 3_600_001;
    const done = await started.visit(`/setup/callback?code=c0de&state=${state}`, { cookie });
    assert.equal(done.headers.get("location"), "/setup/failed?why=expired");
    assert.deepEqual(started.codes, []);
  });

  test("another state or another browser makes nothing", async (t) => {
    const started = await startSetup(t);
    const { cookie, state } = await reachGitHub(started);
    for (const [query, sent] of [
      [`code=c0de&state=${state}x`, cookie],
      ["code=c0de", cookie],
      [`code=c0de&state=${state}`, ""],
    ] as const) {
      const { headers } = await started.visit(`/setup/callback?${query}`, { cookie: sent });
      assert.equal(headers.get("location"), "/setup/failed?why=expired");
    }
    assert.deepEqual([started.codes, started.created()], [[], 0]);
  });

  test("a disk that cannot be written, and an App that is there, are found before GitHub is asked", async (t) => {
    // A path below a file; Node never returns from making a directory below /proc.
    for (const directory of [join(import.meta.filename, "data"), undefined]) {
      const started = await startSetup(t);
      const settings = {
        HOST: "127.0.0.1",
        PORT: 0,
        PUBLIC_URL: undefined,
        WEBHOOK_PATH: "/hook",
        DRYDOCK_DATA: directory ?? started.data,
      };
      if (directory === undefined) {
        const first = await reachGitHub(started);
        await started.visit(`/setup/callback?code=c0de&state=${first.state}`, { cookie: first.cookie });
      }
      const second = await startSetup(t, { settings });
      const { cookie, state } = await reachGitHub(second);
      const { headers } = await second.visit(`/setup/callback?code=c0de&state=${state}`, { cookie });
      assert.equal(headers.get("location"), "/setup/failed?why=storage");
      assert.deepEqual([second.codes, second.created()], [[], 0]);
    }
  });

  test("GitHub's refusal and its absence leave nothing behind", async (t) => {
    for (const [cause, why] of [
      [new RefusedFault("used"), "refused"],
      [new Fault("away"), "away"],
    ] as const) {
      const started = await startSetup(t, { convertManifest: () => Promise.reject(cause) });
      const { cookie, state } = await reachGitHub(started);
      const { headers } = await started.visit(`/setup/callback?code=c0de&state=${state}`, { cookie });
      assert.equal(headers.get("location"), `/setup/failed?why=${why}`);
      assert.deepEqual([await readdir(started.data), started.created()], [[], 0]);
    }
  });

  test("what is typed in is held to its shape, and a form from elsewhere does nothing", async (t) => {
    const started = await startSetup(t);
    const { visit, token, origin } = started;
    const { cookie } = await visit("/setup/token", { form: { token } });
    for (const form of [
      { url: "https://drydock.example", owner: "../settings" },
      { url: "https://drydock.example", owner: "a/b" },
      { url: "javascript:alert(1)", owner: "" },
      { url: "https://drydock.example/path", owner: "" },
      { url: "https://user:word@drydock.example", owner: "" },
    ]) {
      assert.equal((await visit("/setup/app", { cookie, form })).status, 400, JSON.stringify(form));
    }
    const foreign = await fetch(`${origin}/setup/app`, {
      method: "POST",
      redirect: "manual",
      headers: { cookie, origin: "https://evil.example" },
      body: new URLSearchParams({ url: "https://evil.example" }),
    });
    assert.equal(foreign.headers.get("location"), "/");
    const large = await visit("/setup/token", { form: { token: "x".repeat(20_000) } });
    assert.equal(large.status, 413);
  });

  test("meanwhile the server lives, is not ready, and takes no webhook", async (t) => {
    const { origin } = await startSetup(t);
    assert.equal((await fetch(`${origin}/healthz`)).status, 200);
    assert.equal((await fetch(`${origin}/readyz`)).status, 503);
    assert.equal((await fetch(`${origin}/api/github/webhooks`, { method: "POST", body: "{}" })).status, 503);
  });
});
