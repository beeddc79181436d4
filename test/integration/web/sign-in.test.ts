import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import fc from "fast-check";
import { toOwnPath } from "../../../src/web/own-path.ts";
import { createSealedBox } from "../../../src/web/sealed-box.ts";
import { READER, signInAs, startWebServer } from "../../fakes/web-server.ts";

/** Asks without following and gives what a browser would act on. */
async function visit(
  url: string,
  cookie = "",
  init: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> } = {},
) {
  const response = await fetch(url, { redirect: "manual", ...init, headers: { cookie, ...init.headers } });
  await response.text();
  const cookies = response.headers.getSetCookie();
  return { status: response.status, location: response.headers.get("location") ?? "", cookies };
}

/** What a browser would send back. */
function pairOf(cookies: readonly string[], name: string): string {
  return cookies.find((each) => each.startsWith(`${name}=`))?.split(";", 1)[0] ?? "";
}

async function begin(origin: string, to = "/shop/deploy/pull/12") {
  const started = await visit(`${origin}/sign-in?to=${encodeURIComponent(to)}`);
  const query = new URL(started.location).searchParams;
  const cookie = pairOf(started.cookies, "drydock-sign-in");
  return { ...started, cookie, state: query.get("state") ?? "", challenge: query.get("challenge") ?? "", query };
}

