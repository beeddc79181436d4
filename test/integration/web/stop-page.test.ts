import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { KeptStop } from "../../../src/jobs/ports.ts";
import type { Actor } from "../../../src/model/index.ts";
import { createFakeStopDesk } from "../../fakes/stop-desk.ts";
import { READER, signInAs, startWebServer } from "../../fakes/web-server.ts";

const STRANGER: Actor = { id: 999, login: "mallory", type: "User" };
const NOW = Date.parse("2026-11-20T12:00:00Z");
/** Of whoever runs the server: it stops every account. */
const OF_SERVER: KeptStop = {
  ...{ id: 50, kind: "freeze", from: "server", environment: undefined, by: undefined, reason: "the disk is full" },
  ...{ since: NOW, until: undefined },
  place: { installationId: undefined, repositoryId: undefined, number: undefined, environment: undefined },
};
const OF_ANOTHER: KeptStop = {
  ...OF_SERVER,
  id: 51,
  reason: "theirs",
  place: { ...OF_SERVER.place, installationId: 8 },
};

async function open(t: TestContext) {
  const fake = createFakeStopDesk(() => NOW);
  const server = await startWebServer(t, { stopDesk: fake.desk });
  const cookie = signInAs(server.records, READER);
  const get = (path: string, sent = cookie): Promise<Response> =>
    fetch(server.origin + path, { headers: { cookie: sent }, redirect: "manual" });
  const post = (
    path: string,
    form: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> =>
    fetch(server.origin + path, {
      method: "POST",
      body: new URLSearchParams(form),
      headers: { cookie, origin: "http://drydock.example", ...headers },
      redirect: "manual",
    });
  return { ...fake, ...server, cookie, get, post };
}

const STOP = { reason: "the vault is open", duration: "2h" };

describe("the page that stops everything of an account", () => {
  test("is set in the name of an admin of the account's own repository, and lifted", async (t) => {
    const { get, post, stops } = await open(t);
    assert.match(await (await get("/stops/shop")).text(), /Nothing is stopped\..*Stop everything of shop<\/button>/su);
    const done = await post("/stops/shop", STOP);
    assert.deepEqual([done.status, done.headers.get("location")], [303, "/stops/shop"]);
    const [stop] = stops;
    assert.ok(stop);
    assert.deepEqual(
      [stop.kind, stop.from, stop.by?.login, stop.reason, stop.since, stop.until, stop.place.installationId],
      ["freeze", "server", "ada", "the vault is open", NOW, NOW + 7_200_000, 7],
    );
    const page = await (await get("/stops/shop")).text();
    assert.match(page, /frozen by ada since 2026-11-20 12:00 UTC until 2026-11-20 14:00 UTC: the vault is open/u);
    assert.equal((await post("/stops/shop/lift", { id: String(stop.id) })).status, 303);
    assert.deepEqual(stops, []);
  });

  test("T05 is nothing for whoever does not administer that repository now, whatever they did before", async (t) => {
    const { get, post, stops, admins, origin, records } = await open(t);
    await post("/stops/shop", STOP);
    admins.length = 0;
    const missing = await get("/stops/nobody");
    for (const path of ["/stops/shop", "/stops/nobody"]) {
      const { status } = await get(path);
      assert.equal(status, 404, path);
    }
    const stranger = await fetch(`${origin}/stops/shop`, { headers: { cookie: signInAs(records, STRANGER) } });
    assert.equal((await stranger.text()).replace("mallory", "ada"), await missing.text());
    assert.equal((await post("/stops/shop", STOP)).status, 404);
    assert.equal((await post("/stops/shop/lift", { id: "1" })).status, 404);
    assert.equal(stops.length, 1);
  });

  test("takes forms from its own pages alone, and from somebody who is signed in", async (t) => {
    const { post, stops, get } = await open(t);
    const foreign: readonly Readonly<Record<string, string>>[] = [
      { origin: "https://evil.example" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "none" },
    ];
    for (const headers of foreign) {
      assert.equal((await post("/stops/shop", STOP, headers)).status, 403);
      assert.equal((await post("/stops/shop/lift", { id: "1" }, headers)).status, 403);
    }
    assert.equal((await post("/stops/shop", STOP, { cookie: "" })).status, 401);
    assert.match(await (await get("/stops/shop", "")).text(), /href="\/sign-in\?to=%2Fstops%2Fshop"/u);
    assert.equal((await get("/stops/shop?reason=x&duration=2h")).status, 200);
    assert.deepEqual(stops, []);
  });

  test("shows what stops every account, and lifts neither that nor another account's", async (t) => {
    const { get, post, stops } = await open(t);
    stops.push(OF_SERVER, OF_ANOTHER);
    const page = await (await get("/stops/shop")).text();
    assert.match(page, /the disk is full Whoever runs this server lifts it/u);
    assert.doesNotMatch(page, /theirs|\/lift/u);
    for (const id of ["50", "51", "50,51", ""]) await post("/stops/shop/lift", { id });
    assert.deepEqual(stops, [OF_SERVER, OF_ANOTHER]);
  });

  test("says what is wrong, and changes nothing", async (t) => {
    const { post, stops } = await open(t);
    const wrong = [
      [{ reason: "x", duration: "1s" }, /choose when it ends/u],
      [{ reason: "x" }, /choose when it ends/u],
      [{ reason: `a\u202eb`, duration: "2h" }, /cannot be seen/u],
      [{ reason: "x".repeat(301), duration: "2h" }, /at most 300 characters/u],
    ] as const;
    for (const [form, words] of wrong) {
      const answer = await post("/stops/shop", form);
      assert.equal(answer.status, 400);
      assert.match(await answer.text(), words);
    }
    assert.equal((await post("/stops/shop", { reason: "x".repeat(20_000), duration: "2h" })).status, 413);
    assert.deepEqual(stops, []);
  });

  test("is not there on a server that does not have it", async (t) => {
    const { origin, records } = await startWebServer(t);
    const answer = await fetch(`${origin}/stops/shop`, { headers: { cookie: signInAs(records, READER) } });
    assert.equal(answer.status, 404);
  });
});
