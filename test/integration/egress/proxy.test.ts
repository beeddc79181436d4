import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { createEgress } from "../../../src/egress/index.ts";
import type { FetchedInput } from "../../../src/model/index.ts";

interface FakeProxy {
  /** With credentials in it. */
  readonly address: string;
  /** What it was asked for: `GET http://…`, `CONNECT host:port`. */
  readonly asked: string[];
}

/** A proxy that answers `/old` with a redirect and everything else by itself, and never opens a tunnel. */
async function startProxy(t: TestContext, tunnel: "refused" | "silent" = "refused"): Promise<FakeProxy> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(`${request.method ?? ""} ${request.url ?? ""}`);
    assert.equal(request.headers["proxy-authorization"], `Basic ${btoa("me:hunter2")}`);
    const isOld = request.url?.endsWith("/old") === true;
    if (isOld) response.writeHead(302, { location: "http://other.test/a" }).end();
    else response.end("{}");
  });
  server.on("connect", (request, socket) => {
    asked.push(`CONNECT ${request.url ?? ""}`);
    if (tunnel === "refused") socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    else t.after(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `http://me:hunter2@127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function messageOf(answer: FetchedInput): string {
  if (answer.kind !== "refused") assert.fail(`the answer is ${answer.kind}`);
  assert.doesNotMatch(answer.message, /hunter2/u);
  return answer.message;
}

const resolve = (): never => assert.fail("behind a proxy no name is resolved");

describe("egress behind a proxy", () => {
  it("asks the proxy for an allowed host, and resolves nothing itself", async (t) => {
    const { address, asked } = await startProxy(t);
    const egress = createEgress({ allowedHosts: ["http://schemas.test"], proxies: { http: address }, resolve });
    assert.equal((await egress.fetch("http://schemas.test/a.json")).kind, "found");
    assert.deepEqual(asked, ["GET http://schemas.test/a.json"]);
  });

  it("opens a tunnel for TLS, and says when the proxy does not", async (t) => {
    const { address, asked } = await startProxy(t);
    const egress = createEgress({ allowedHosts: ["schemas.test"], proxies: { https: address }, resolve });
    assert.match(messageOf(await egress.fetch("https://schemas.test/a.json")), /failed \(ERR_PROXY_TUNNEL\)/u);
    assert.deepEqual(asked, ["CONNECT schemas.test:443"]);
  });

  it("gives up on a tunnel that never opens", async (t) => {
    const { address } = await startProxy(t, "silent");
    const bounds = { milliseconds: 200 };
    const egress = createEgress({ allowedHosts: ["schemas.test"], proxies: { https: address }, resolve, bounds });
    assert.match(messageOf(await egress.fetch("https://schemas.test/a")), /no whole answer came within 0\.2 s/u);
  });

  it("T41: holds hosts and redirects to the list all the same", async (t) => {
    const { address, asked } = await startProxy(t);
    const egress = createEgress({ allowedHosts: ["http://schemas.test"], proxies: { http: address }, resolve });
    assert.match(messageOf(await egress.fetch("http://other.test/a")), /not an allowed host/u);
    assert.match(
      messageOf(await egress.fetch("http://schemas.test/old")),
      /redirects, and other\.test is not an allowed/u,
    );
    assert.deepEqual(asked, ["GET http://schemas.test/old"]);
  });

  it("T41: asks no proxy for a private address, even an allowed one", async (t) => {
    const { address, asked } = await startProxy(t);
    const allowedHosts = ["http://10.0.0.1", "http://169.254.169.254"];
    const egress = createEgress({ allowedHosts, proxies: { http: address }, resolve });
    for (const host of allowedHosts)
      assert.match(messageOf(await egress.fetch(`${host}/a`)), /private address.*NO_PROXY/u);
    assert.deepEqual(asked, []);
  });

  it("T41: looks at where a host leads that NO_PROXY names", async (t) => {
    const { address, asked } = await startProxy(t);
    const proxies = { http: address, none: "schemas.test" };
    const lead = () => Promise.resolve([{ address: "10.0.0.1", family: 4 }]);
    const egress = createEgress({ allowedHosts: ["http://schemas.test"], proxies, resolve: lead });
    assert.match(messageOf(await egress.fetch("http://schemas.test/a")), /leads to the private address 10\.0\.0\.1/u);
    assert.deepEqual(asked, []);
  });
});
