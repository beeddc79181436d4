import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createBatchReader, type BatchAnswer } from "../../../src/git/batch-reader.ts";

const ID = "0123456789abcdef0123456789abcdef01234567";

function readAll(chunks: readonly Buffer[], wants: readonly boolean[], bound = 1000): BatchAnswer[] {
  const answers: BatchAnswer[] = [];
  const reader = createBatchReader(
    () => wants[answers.length] ?? false,
    bound,
    (answer) => answers.push(answer),
  );
  for (const chunk of chunks) reader.push(chunk);
  return answers;
}

test("objects, infos and missing ones come in the order asked, however the stream is cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.uint8Array({ maxLength: 30 }), fc.constantFrom("info", "missing", "ambiguous")), {
        maxLength: 12,
      }),
      fc.array(fc.nat(400), { maxLength: 20 }),
      (items, cuts) => {
        const stream = Buffer.concat(
          items.map((item) => {
            if (item === "info") return Buffer.from(`${ID} tree 7\n`);
            if (typeof item === "string") return Buffer.from(`a b c ${item}\n`);
            return Buffer.concat([Buffer.from(`${ID} blob ${item.length}\n`), item, Buffer.from("\n")]);
          }),
        );
        const places = [...new Set([0, ...cuts.filter((cut) => cut < stream.length), stream.length])].sort(
          (a, b) => a - b,
        );
        const chunks = places.slice(1).map((end, index) => stream.subarray(places[index], end));
        const answers = readAll(
          chunks,
          items.map((item) => item !== "info"),
        );
        const seen = answers.map((answer) => (answer.kind === "object" ? [...answer.content] : answer.kind));
        const expected = items.map((item) =>
          typeof item !== "string" ? [...item] : item === "info" ? "info" : "missing",
        );
        assert.deepEqual(seen, expected);
      },
    ),
  );
});

test("an object above the bound is passed over and the next one is read", () => {
  const stream = Buffer.from(`${ID} blob 12\ntwelve bytes\n${ID} blob 2\nok\n`);
  for (const size of [1, 7, stream.length]) {
    const chunks = Array.from({ length: Math.ceil(stream.length / size) }, (_, index) =>
      stream.subarray(index * size, (index + 1) * size),
    );
    const [first, second] = readAll(chunks, [true, true], 11);
    assert.deepEqual(first, { kind: "too-large", id: ID, size: 12 });
    assert.equal(second?.kind === "object" && second.content.toString(), "ok");
  }
});
