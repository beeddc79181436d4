import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { createEgress, type EgressOptions } from "../../../src/egress/index.ts";
import type { FetchedInput } from "../../../src/model/index.ts";
import { startServer, type Answers, type FakeServer } from "../../fakes/http-server.ts";

interface Fetched {
  readonly server: FakeServer;
  readonly answer: FetchedInput;
}

/** Asks a server on this machine, which is allowed, for one path. */
async function fetchFrom(
  t: TestContext,
  answers: Answers,
  path: string,
  options: Partial<EgressOptions> = {},
): Promise<Fetched> {
  const server = await startServer(t, answers);
  const egress = createEgress({ allowedHosts: [server.origin], ...options });
  return { server, answer: await egress.fetch(`${server.origin}${path}`) };
}

function messageOf(answer: FetchedInput): string {
  if (answer.kind !== "refused") assert.fail(`the answer is ${answer.kind}`);
  return answer.message;
}

describe("egress", () => {
  it("fetches from an allowed host, and names the content by its digest", async (t) => {
    const { answer } = await fetchFrom(t, { "/a.json": "{}" }, "/a.json");
    assert.ok(answer.kind === "found");
    assert.equal(Buffer.from(answer.bytes).toString("utf8"), "{}");
    assert.equal(answer.digest, createHash("sha256").update("{}").digest("hex"));
  });

  it("asks an address once, so that both sides of a check get the same answer", async (t) => {
    let count = 0;
    const server = await startServer(t, { "/a": (_request, response) => response.end(String(++count)) });
    const egress = createEgress({ allowedHosts: [server.origin] });
    const [first, second] = await Promise.all([egress.fetch(`${server.origin}/a`), egress.fetch(`${server.origin}/a`)]);
    assert.equal(first, second);
    assert.equal(await egress.fetch(`${server.origin}/a`), first);
    assert.equal(count, 1);
  });

  for (const status of [404, 410]) {
    it(`takes ${status} for "nothing is there"`, async (t) => {
      const { answer } = await fetchFrom(t, { "/a": (_request, response) => response.writeHead(status).end() }, "/a");
      assert.deepEqual(answer, { kind: "absent" });
    });
  }

  for (const status of [204, 304, 401, 403, 429, 500, 503]) {
    it(`takes ${status} for "nobody knows"`, async (t) => {
      const { answer } = await fetchFrom(t, { "/a": (_request, response) => response.writeHead(status).end() }, "/a");
      assert.match(messageOf(answer), new RegExp(`status ${status}`));
    });
  }

  it("T41: does not ask a host that is not allowed, and names the flag", async (t) => {
    const { server, answer } = await fetchFrom(t, { "/a": "{}" }, "/a", { allowedHosts: ["schemas.test"] });
    assert.match(messageOf(answer), new RegExp(`--allow-host http://127\\.0\\.0\\.1:${server.port} allows it`));
    assert.deepEqual(server.asked, []);
  });

  it("T41: asks nothing when nothing is allowed", async (t) => {
    const { server, answer } = await fetchFrom(t, { "/a": "{}" }, "/a", { allowedHosts: [] });
    assert.equal(answer.kind, "refused");
    assert.deepEqual(server.asked, []);
  });

  it("T41: refuses credentials in an address, and does not print them, nor a query", async () => {
    const egress = createEgress({ allowedHosts: ["schemas.test"] });
    for (const address of ["https://me:hunter2@schemas.test/a?token=hunter2", "https://other.test/a?token=hunter2"]) {
      assert.doesNotMatch(messageOf(await egress.fetch(address)), /hunter2/);
    }
  });

  for (const address of ["file:///etc/passwd", "ftp://schemas.test/a", "data:,{}", "schemas/a.json", "https://"]) {
    it(`T41: refuses ${address}`, async () => {
      const egress = createEgress({ allowedHosts: ["schemas.test"] });
      assert.match(messageOf(await egress.fetch(address)), /no http\(s\) address/);
    });
  }

  it("T41: follows a redirect to an allowed host", async (t) => {
    const target = await startServer(t, { "/b": "{}" });
    const { answer } = await fetchFrom(
      t,
      { "/a": (_request, response) => response.writeHead(302, { location: "/c" }).end(), "/c": "{}" },
      "/a",
    );
    assert.equal(answer.kind, "found");
    const moved = await startServer(t, {
      "/a": (_request, response) => response.writeHead(307, { location: `${target.origin}/b` }).end(),
    });
    const egress = createEgress({ allowedHosts: [moved.origin, target.origin] });
    assert.equal((await egress.fetch(`${moved.origin}/a`)).kind, "found");
  });

  it("T41: does not follow a redirect to a host that is not allowed", async (t) => {
    const target = await startServer(t, { "/b": "{}" });
    const redirect: Answers = {
      "/a": (_request, response) => response.writeHead(302, { location: `${target.origin}/b` }).end(),
    };
    const { answer } = await fetchFrom(t, redirect, "/a");
    assert.match(
      messageOf(answer),
      new RegExp(`it redirects, and 127\\.0\\.0\\.1:${target.port} is not an allowed host`),
    );
    assert.deepEqual(target.asked, []);
  });

  it("T41: does not follow a redirect to a cloud's metadata, to a file, or in a circle", async (t) => {
    for (const [location, why] of [
      ["http://169.254.169.254/latest/meta-data", /not an allowed host/],
      ["file:///etc/passwd", /no http\(s\) address/],
      ["/a", /redirects more than 5 times/],
    ] as const) {
      const { answer } = await fetchFrom(
        t,
        { "/a": (_request, response) => response.writeHead(301, { location }).end() },
        "/a",
      );
      assert.match(messageOf(answer), why);
    }
  });

  it("T41: does not connect to a name that leads to this machine", async (t) => {
    const server = await startServer(t, { "/a": "{}" });
    const name = `http://schemas.test:${server.port}`;
    const resolve = () => Promise.resolve([{ address: "127.0.0.1", family: 4 }]);
    const refused = await createEgress({ allowedHosts: [name], resolve }).fetch(`${name}/a`);
    assert.match(messageOf(refused), /private address 127\.0\.0\.1; --allow-host 127\.0\.0\.1 allows that too/);
    assert.deepEqual(server.asked, []);
    const both = createEgress({ allowedHosts: [name, "127.0.0.1"], resolve });
    assert.equal((await both.fetch(`${name}/a`)).kind, "found");
  });

  it("T41: connects to the address it looked at, whatever the name leads to later", async (t) => {
    const server = await startServer(t, { "/a": "{}" });
    const inside = await startServer(t, { "/a": "secret" });
    let count = 0;
    const name = `http://schemas.test:${server.port}`;
    // A second look-up would lead to another address, where nobody listens on this port.
    const resolve = () => Promise.resolve([{ address: count++ === 0 ? "127.0.0.1" : "127.0.0.2", family: 4 }]);
    const egress = createEgress({ allowedHosts: [name, "127.0.0.1"], resolve });
    assert.equal((await egress.fetch(`${name}/a`)).kind, "found");
    assert.equal(count, 1);
    assert.deepEqual(inside.asked, []);
  });

  it("says that a name does not exist, or that nobody listens", async () => {
    const resolve = () => Promise.reject(Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" }));
    const egress = createEgress({ allowedHosts: ["schemas.test", "127.0.0.1:1"], resolve });
    assert.match(messageOf(await egress.fetch("https://schemas.test/a")), /could not be fetched.*ENOTFOUND/);
    assert.match(messageOf(await egress.fetch("https://127.0.0.1:1/a")), /ECONNREFUSED/);
  });

  it("bounds an answer, whether its length is said or not", async (t) => {
    const bounds = { maxBytes: 10 };
    const long = "x".repeat(11);
    const unannounced: Answers[string] = (_request, response) => {
      response.write(long);
      response.end();
    };
    for (const answer of [long, unannounced]) {
      const fetched = await fetchFrom(t, { "/a": answer, "/b": long.slice(1) }, "/a", { bounds });
      assert.match(messageOf(fetched.answer), /larger than/);
    }
    assert.equal((await fetchFrom(t, { "/b": long.slice(1) }, "/b", { bounds })).answer.kind, "found");
  });

  it("refuses a compressed answer, which could be of any size", async (t) => {
    const { answer } = await fetchFrom(
      t,
      { "/a": (_request, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("{}")) },
      "/a",
    );
    assert.match(messageOf(answer), /compressed/);
  });

  it("bounds the time, for a server that is silent, drips, or a name that never resolves", async (t) => {
    const bounds = { milliseconds: 150 };
    const drip: Answers = {
      "/silent": () => undefined,
      "/drip": (_request, response) => {
        const timer = setInterval(() => response.write("x"), 20);
        response.on("close", () => clearInterval(timer));
      },
    };
    for (const path of Object.keys(drip)) {
      const { answer } = await fetchFrom(t, drip, path, { bounds });
      assert.match(messageOf(answer), /no whole answer came within 0\.15 s/);
    }
    const never = createEgress({ allowedHosts: ["a.test"], bounds, resolve: () => new Promise(() => undefined) });
    assert.match(messageOf(await never.fetch("https://a.test/")), /no whole answer/);
  });

  it("bounds the number of addresses", async (t) => {
    const server = await startServer(t, { "/1": "{}", "/2": "{}", "/3": "{}" });
    const egress = createEgress({ allowedHosts: [server.origin], bounds: { maxAddresses: 2 } });
    const kinds = await Promise.all(["/1", "/2", "/3", "/1"].map(async (path) => egress.fetch(server.origin + path)));
    assert.deepEqual(
      kinds.map(({ kind }) => kind),
      ["found", "found", "refused", "found"],
    );
  });
});
