import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { askOverview, askStory } from "../../../src/doctor/ask-server.ts";

const OVERVIEW = {
  webhookPath: "/hook",
  database: "PGlite",
  queues: [],
  oldestWaitingSeconds: 0,
  outgoing: { pending: 0, refused: 0 },
};
const PULL = { owner: "acme", name: "config", number: 1 };

/** Answers on a port of its own while it is asked. */
async function beside<T>(listener: RequestListener, ask: (port: number) => Promise<T>): Promise<T> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await ask((server.address() as AddressInfo).port);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const way = (port: number, host = "127.0.0.1") => ({ host, port, secret: "a secret of the tests", now: Date.now });

describe("asking the running server", () => {
  const rows: readonly (readonly [status: number, body: string, kind: string])[] = [
    [200, JSON.stringify(OVERVIEW), "answered"],
    [200, JSON.stringify({ ...OVERVIEW, database: "MySQL" }), "stranger"],
    [200, "<html>hello", "stranger"],
    [200, "x".repeat(17 * 1024 * 1024), "stranger"],
    [302, "", "stranger"],
    [404, "Not Found", "stranger"],
    [404, '{"known":false}', "stranger"],
    [401, "{}", "refused"],
    [500, "", "failed"],
    [503, "", "failed"],
  ];
  for (const [status, body, kind] of rows) {
    it(`takes ${status} ${body.slice(0, 20)} for ${kind}`, async () => {
      const answer = await beside(
        (_request, response) => response.writeHead(status, { location: "http://127.0.0.1:1/" }).end(body),
        (port) => askOverview(way(port)),
      );
      assert.equal(answer.kind, kind);
    });
  }

  it("sends no secret to whoever listens there, and names are sent as they are", async () => {
    const seen: string[] = [];
    const answer = await beside(
      ({ url = "", headers }, response) => {
        seen.push(url, headers.authorization ?? "");
        response.writeHead(404).end('{"known":false}');
      },
      (port) => askStory(way(port), { ...PULL, name: "a&number=2" }),
    );
    assert.deepEqual(answer, { kind: "answered", value: undefined });
    assert.equal(seen[0], "/doctor/pull?owner=acme&name=a%26number%3D2&number=1");
    assert.match(seen[1] ?? "", /^Drydock \d+\.[0-9a-f]{64}$/u);
  });

  it("asks this machine where the server listens on every address", async () => {
    const answer = await beside(
      (_request, response) => response.end(JSON.stringify(OVERVIEW)),
      (port) => askOverview(way(port, "0.0.0.0")),
    );
    assert.equal(answer.kind, "answered");
    assert.deepEqual(await askOverview(way(1, "::1")), { kind: "away", address: "http://[::1]:1" });
  });

  it("takes a connection that ends without an answer for no server", async () => {
    const answer = await beside(
      (request) => request.socket.destroy(),
      (port) => askOverview(way(port)),
    );
    assert.equal(answer.kind, "away");
  });
});
