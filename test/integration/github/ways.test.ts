import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer, request, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { connect, type AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { runGit } from "../../../src/git/index.ts";
import { createFetch } from "../../../src/github/index.ts";
import { remoteEnvironment } from "../../../src/mirror/git-remote.ts";
import { createMirrors } from "../../../src/mirror/index.ts";
import { wayToApi, wayToGit } from "../../../src/ways-to-github.ts";
import { makeDirectory, startGitServer, type GitServer, type ServedRepository } from "../mirror/git-server.ts";

/** A name that only the proxy knows. */
const HOST = "github.test";

/** Of this machine, and not the loopback, which is asked directly whatever is configured. */
const OWN_ADDRESS = Object.values(networkInterfaces())
  .flat()
  .find((known) => known?.family === "IPv4" && !known.internal)?.address;

/** Git asks without credentials first, and goes by what the refusal names. */
const REFUSAL =
  'HTTP/1.1 407 who are you\r\nproxy-authenticate: Basic realm="company"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n';

interface Company {
  readonly server: GitServer;
  readonly repository: ServedRepository;
  readonly base: string;
  /** GitHub's port, API and git on one host; its certificate is of an authority that nobody else knows. */
  readonly port: number;
  readonly caFile: string;
  readonly proxy: string;
  /** What the proxy was told: the line and the headers of each tunnel. */
  readonly tunnels: string[];
  /** What went through them. */
  readonly tunnelled: Buffer[];
}

async function listen(test: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function makeCertificate(test: TestContext): { keyFile: string; caFile: string } {
  const directory = makeDirectory(test);
  const [keyFile, caFile] = [join(directory, "key.pem"), join(directory, "ca.pem")];
  const names = [`DNS:${HOST}`, `DNS:api.${HOST}`, ...(OWN_ADDRESS === undefined ? [] : [`IP:${OWN_ADDRESS}`])];
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
      ...["-subj", "/CN=company", "-addext", `subjectAltName=${names.join(",")}`, "-keyout", keyFile, "-out", caFile],
    ],
    { stdio: "ignore" },
  );
  return { keyFile, caFile };
}

/** GitHub behind TLS of a company, and the company's proxy, which wants to know who asks. */
async function startCompany(test: TestContext): Promise<Company> {
  const server = await startGitServer(test);
  const repository = await server.create("config");
  const base = await repository.push("main", { "a.yaml": "one" });
  const { keyFile, caFile } = makeCertificate(test);
  const github = createHttpsServer({ key: readFileSync(keyFile), cert: readFileSync(caFile) }, (asked, answer) => {
    if (asked.url === "/user") {
      answer.end('{"login":"ada"}');
      return;
    }
    const { method, headers, url = "" } = asked;
    const onward = request(`${server.origin}${url}`, { method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 500, response.headers);
      response.pipe(answer);
    });
    asked.pipe(onward);
  });
  const port = await listen(test, github);
  const tunnels: string[] = [];
  const tunnelled: Buffer[] = [];
  const proxy = createHttpServer();
  proxy.on("connect", (asked, socket) => {
    tunnels.push([asked.url, ...asked.rawHeaders].join(" "));
    socket.on("error", () => undefined);
    if (asked.headers["proxy-authorization"] !== `Basic ${Buffer.from("ada:pass").toString("base64")}`) {
      socket.end(REFUSAL);
      return;
    }
    const onward = connect(port, "127.0.0.1", () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
    onward.on("error", () => undefined).pipe(socket);
    socket.on("data", (bytes: Buffer) => tunnelled.push(bytes)).pipe(onward);
  });
  const proxyPort = await listen(test, proxy);
  return {
    server,
    repository,
    base,
    port,
    caFile,
    proxy: `http://ada:pass@127.0.0.1:${proxyPort}`,
    tunnels,
    tunnelled,
  };
}

interface Configured {
  readonly HTTPS_PROXY?: string | undefined;
  readonly NO_PROXY?: string | undefined;
  readonly NODE_EXTRA_CA_CERTS?: string | undefined;
}

