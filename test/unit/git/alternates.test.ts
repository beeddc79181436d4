import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatAlternates, parseAlternates } from "../../../src/git/alternates.ts";

test("comments and empty lines are no paths; quoted paths are read", () => {
  assert.deepEqual(parseAlternates('# a comment\n\n../other/objects\n"/odd\\nname \\"x\\""\n/plain'), [
    "../other/objects",
    '/odd\nname "x"',
    "/plain",
  ]);
});

test("any path survives being written and read", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^\/[a-z#"\\\n ]*$/u)), (paths) => {
      assert.deepEqual(parseAlternates(formatAlternates(paths)), paths);
    }),
  );
});