describe("signing in with GitHub", () => {
  test("leads to GitHub with state and challenge, and back to the page with a session of which only a digest is kept", async (t) => {
    const { origin, records, signIn } = await startWebServer(t);
    const { status, cookies, cookie, state, challenge, query } = await begin(origin);
    assert.equal(status, 302);
    assert.equal(query.get("redirect"), "http://drydock.example/sign-in/callback");
    assert.match(cookies[0] ?? "", /; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/u);
    assert.ok(!(cookies[0] ?? "").includes(state), "the cookie is sealed");

    const done = await visit(`${origin}/sign-in/callback?code=good&state=${state}`, cookie);
    assert.deepEqual([done.status, done.location], [303, "/shop/deploy/pull/12"]);
    const [verifier = ""] = signIn.verifiers;
    assert.equal(createHash("sha256").update(verifier).digest("base64url"), challenge);
    const session = pairOf(done.cookies, "drydock-session");
    const id = session.split("=")[1] ?? "";
    assert.equal(Buffer.from(id, "base64url").length, 32);
    assert.deepEqual([...records.sessions.keys()], [createHash("sha256").update(id).digest("hex")]);
    assert.match(
      done.cookies.join("\n"),
      /^drydock-session=[\w-]{43}; Max-Age=28800; Path=\/; HttpOnly; SameSite=Lax$/mu,
    );
    assert.match(done.cookies.join("\n"), /^drydock-sign-in=; Max-Age=0;/mu);
    const home = await (await fetch(origin, { headers: { cookie: session } })).text();
    assert.match(home, /Signed in as <strong>ada<\/strong>/u);
  });

  test("with https, cookies belong to this host and travel encrypted", async (t) => {
    const { origin } = await startWebServer(t, { config: { PUBLIC_URL: "https://drydock.example" } });
    const { cookies } = await visit(`${origin}/sign-in`);
    assert.match(cookies[0] ?? "", /^__Host-drydock-sign-in=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/u);
  });

  test("another state, another browser, a used or late answer and GitHub's refusals sign nobody in", async (t) => {
    let now = 5_000_000;
    const { origin, records, signIn } = await startWebServer(t, { now: () => now });
    const { cookie, state } = await begin(origin);
    const other = await begin(origin);
    const ask = async (query: string, sent: string): Promise<string> =>
      (await visit(`${origin}/sign-in/callback?${query}`, sent)).location;
    assert.equal(await ask(`code=good&state=${other.state}`, cookie), "/sign-in/failed?why=expired");
    assert.equal(await ask("code=good", cookie), "/sign-in/failed?why=expired");
    assert.equal(await ask(`code=good&state=${state}`, ""), "/sign-in/failed?why=expired");
    assert.equal(await ask(`code=good&state=${state}`, `${cookie}x`), "/sign-in/failed?why=expired");
    assert.equal(await ask(`error=access_denied&state=${state}`, cookie), "/sign-in/failed?why=cancelled");
    assert.deepEqual(signIn.verifiers, [], "GitHub was not even asked");
    assert.equal(await ask(`code=bad&state=${state}`, cookie), "/sign-in/failed?why=away");
    now += 600_001;
    assert.equal(await ask(`code=good&state=${state}`, cookie), "/sign-in/failed?why=expired");
    assert.equal(records.sessions.size, 0);
    const page = await (await fetch(`${origin}/sign-in/failed?why=%3Cscript%3E`)).text();
    assert.doesNotMatch(page, /<script>/u);
  });

  test("answers that are made up ask GitHub a few at a time, whoever sends them", async (t) => {
    let asked = 0;
    const held = Promise.withResolvers<never>();
    held.promise.catch(() => undefined);
    const signIn = {
      authorizeUrl: ({ state }: { readonly state: string }) => `https://github.example/?state=${state}`,
      identify: () => {
        asked += 1;
        return held.promise;
      },
    };
    const { origin } = await startWebServer(t, { signIn });
    const { cookie, state } = await begin(origin);
    const refused = Promise.withResolvers<undefined>();
    let ended = 0;
    const come = async (): Promise<string> => {
      const { location } = await visit(`${origin}/sign-in/callback?code=x&state=${state}`, cookie);
      if (++ended === 20) refused.resolve(undefined);
      return location;
    };
    const all = Array.from({ length: 30 }, come);
    await refused.promise;
    assert.equal(asked, 10);
    held.reject(new Error("not accepted"));
    assert.deepEqual(new Set(await Promise.all(all)), new Set(["/sign-in/failed?why=away"]));
    await come();
    assert.equal(asked, 11, "and then again");
  });

  test("a new sign-in ends the session before it", async (t) => {
    const { origin, records } = await startWebServer(t);
    const old = signInAs(records, READER);
    const { cookie, state } = await begin(origin);
    await visit(`${origin}/sign-in/callback?code=good&state=${state}`, `${cookie}; ${old}`);
    assert.equal(records.sessions.size, 1);
    assert.match(await (await fetch(origin, { headers: { cookie: old } })).text(), /Sign in/u);
  });

  test("signing out is a form of our own pages", async (t) => {
    const { origin, records } = await startWebServer(t);
    const cookie = signInAs(records, READER);
    const post = async (headers: Record<string, string>): Promise<number> =>
      (await visit(`${origin}/sign-out`, cookie, { method: "POST", headers })).status;
    for (const headers of [
      { "sec-fetch-site": "cross-site", origin: "https://evil.example" },
      { "sec-fetch-site": "same-site", origin: "https://other.drydock.example" },
      { origin: "https://evil.example" },
      { "sec-fetch-site": "none" },
      {},
    ]) {
      assert.equal(await post(headers), 403, JSON.stringify(headers));
    }
    assert.equal((await visit(`${origin}/sign-out`, cookie)).status, 404, "a link signs nobody out");
    assert.equal(records.sessions.size, 1);
    assert.equal(await post({ "sec-fetch-site": "same-origin", origin: "null" }), 303);
    assert.equal(records.sessions.size, 0);
  });

  test("without a client id there is a word on what is missing, and no way in", async (t) => {
    const { origin } = await startWebServer(t, { signIn: undefined });
    const response = await fetch(`${origin}/sign-in`);
    assert.equal(response.status, 503);
    assert.match(await response.text(), /CLIENT_ID/u);
    assert.equal((await fetch(`${origin}/shop/deploy/pull/12`)).status, 404);
  });

  test("the way back never leads elsewhere", () => {
    for (const to of [
      "https://evil.example",
      "//evil.example",
      "/\\evil.example",
      "/.//evil.example",
      "/x/..//evil.example",
      "/%2e//evil.example",
      "/\t/evil.example",
      "javascript:alert(1)",
      "/sign-in?to=/",
      "",
      undefined,
      `/${"x".repeat(2000)}`,
    ]) {
      assert.equal(toOwnPath(to), "/", to);
    }
    assert.equal(toOwnPath("/shop/deploy/pull/12?x=1"), "/shop/deploy/pull/12?x=1");
    const texts = fc.string({
      unit: fc.constantFrom("/", "\\", ".", "%2e", "%2f", "a", ":", "@", "\t", "\n", "?", "#"),
    });
    fc.assert(
      fc.property(texts, (text) => {
        const path = toOwnPath(`/${text}`);
        assert.equal(new URL(path, "https://drydock.example").origin, "https://drydock.example");
        assert.equal(new URL(path, "https://drydock.example/a/b").href, `https://drydock.example${path}`);
      }),
    );
  });

  test("a sealed box opens with its own secret and purpose alone", () => {
    const box = createSealedBox("secret", "one", randomBytes);
    const sealed = box.seal("grüße");
    assert.equal(box.open(sealed), "grüße");
    assert.equal(createSealedBox("secret", "two", randomBytes).open(sealed), undefined);
    assert.equal(createSealedBox("other", "one", randomBytes).open(sealed), undefined);
    for (const text of ["", "x", sealed.slice(0, -2), `A${sealed.slice(1)}x`]) assert.equal(box.open(text), undefined);
  });
});
