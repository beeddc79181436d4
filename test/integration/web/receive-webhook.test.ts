import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { request } from "node:http";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Fault } from "../../../src/model/index.ts";
import { GUID, makeDelivery, SECRET, sign, startWebServer } from "../../fakes/web-server.ts";

const PATH = "/api/github/webhooks";
const PULL_REQUEST = JSON.stringify({
  action: "synchronize",
  number: 12,
  pull_request: {
    number: 12,
    merged: false,
    head: { sha: "ab".repeat(20) },
    base: { ref: "main" },
    title: "a title nobody logs",
  },
  repository: { id: 70, name: "deploy", full_name: "shop/deploy", owner: { login: "shop" } },
  installation: { id: 7 },
  sender: { id: 1, login: "ada", type: "User" },
});

describe("the webhook's door", () => {
  test("a signed delivery is stored, then acknowledged, and told in one line without its payload", async (t) => {
    const { origin, deliveries, log } = await startWebServer(t);
    const response = await fetch(origin + PATH, makeDelivery(PULL_REQUEST));
    assert.equal(response.status, 202);
    assert.deepEqual(
      deliveries.map(({ id, event, action, installationId, intents }) => [id, event, action, installationId, intents]),
      [
        [
          GUID,
          "pull_request",
          "synchronize",
          7,
          [
            {
              kind: "pushed",
              repository: { installationId: 7, repositoryId: 70, owner: "shop", name: "deploy" },
              number: 12,
              before: undefined,
              after: "ab".repeat(20),
              actor: { id: 1, login: "ada", type: "User" },
            },
            {
              kind: "judge",
              repository: { installationId: 7, repositoryId: 70, owner: "shop", name: "deploy" },
              number: 12,
              reason: "pushed",
              lane: "people",
              headSha: "ab".repeat(20),
            },
          ],
        ],
      ],
    );
    assert.equal(log.lines.length, 1);
    const { seconds, ...fields } = log.lines[0]?.fields ?? {};
    assert.equal(typeof seconds, "number");
    assert.deepEqual(fields, {
      delivery: GUID,
      event: "pull_request",
      action: "synchronize",
      installation: 7,
      repository: "shop/deploy",
      outcome: "stored",
      status: 202,
    });
    assert.doesNotMatch(JSON.stringify(log.lines), /a title nobody logs/u);
  });

  test("T48: a missing, wrong, malformed or sha1-only signature is refused", async (t) => {
    const { origin, deliveries } = await startWebServer(t);
    const sha1 = `sha1=${createHmac("sha1", SECRET).update(PULL_REQUEST).digest("hex")}`;
    for (const headers of [
      { "x-hub-signature-256": undefined },
      { "x-hub-signature-256": undefined, "x-hub-signature": sha1 },
      { "x-hub-signature-256": sha1 },
      { "x-hub-signature-256": "" },
      { "x-hub-signature-256": sign(PULL_REQUEST, "development") },
      { "x-hub-signature-256": sign(`${PULL_REQUEST} `) },
      { "x-hub-signature-256": sign(PULL_REQUEST).slice(0, -1) },
      { "x-hub-signature-256": `${sign(PULL_REQUEST)}, ${sign(PULL_REQUEST)}` },
    ]) {
      const response = await fetch(origin + PATH, makeDelivery(PULL_REQUEST, headers));
      assert.equal(response.status, 401, JSON.stringify(headers));
      await response.text();
    }
    assert.deepEqual(deliveries, []);
  });

  test("T48: a body beyond 25 MB is refused before its signature is computed, whether its length is told or not", async (t) => {
    let verified = 0;
    const { origin, deliveries } = await startWebServer(t, {
      verifySignature: () => {
        verified++;
        return true;
      },
    });
    const large = new Uint8Array(26 * 1024 * 1024 + 1).fill(0x20);
    const told = await fetch(origin + PATH, makeDelivery(large));
    assert.equal(told.status, 413);
    assert.equal(await postInPieces(origin, { "transfer-encoding": "chunked" }, large), 413);
    assert.deepEqual([verified, deliveries], [0, []]);
    const largest = new Uint8Array(25 * 1024 * 1024).fill(0x20);
    largest.set(Buffer.from("{}"));
    const allowed = await fetch(origin + PATH, makeDelivery(largest));
    assert.equal(allowed.status, 202, "what GitHub may send is taken");
  });

  test("T48: a slow body is cut", async (t) => {
    const { origin, deliveries } = await startWebServer(t, { limits: { bodyMilliseconds: 200 } });
    const startedAt = performance.now();
    const status = await postInPieces(origin, { "content-length": "1000" }, new Uint8Array(10), false);
    assert.equal(status, 408);
    assert.ok(performance.now() - startedAt < 3000);
    assert.deepEqual(deliveries, []);
  });

  test("T48: bodies of many senders at once take no more than their room", async (t) => {
    const { origin } = await startWebServer(t, { limits: { roomBytes: 1500, bodyMilliseconds: 1500 } });
    const first = postInPieces(origin, { "content-length": "2000" }, new Uint8Array(1000), false);
    await delay(100);
    const response = await fetch(origin + PATH, makeDelivery(" ".repeat(1000)));
    assert.equal(response.status, 503, "nothing is acknowledged, so GitHub's list of failures has it");
    assert.equal((await fetch(origin + PATH, makeDelivery("{}"))).status, 202);
    first.catch(() => undefined);
  });

  test("T48: the wrong content type is refused with a word on what to change", async (t) => {
    const { origin, deliveries } = await startWebServer(t);
    for (const type of ["application/x-www-form-urlencoded", "text/plain", "application/jsonp"]) {
      const response = await fetch(origin + PATH, makeDelivery(PULL_REQUEST, { "content-type": type }));
      assert.equal(response.status, 415);
      assert.match(await response.text(), /content type has to be application\/json/u);
    }
    assert.deepEqual(deliveries, []);
    const charset = await fetch(
      origin + PATH,
      makeDelivery("{}", { "content-type": "application/json; charset=utf-8" }),
    );
    assert.equal(charset.status, 202);
  });

  test("T48: headers that are not GitHub's are refused, and so is what is no JSON object", async (t) => {
    const { origin, deliveries, log } = await startWebServer(t);
    for (const headers of [
      { "x-github-delivery": "1" },
      { "x-github-delivery": undefined },
      { "x-github-event": undefined },
      { "x-github-event": "__proto__" },
      { "x-github-event": "a b" },
    ]) {
      assert.equal((await fetch(origin + PATH, makeDelivery("{}", headers))).status, 400, JSON.stringify(headers));
    }
    for (const body of ["", "[]", "null", "1", "{", '{"a":1}x', "\ufeff"]) {
      assert.equal((await fetch(origin + PATH, makeDelivery(body))).status, 400, body);
    }
    assert.equal((await fetch(origin + PATH, makeDelivery(new Uint8Array([0x7b, 0xff, 0x7d])))).status, 400);
    assert.deepEqual(deliveries, []);
    assert.ok(log.lines.every(({ fields }) => fields["outcome"] === "refused"));
  });

  test("T48: an unknown event is acknowledged and means nothing", async (t) => {
    const { origin, deliveries } = await startWebServer(t);
    for (const event of ["ping", "constructor", "star_of_tomorrow"]) {
      assert.equal((await fetch(origin + PATH, makeDelivery("{}", { "x-github-event": event }))).status, 202);
    }
    assert.deepEqual(
      deliveries.map(({ intents }) => intents),
      [[], [], []],
    );
  });

  test("T50: what could not be stored is not acknowledged, and the reason holds no secret", async (t) => {
    const token = `ghs_${"x".repeat(36)}`;
    const { origin, log } = await startWebServer(t, {
      intake: {
        receive: () => Promise.reject(new Fault(`the database is away, says ${token}`, { isRetryable: true })),
      },
    });
    assert.equal((await fetch(origin + PATH, makeDelivery(PULL_REQUEST))).status, 503);
    assert.deepEqual(
      log.lines.map(({ level, fields }) => [level, fields["outcome"], fields["repository"]]),
      [["error", "not-stored", "shop/deploy"]],
    );
    assert.doesNotMatch(JSON.stringify(log.lines), /ghs_x/u);
  });

  test("T50: storage that takes too long is answered 503 in time", async (t) => {
    const { origin } = await startWebServer(t, {
      intake: { receive: () => new Promise(() => undefined) },
      limits: { intakeMilliseconds: 100 },
    });
    assert.equal((await fetch(origin + PATH, makeDelivery(PULL_REQUEST))).status, 503);
  });

  test("a defect in reading ends as 500, once, and the server goes on", async (t) => {
    let isBroken = true;
    const { origin } = await startWebServer(t, {
      readDelivery: ({ id, event }) => {
        if (isBroken) throw new TypeError("a defect");
        return { id, event, action: undefined, installationId: undefined, intents: [] };
      },
    });
    assert.equal((await fetch(origin + PATH, makeDelivery("{}"))).status, 500);
    isBroken = false;
    assert.equal((await fetch(origin + PATH, makeDelivery("{}"))).status, 202);
  });

  test("CVE-2023-50728: no bytes, headers or JSON bring the server down", async (t) => {
    const { origin } = await startWebServer(t, { limits: { bodyMilliseconds: 300 } });
    const header = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) });
    const names = fc.constantFrom("content-type", "x-github-delivery", "x-github-event", "x-hub-signature-256");
    const events = fc.constantFrom("pull_request", "push", "check_run", "issue_comment", "installation", "merge_group");
    const property = fc.asyncProperty(
      fc.jsonValue(),
      fc.dictionary(names, header),
      events,
      async (json, odd, event) => {
        const headers = { "x-github-event": event, ...odd };
        const response = await fetch(origin + PATH, makeDelivery(JSON.stringify(json), headers));
        assert.ok(response.status < 500, `${response.status}`);
        await response.text();
      },
    );
    await fc.assert(property, { numRuns: 150 });
    const bytes = fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), (noise) => sendBytes(origin, noise));
    await fc.assert(bytes, { numRuns: 60 });
    await sendBytes(origin, Buffer.from(`POST ${PATH} HTTP/1.1\r\nHost: [\r\nContent-Length: 5\r\n\r\nab`));
    await sendBytes(origin, Buffer.from("GET http://%/%ff%c0 HTTP/1.1\r\nHost: a b\r\n\r\n"));
    assert.equal((await fetch(`${origin}/healthz`)).status, 200);
    assert.equal((await fetch(origin + PATH, makeDelivery(PULL_REQUEST))).status, 202);
  });
});

/** Sends a body without telling `fetch` its length; with `isWhole` false it never ends. Gives the status. */
function postInPieces(
  origin: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  isWhole = true,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(origin + PATH, {
      method: "POST",
      headers: { ...makeDelivery("").headers, ...headers },
    });
    sent.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject);
    if (isWhole) sent.end(body);
    else sent.write(body);
  });
}

function sendBytes(origin: string, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(origin).port), "127.0.0.1", () => socket.end(bytes));
    socket.resume();
    socket.on("error", () => undefined).on("close", () => resolve());
  });
}
