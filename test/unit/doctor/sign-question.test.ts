import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import { isOwnQuestion, signQuestion } from "../../../src/doctor/sign-question.ts";

const SECRET = "a secret of the tests";
const NOW = 1_790_000_000_000;
const TARGET = "/doctor/pull?owner=acme&name=config&number=1";

describe("a signed question", () => {
  const header = signQuestion(SECRET, TARGET, NOW);

  it("is taken from whoever has the secret, for two minutes to either side", () => {
    for (const now of [NOW, NOW + 120_000, NOW - 120_000])
      assert.equal(isOwnQuestion(SECRET, TARGET, header, now), true);
    for (const now of [NOW + 120_001, NOW - 120_001]) assert.equal(isOwnQuestion(SECRET, TARGET, header, now), false);
  });

  it("opens no other question, and holds neither the secret nor what GitHub would sign", () => {
    assert.equal(isOwnQuestion(SECRET, "/doctor", header, NOW), false);
    assert.equal(isOwnQuestion("another secret of the tests", TARGET, header, NOW), false);
    assert.equal(isOwnQuestion(SECRET, TARGET, header.replace(String(NOW), String(NOW + 1)), NOW), false);
    assert.ok(!header.includes(SECRET));
    assert.ok(!header.includes(createHmac("sha256", SECRET).update(`${NOW}\n${TARGET}`).digest("hex")));
  });

  for (const [what, text] of [
    ["nothing", undefined],
    ["the empty text", ""],
    ["a time alone", `Drydock ${NOW}.`],
    ["half a signature", header.slice(0, -1)],
    ["a longer one", `${header}0`],
    ["another scheme", header.replace("Drydock", "Bearer")],
    ["a time that is no number", header.replace(/ \d+/u, " Infinity")],
  ] as const) {
    it(`refuses ${what}`, () => assert.equal(isOwnQuestion(SECRET, TARGET, text, NOW), false));
  }
});