/** Asks the API once, and git for a mirror, as the server does by its configuration. */
async function askBoth(test: TestContext, company: Company, host: string, config: Configured): Promise<void> {
  const { HTTPS_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS } = config;
  const token = await company.server.fetchToken(company.repository.facts);
  const whole = { HTTPS_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS };
  const headers = { authorization: `Bearer ${token}` };
  const answer = await createFetch(wayToApi(whole))(`https://${host}:${company.port}/user`, { headers });
  assert.deepEqual(await answer.json(), { login: "ada" });
  const directory = makeDirectory(test);
  const proxies = { https: HTTPS_PROXY, none: NO_PROXY };
  const git = `https://${host}:${company.port}`;
  const way = wayToGit({ git, proxies, caFile: NODE_EXTRA_CA_CERTS, dataDirectory: directory });
  const mirrors = createMirrors({ directory, way, fetchToken: () => Promise.resolve(token), now: Date.now });
  const { base, repository } = company;
  const mirror = await mirrors.open(repository.facts, { base, head: base, pin: "1" });
  const place = { directory: mirror.directory, objectFormat: "sha1" } as const;
  assert.equal((await runGit(place, ["cat-file", "-p", `${base}:a.yaml`])).stdout.toString(), "one");
  mirror.close();
}

describe("the ways to GitHub's API and to its git", () => {
  it("T56: go through the proxy with the company's authorities; the proxy learns no token", async (t) => {
    const company = await startCompany(t);
    const { proxy, caFile, tunnels, tunnelled, port } = company;
    await askBoth(t, company, HOST, { HTTPS_PROXY: proxy, NODE_EXTRA_CA_CERTS: caFile });
    assert.ok(tunnels.length >= 2);
    assert.ok(tunnels.every((tunnel) => tunnel.startsWith(`${HOST}:${port} `)));
    assert.ok(tunnels.some((tunnel) => /git\//u.test(tunnel)) && tunnels.some((tunnel) => !/git\//u.test(tunnel)));
    const token = await company.server.fetchToken(company.repository.facts);
    const seen = [...tunnels, Buffer.concat(tunnelled).toString("latin1")].join("\n");
    for (const secret of [
      token,
      Buffer.from(`x-access-token:${token}`).toString("base64"),
      "Bearer",
      "authorization:",
    ]) {
      assert.ok(!seen.includes(secret), secret);
    }
  });

  it("go around the proxy where NO_PROXY names the host", { skip: OWN_ADDRESS === undefined }, async (t) => {
    const company = await startCompany(t);
    const { proxy, caFile } = company;
    const config = { HTTPS_PROXY: proxy, NODE_EXTRA_CA_CERTS: caFile };
    await askBoth(t, company, OWN_ADDRESS ?? "", { ...config, NO_PROXY: `other.test,${OWN_ADDRESS ?? ""}` });
    assert.deepEqual(company.tunnels, []);
  });

  it("are chosen by the same rules", () => {
    const proxyOf = (host: string, none: string): (string | undefined)[] => {
      const api = wayToApi({ HTTPS_PROXY: "proxy.test:3128", NO_PROXY: none, NODE_EXTRA_CA_CERTS: undefined });
      const proxies = { https: "proxy.test:3128", none };
      const git = wayToGit({ git: `https://${host}`, proxies, dataDirectory: "unused" });
      return [api.proxyOf?.(new URL(`https://${host}/user`)), git.proxy];
    };
    const through = "http://proxy.test:3128/";
    for (const [host, none, expected] of [
      ["ghe.corp.test", "", through],
      ["ghe.corp.test", "corp.test", undefined],
      ["ghe.corp.test", ".corp.test", undefined],
      ["ghe.corp.test", "notcorp.test", through],
      ["ghe.corp.test", "*", undefined],
      ["10.1.2.3", "10.0.0.0/8", undefined],
      ["localhost:8443", "", undefined],
    ] as const) {
      assert.deepEqual(proxyOf(host, none), [expected, expected], `${host} ${none}`);
    }
  });

  it("end at a certificate of an authority that is not configured", async (t) => {
    const company = await startCompany(t);
    const { proxy, port, repository } = company;
    const config = { HTTPS_PROXY: proxy, NO_PROXY: undefined, NODE_EXTRA_CA_CERTS: undefined };
    await assert.rejects(createFetch(wayToApi(config))(`https://${HOST}:${port}/user`), { code: /CERT|SIGNATURE/u });
    const git = `https://${HOST}:${port}`;
    const way = wayToGit({ git, proxies: { https: proxy }, dataDirectory: "unused" });
    const token = await company.server.fetchToken(repository.facts);
    const place = { directory: repository.entity.directory, objectFormat: "sha1" } as const;
    const asked = runGit(place, ["ls-remote", "origin"], {
      environment: remoteEnvironment(way, `${git}/acme/config.git`, token),
    });
    await assert.rejects(asked, /certificate/u);
    assert.deepEqual(company.server.requests, []);
  });
});
