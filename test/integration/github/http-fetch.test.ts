import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { createFetch } from "../../../src/github/index.ts";
import { startServer } from "../../fakes/http-server.ts";

describe("createFetch", () => {
  it("unpacks what comes packed, and follows no redirect", async (test) => {
    const { origin } = await startServer(test, {
      "/packed": (_request, response) => {
        response.setHeader("content-encoding", "gzip");
        response.end(gzipSync("some text"));
      },
      "/moved": (_request, response) => response.writeHead(302, { location: "/packed" }).end(),
      "/unchanged": (_request, response) => response.writeHead(304, { etag: '"1"' }).end(),
    });
    const fetch = createFetch();
    assert.equal(await (await fetch(`${origin}/packed`)).text(), "some text");
    assert.equal((await fetch(`${origin}/moved`)).status, 302);
    const unchanged = await fetch(`${origin}/unchanged`);
    assert.deepEqual([unchanged.status, unchanged.headers.get("etag")], [304, '"1"']);
  });

  it("refuses an answer beyond 32 MiB, packed or not", async (test) => {
    const large = gzipSync(Buffer.alloc(33 * 1024 * 1024));
    const { origin } = await startServer(test, {
      "/bomb": (_request, response) => {
        response.setHeader("content-encoding", "gzip");
        response.end(large);
      },
    });
    await assert.rejects(createFetch()(`${origin}/bomb`), /32 MiB/u);
  });

  it("rejects when the answer breaks off, packed or not, and when the signal says so", async (test) => {
    const { origin } = await startServer(test, {
      "/half": (_request, response) => {
        response.writeHead(200, { "content-length": "100" });
        response.write("half", () => response.destroy());
      },
      "/half-packed": (_request, response) => {
        response.writeHead(200, { "content-encoding": "gzip", "content-length": "1000" });
        response.write(gzipSync("x".repeat(1000)).subarray(0, 12), () => response.destroy());
      },
      "/never": () => undefined,
    });
    const fetch = createFetch();
    await assert.rejects(fetch(`${origin}/half`));
    await assert.rejects(fetch(`${origin}/half-packed`));
    await assert.rejects(fetch(`${origin}/never`, { signal: AbortSignal.timeout(50) }));
  });

  it("goes through the proxy for https, except to the hosts that need none", async (test) => {
    const tunnels: string[] = [];
    const proxy = createServer();
    proxy.on("connect", (request, socket) => {
      tunnels.push(request.url ?? "");
      socket.end("HTTP/1.1 502 no\r\n\r\n");
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    test.after(() => void proxy.close());
    const { port } = proxy.address() as AddressInfo;
    const fetch = createFetch({
      proxyOf: ({ hostname }) => (hostname === "localhost" ? undefined : `http://127.0.0.1:${port}`),
    });
    await assert.rejects(fetch("https://api.github.example/user"));
    assert.deepEqual(tunnels, ["api.github.example:443"]);
    await assert.rejects(fetch(`https://localhost:${port}/user`));
    assert.equal(tunnels.length, 1);
  });
});
