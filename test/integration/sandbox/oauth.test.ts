import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { createOAuth, serveOAuth } from "../../../src/sandbox/oauth/index.ts";
import {
  createApp,
  createOrganization,
  createUser,
  createWorld,
  findUserToken,
  type App,
  type World,
} from "../../../src/sandbox/world/index.ts";

const CALLBACK = "https://drydock.example/auth/callback";
const VERIFIER = "a-verifier-of-at-least-forty-three-characters";
const CHALLENGE = createHash("sha256").update(VERIFIER).digest("base64url");

describe("signing in with the stand-in", () => {
  let server: Server;
  let world: World;
  let app: App;
  let web: string;
  let time = Date.parse("2026-03-01T00:00:00Z");

  before(async () => {
    server = createServer((request, response) => {
      void serveOAuth(oauth, request, response).then((isServed) => {
        if (!isServed) response.writeHead(418).end();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    web = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const addresses = { web, api: `${web}/api/v3`, graphql: `${web}/api/graphql` };
    world = createWorld({ clock: () => time, directory: "/nowhere", addresses });
    const oauth = createOAuth(world);
    const owner = createOrganization(world, createUser(world, "ada"), "acme");
    createUser(world, "<eve>");
    const keys = { privateKey: "unused", publicKey: "unused" };
    app = await createApp(world, owner, "Drydock", { keys, callbackUrls: [CALLBACK, "http://127.0.0.1/auth"] });
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const ask = async (more: Readonly<Record<string, string>>) => {
    const query = new URLSearchParams({ client_id: app.clientId, redirect_uri: CALLBACK, state: "s&1", ...more });
    return await fetch(`${web}/login/oauth/authorize?${query.toString()}`, { redirect: "manual" });
  };
  const leadsTo = async (more: Readonly<Record<string, string>>) => {
    const answer = await ask(more);
    assert.equal(answer.status, 302);
    return new URL(answer.headers.get("location") ?? "");
  };
  const getCode = async (more: Readonly<Record<string, string>> = {}): Promise<string> =>
    (await leadsTo({ as: "ada", ...more })).searchParams.get("code") ?? "";
  const exchange = async (fields: Readonly<Record<string, string>>): Promise<Record<string, unknown>> => {
    const client = { client_id: app.clientId, client_secret: app.clientSecret };
    const answer = await fetch(`${web}/login/oauth/access_token`, {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams({ ...client, ...fields }),
    });
    return (await answer.json()) as Record<string, unknown>;
  };

  it("asks who is there, and leads back with a code and the state", async () => {
    const page = await ask({});
    const text = await page.text();
    assert.equal(page.headers.get("content-security-policy"), "default-src 'none'");
    assert.match(text, /as=ada/u);
    assert.doesNotMatch(text, /<eve>/u);
    const back = await leadsTo({ as: "ada" });
    assert.equal(`${back.origin}${back.pathname}`, CALLBACK);
    assert.equal(back.searchParams.get("state"), "s&1");
    assert.match(back.searchParams.get("code") ?? "", /^[0-9a-f]{20}$/u);
    assert.equal((await leadsTo({ deny: "1" })).searchParams.get("error"), "access_denied");
  });

  it("gives no code to an address that is not registered, and takes any port of this machine", async () => {
    for (const redirect_uri of ["https://evil.example/auth/callback", `${CALLBACK}x`, "https://drydock.example/"]) {
      const back = await leadsTo({ as: "ada", redirect_uri });
      assert.equal(back.host, "drydock.example");
      assert.equal(back.searchParams.get("error"), "redirect_uri_mismatch");
      assert.equal(back.searchParams.get("code"), null);
    }
    const local = await leadsTo({ as: "ada", redirect_uri: "http://127.0.0.1:4711/auth/callback" });
    assert.equal(local.port, "4711");
    assert.notEqual(local.searchParams.get("code"), null);
    assert.equal((await ask({ client_id: "other" })).status, 404);
  });

  it("exchanges a code once, within ten minutes, for who proves to have asked for it", async () => {
    const pkce = { code_challenge: CHALLENGE, code_challenge_method: "S256" };
    const code = await getCode(pkce);
    const answer = await exchange({ code, code_verifier: VERIFIER, redirect_uri: CALLBACK });
    assert.equal(answer["token_type"], "bearer");
    const user = world.accounts.get(findUserToken(world, String(answer["access_token"]))?.userId ?? 0);
    assert.equal(user?.login, "ada");
    const error = async (fields: Readonly<Record<string, string>>): Promise<unknown> =>
      (await exchange(fields))["error"];
    assert.equal(await error({ code, code_verifier: VERIFIER }), "bad_verification_code");
    assert.equal(await error({ code: await getCode(pkce), code_verifier: "wrong" }), "bad_verification_code");
    assert.equal(await error({ code: await getCode(pkce) }), "bad_verification_code");
    assert.equal(await error({ code: await getCode(), redirect_uri: "https://x" }), "redirect_uri_mismatch");
    assert.equal(await error({ code: await getCode(), client_secret: "wrong" }), "incorrect_client_credentials");
    const late = await getCode();
    time += 600_000;
    assert.equal(await error({ code: late }), "bad_verification_code");
    const plain = await leadsTo({ as: "ada", code_challenge: VERIFIER, code_challenge_method: "plain" });
    assert.equal(plain.searchParams.get("error"), "invalid_request");
  });

  it("revokes a token for the App that got it", async () => {
    const token = String((await exchange({ code: await getCode() }))["access_token"]);
    const revoke = async (secret: string, access_token: string): Promise<number> => {
      const authorization = `Basic ${Buffer.from(`${app.clientId}:${secret}`).toString("base64")}`;
      const answer = await fetch(`${web}/api/v3/applications/${app.clientId}/token`, {
        method: "DELETE",
        headers: { authorization, "content-type": "application/json" },
        body: JSON.stringify({ access_token }),
      });
      return answer.status;
    };
    assert.equal(await revoke("wrong", token), 404);
    assert.notEqual(findUserToken(world, token), undefined);
    assert.equal(await revoke(app.clientSecret, token), 204);
    assert.equal(findUserToken(world, token), undefined);
    assert.equal(await revoke(app.clientSecret, token), 404);
    assert.equal((await fetch(`${web}/login`)).status, 418);
  });
});
