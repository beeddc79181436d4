import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { scrubTokens } from "../../../src/model/index.ts";

const SHORT = `ghs_${"A1b2".repeat(9)}`;
const LONG = `ghs_12345_eyJ${"hbGci".repeat(20)}.${"eyJpc3M".repeat(40)}-_.${"Qx9_-z".repeat(20)}`;

describe("T56: scrubTokens", () => {
  const secrets: readonly (readonly [string, string])[] = [
    ["a short installation token", SHORT],
    ["a long installation token with dots", LONG],
    ["a personal token", `ghp_${"x".repeat(36)}`],
    ["a user's token", `ghu_${"x".repeat(36)}`],
    ["a fine-grained token", `github_pat_11ABC_${"y".repeat(59)}`],
    ["a token of an older server", `v1.${"0123456789".repeat(4)}`],
    ["a JWT", `eyJ${"hbGciOi".repeat(3)}.${"eyJpYXQ".repeat(5)}.${"c2ln_-".repeat(20)}`],
    ["a private key", "-----BEGIN RSA PRIVATE KEY-----\nMIIEow+/=\nAbCd\n-----END RSA PRIVATE KEY-----"],
    ["half a private key", "-----BEGIN PRIVATE KEY-----\nMIIEow+/="],
  ];
  for (const [what, secret] of secrets) {
    it(`takes ${what} out of a sentence`, () => {
      assert.equal(scrubTokens(`before ${secret}`), "before [scrubbed]");
      assert.ok(!scrubTokens(`{"token":"${secret}"}`).includes(secret.slice(0, 20)));
    });
  }

  it("takes credentials out of addresses and headers", () => {
    const texts = [
      `https://x-access-token:${SHORT}@github.com/acme/config.git`,
      "https://ann:hunter2hunter2@proxy.example:8080",
      "AUTHORIZATION: basic aHVudGVyMmh1bnRlcjI=",
      "authorization: Bearer hunter2hunter2hunter2",
      '"authorization":"token hunter2hunter2"',
      "http.extraheader=Authorization: Basic aHVudGVyMmh1bnRlcjI=",
      "x-access-token%3Ahunter2hunter2",
      "client_secret=hunter2hunter2&code=1",
    ];
    for (const text of texts) assert.doesNotMatch(scrubTokens(text), /hunter2|aHVudGVy|ghs_A1/u, text);
    assert.match(scrubTokens(texts[0] ?? ""), /github\.com\/acme\/config\.git/u);
  });

  it("takes a token out whatever stands before it", () => {
    for (const [what, secret] of secrets.slice(0, 5)) {
      const shown = secret.slice(4, 24);
      for (const text of [
        JSON.stringify(`git said:\n${secret}`),
        `a=1%26token%3D${secret}`,
        `my_${secret}`,
        `%20${secret}`,
      ]) {
        assert.ok(!scrubTokens(text).includes(shown), `${what} in ${text}`);
      }
    }
  });

  it("takes a JWT out behind an escaped line end", () => {
    const jwt = `eyJ${"hbGciOi".repeat(3)}.${"eyJpYXQ".repeat(5)}.${"c2ln_-".repeat(20)}`;
    for (const text of [JSON.stringify(`key:\n${jwt}`), `a%3D${jwt}`]) assert.doesNotMatch(scrubTokens(text), /c2ln/u);
  });

  it("leaves everything else as it is", () => {
    const texts = [
      "GitHub answered GET /repos/{owner}/{repo} with 404: Not Found",
      `commit ${"a".repeat(40)} on https://github.com/acme/config/pull/3#issuecomment-1`,
      "ghs_ is how such a token begins; ann@acme.example",
      "the bearer of the news",
    ];
    for (const text of texts) assert.equal(scrubTokens(text), text);
  });

  it("takes time in proportion to the text", () => {
    const texts = [
      "ghs_",
      "eyJa",
      "%20eyJa",
      "ghs_abcdefgh ",
      "://a",
      "x-access-token:",
      "authorization: ",
      "-----BEGIN PRIVATE KEY-----",
      "Bearer ",
      "a.-",
    ];
    for (const text of texts) {
      const startedAt = performance.now();
      scrubTokens(text.repeat(20_000));
      assert.ok(performance.now() - startedAt < 1000, text);
    }
  });
});
