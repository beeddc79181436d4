import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import { verifySignature } from "../../../src/github/index.ts";

const BODY = Buffer.from('{"zen":"Ünïcode"}');
const sign = (secret: string, algorithm = "sha256"): string =>
  `${algorithm}=${createHmac(algorithm, secret).update(BODY).digest("hex")}`;

describe("T48: verifySignature", () => {
  it("takes GitHub's own example", () => {
    // docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
    const header = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    assert.equal(verifySignature("It's a Secret to Everybody", Buffer.from("Hello, World!"), header), true);
  });

  it("takes either of two secrets while one is exchanged", () => {
    assert.equal(verifySignature(["new", "old"], BODY, sign("old")), true);
    assert.equal(verifySignature(["new", "old"], BODY, sign("new")), true);
    assert.equal(verifySignature(["new"], BODY, sign("old")), false);
  });

  it("refuses everything else", () => {
    const good = sign("secret");
    const headers = [
      undefined,
      "",
      "sha256=",
      good.slice(0, -1),
      `${good}0`,
      ` ${good}`,
      `${good}\n`,
      good.toUpperCase(),
      good.slice("sha256=".length),
      sign("secret", "sha1"),
      `sha256=${"z".repeat(64)}`,
      sign("other"),
    ];
    for (const header of headers) assert.equal(verifySignature("secret", BODY, header), false, header);
    assert.equal(verifySignature("secret", Buffer.from('{"zen":"ünïcode"}'), good), false);
  });

  it("verifies nothing without a secret", () => {
    assert.equal(verifySignature([], BODY, sign("")), false);
    assert.equal(verifySignature("", BODY, sign("")), false);
  });
});
