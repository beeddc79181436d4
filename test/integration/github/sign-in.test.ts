import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { convertManifest, createSignIn } from "../../../src/github/index.ts";
import { Fault, RefusedFault } from "../../../src/model/index.ts";
import type { SignIn } from "../../../src/web/ports.ts";
import { startScriptedGitHub, type ScriptedGitHub } from "./scripted-github.ts";

const ANSWER = { code: "c0de", verifier: "v".repeat(43), redirect: "https://drydock.example/back" };
const REVOKE = "DELETE /applications/Iv1.abc/token";
const EXCHANGE = "POST /login/oauth/access_token";

function signIn(github: ScriptedGitHub, onNotRevoked?: (cause: unknown) => void): SignIn {
  return createSignIn({
    addresses: { api: github.origin, web: github.origin },
    clientId: "Iv1.abc",
    clientSecret: "client-secret-value",
    now: Date.now,
    ...(onNotRevoked === undefined ? {} : { onNotRevoked }),
  });
}

describe("sign-in", () => {
  it("asks with state and an S256 challenge, and shows no secret", async (test) => {
    const github = await startScriptedGitHub(test, {});
    const request = { state: "st&te", challenge: "chall", redirect: "https://drydock.example/back?a=b" };
    const url = new URL(signIn(github).authorizeUrl(request));
    assert.equal(url.origin + url.pathname, `${github.origin}/login/oauth/authorize`);
    assert.deepEqual(Object.fromEntries(url.searchParams), {
      client_id: "Iv1.abc",
      redirect_uri: "https://drydock.example/back?a=b",
      state: "st&te",
      code_challenge: "chall",
      code_challenge_method: "S256",
      allow_signup: "false",
    });
  });

  it("says who it is and revokes the user's token", async (test) => {
    const github = await startScriptedGitHub(test, {
      [EXCHANGE]: { body: { access_token: "ghu_secret", token_type: "bearer", scope: "" } },
      "GET /user": { body: { id: 5, login: "ann", type: "User", email: "ann@acme.example" } },
      [REVOKE]: { status: 204 },
    });
    assert.deepEqual(await signIn(github).identify(ANSWER), { id: 5, login: "ann", type: "User" });
    assert.deepEqual(github.lines(), [EXCHANGE, "GET /user", REVOKE]);
    const [exchange, user, revoke] = github.asked;
    assert.deepEqual(exchange?.body, {
      client_id: "Iv1.abc",
      client_secret: "client-secret-value",
      code: "c0de",
      redirect_uri: "https://drydock.example/back",
      code_verifier: "v".repeat(43),
    });
    assert.equal(exchange.headers["accept"], "application/json");
    assert.equal(user?.headers["authorization"], "Bearer ghu_secret");
    assert.deepEqual(revoke?.body, { access_token: "ghu_secret" });
    const basic = Buffer.from("Iv1.abc:client-secret-value").toString("base64");
    assert.equal(revoke.headers["authorization"], `Basic ${basic}`);
  });

  it("revokes the token also when GitHub does not say who it is", async (test) => {
    const github = await startScriptedGitHub(test, {
      [EXCHANGE]: { body: { access_token: "ghu_secret" } },
      "GET /user": { status: 503 },
      [REVOKE]: { status: 204 },
    });
    await assert.rejects(
      signIn(github).identify(ANSWER),
      (fault: unknown) => fault instanceof Fault && fault.isRetryable,
    );
    assert.equal(github.lines().at(-1), REVOKE);
  });

  it("lets somebody in whose token could not be revoked, and tells", async (test) => {
    const causes: unknown[] = [];
    const github = await startScriptedGitHub(test, {
      [EXCHANGE]: { body: { access_token: "ghu_secret" } },
      "GET /user": { body: { id: 5, login: "ann", type: "User" } },
      [REVOKE]: { status: 500 },
    });
    assert.equal((await signIn(github, (cause) => void causes.push(cause)).identify(ANSWER)).id, 5);
    assert.equal(causes.length, 1);
    assert.doesNotMatch(inspect(causes, { depth: 20 }), /ghu_secret|client-secret-value/u);
  });

  it("refuses a code that GitHub does not accept", async (test) => {
    const github = await startScriptedGitHub(test, {
      [EXCHANGE]: { body: { error: "bad_verification_code", error_description: "The code is incorrect or expired." } },
    });
    await assert.rejects(signIn(github).identify(ANSWER), RefusedFault);
    assert.deepEqual(github.lines(), [EXCHANGE]);
  });
});

describe("the manifest flow", () => {
  it("exchanges the code for the App and its secrets", async (test) => {
    const github = await startScriptedGitHub(test, {
      "POST /app-manifests/abc-1/conversions": {
        status: 201,
        body: {
          id: 12,
          slug: "drydock-acme",
          html_url: "https://github.example/apps/drydock-acme",
          client_id: "Iv1.x",
          client_secret: "cs",
          webhook_secret: "ws",
          pem: "-----BEGIN RSA PRIVATE KEY-----",
        },
      },
      "POST /app-manifests/used/conversions": { status: 404, body: { message: "Not Found" } },
    });
    const options = { addresses: { api: github.origin }, now: Date.now };
    assert.deepEqual(await convertManifest("abc-1", options), {
      appId: 12,
      slug: "drydock-acme",
      htmlUrl: "https://github.example/apps/drydock-acme",
      clientId: "Iv1.x",
      clientSecret: "cs",
      webhookSecret: "ws",
      privateKey: "-----BEGIN RSA PRIVATE KEY-----",
    });
    assert.equal(github.asked[0]?.headers["authorization"], undefined);
    await assert.rejects(convertManifest("used", options), RefusedFault);
    await assert.rejects(convertManifest("../../app", options), RefusedFault);
    assert.equal(github.asked.length, 2);
  });
});
